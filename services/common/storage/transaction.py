"""One transaction: what a use case is given, and all it can commit.

Leaving it cleanly commits the aggregates, their events in the log and the outbox, the jobs and deadlines and the stored
reply together; any exception leaves nothing. A use case cannot commit.
"""

import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy import Connection, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.events import Aggregate, DomainEvent
from services.common.kernel.ids import derived_id, new_id
from services.common.kernel.principal import Principal
from services.common.regimes.loader import RegimeBook
from services.common.storage import flush, jsonb
from services.common.storage.deadlines import Deadlines
from services.common.storage.event_log import chained_hash
from services.common.storage.replies import ALREADY_CLAIMED, Claim, claiming, first_answer
from services.common.traces import context as trace

SYSTEM = Principal(service="system")
"""The named viewer of relay, consumers, jobs and deadlines."""


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """An event as it is kept and sent. ``subject`` is empty for an event that never leaves its service."""

    type: str
    subject: str
    payload: bytes


KEPT = EncodedEvent("state.kept", "", b"")
"""In the log when an aggregate was saved without an event: a step on the way, such as a try that begins."""


class EventEncoder(Protocol):
    """Turns a domain event into its message."""

    def encode(self, event: DomainEvent) -> EncodedEvent: ...


@dataclass(frozen=True, slots=True)
class LawBooks:
    """The rules in force: clocks with their calendars, and regimes."""

    rulebook: RuleBook
    regimes: RegimeBook


class Transaction:
    """The unit of work. Services derive their own with their repositories as attributes.

    ``now`` is the one instant of the transaction, ``caller`` who acts, ``authority`` on what authority (a party's side,
    a representative's power, an organisation's role), as the event log keeps it.
    """

    driver: asyncpg.Connection
    """The driver's side of ``connection``, for fixed statements."""
    wakes_jobs: bool
    """Whether the workers shall look at once, though nothing was queued here."""

    def __init__(self, encoder: EventEncoder, books: LawBooks, now: datetime, caller: Principal) -> None:
        self.rulebook = books.rulebook
        self.regimes = books.regimes
        self.deadlines = Deadlines(self, books.rulebook, now)
        self.now = now
        self.caller = caller
        self.authority = ""
        self._encoder = encoder
        self._log_rows: list[dict[str, Any]] = []
        self._outbox_rows: list[dict[str, Any]] = []
        self._job_rows: list[dict[str, Any]] = []
        self.wakes_jobs = False
        self._answer: dict[str, Any] | None = None
        self.first_answer: bytes | None = None
        self._elevated = False

    @property
    def viewer(self) -> str:
        """What row-level security knows the caller by."""
        return "system" if self.caller.service else self.caller.subject

    @property
    def staff_of(self) -> str:
        """The organisations whose staff the caller is, for row-level security."""
        return ",".join(map(str, self.caller.roles))

    def viewed_by(self) -> dict[str, str]:
        """What row-level security is told of the caller: ids only. Services add to it."""
        return {
            "comity.viewer": self.viewer,
            "comity.organisations": self.staff_of,
            "comity.caller": self.caller.subject,
        }

    async def begin(self, engine: AsyncEngine, pooled: PoolProxiedConnection, asked: Claim | None = None) -> None:
        """Begins, tells row-level security who looks, for this transaction only (unset means no rows), and claims the
        request to serve, in one round trip. ``first_answer`` is what that was answered the first time, if it was.
        """
        self._engine, self._pooled = engine, pooled
        self.driver = pooled.driver_connection  # type: ignore[assignment]
        begun = begin_as(self.viewed_by())
        if asked is None:
            await self.driver.execute(begun)
        elif await self.driver.execute(begun + claiming(asked, self.caller.subject, self.now)) == ALREADY_CLAIMED:
            self.first_answer = await first_answer(self.driver, asked, self.caller.subject)

    def let_go(self) -> None:
        """It is over, and nobody may use it any more. What it holds goes at once: it and its repositories name each other,
        so that all rows they have read would stay until garbage is looked for, and hold everybody up then."""
        vars(self).clear()

    @asynccontextmanager
    async def elevated(self) -> AsyncIterator[None]:
        """Looks as the system viewer for as long as it lasts; may be nested. Who acts, ``caller``, stays who it is.

        The one way past row-level security: for what a decision needs and its caller may not see.
        """
        if self._elevated:
            yield
            return
        await self.driver.execute(_LOOK_AS, "system")
        self._elevated = True
        try:
            yield
        except BaseException:
            with contextlib.suppress(Exception):
                await self.driver.execute(_LOOK_AS, self.viewer)
            raise
        finally:
            self._elevated = False
        await self.driver.execute(_LOOK_AS, self.viewer)

    @cached_property
    def connection(self) -> AsyncConnection:
        """SQLAlchemy's connection, for statements that are composed on the way."""
        return AsyncConnection(self._engine, Connection(self._engine.sync_engine, self._pooled))

    def keep_answer(self, request_id: UUID, response: bytes) -> None:
        """Keeps the answer to the request that this transaction serves."""
        self._answer = {"caller": self.caller.subject, "request_id": request_id, "response": response}

    def new_id(self) -> UUID:
        return new_id()

    def record(self, aggregate: Aggregate, aggregate_type: str, content: bytes) -> None:
        """Takes the aggregate's events into the log and the outbox, and moves its version and head forward.

        ``content`` is the digest of the rows that are written with them (``Kind.digest``). A change that no event tells
        is logged as ``KEPT``, so that the log always says what the rows are.
        """
        events, aggregate.events = aggregate.events, []
        for encoded in map(self._encoder.encode, events) if events else (KEPT,):
            row: dict[str, Any] = {
                "event_id": new_id(),
                "aggregate_type": aggregate_type,
                "aggregate_id": aggregate.id,
                "version": aggregate.version + 1,
                "organisation_id": aggregate.organisation_id,
                "type": encoded.type,
                "payload": encoded.payload,
                "actor": self.caller.subject,
                "authority": self.authority,
                "rule_version": getattr(aggregate, "regime", ""),
                "occur_time": self.now,
                "content_digest": content,
                "previous_hash": aggregate.head,
            }
            row["hash"] = chained_hash(aggregate.head, row)
            aggregate.version, aggregate.head = row["version"], row["hash"]
            self._log_rows.append(row)
            if encoded.subject:
                self._outbox_rows.append(self._outbox_row(encoded, row))

    def mark(self) -> tuple[int, int]:
        """Where log and outbox of this transaction stand."""
        return len(self._log_rows), len(self._outbox_rows)

    def forget_since(self, mark: tuple[int, int]) -> None:
        """Takes back what was recorded since: its row was there already."""
        logged, leaving = mark
        del self._log_rows[logged:], self._outbox_rows[leaving:]

    def enqueue(self, kind: str, payload: dict[str, Any], *, key: str = "", delay: timedelta = timedelta(0)) -> None:
        """Queues a job to run after the commit. With a key the same job is not queued twice while its row is kept
        (``retention``): a handler finds in its aggregate whether there is still something to do.
        """
        self._job_rows.append(
            {
                "id": derived_id(kind, key) if key else new_id(),
                "kind": kind,
                "payload": jsonb.written(payload),
                "run_time": self.now + delay,
                "traceparent": trace.current() or None,
            }
        )

    async def flush(self) -> "Pending":
        """Writes log, outbox, jobs, deadlines and answer; called once, just before the commit."""
        written = {
            "event_log": self._log_rows,
            "outbox": self._outbox_rows,
            "jobs": self._job_rows,
            "deadlines": self.deadlines.waiting,
        }
        if self._answer or any(written.values()):
            text, values = flush.statement(written, self._answer, self.now)
            await self.driver.execute(text, *values)
        return Pending(events=bool(self._outbox_rows), jobs=bool(self._job_rows) or self.wakes_jobs)

    def _outbox_row(self, encoded: EncodedEvent, row: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "ce-id": str(row["event_id"]),
            "ce-type": encoded.subject,
            "ce-source": f"/comity/{encoded.subject.split('.')[1]}",
            "ce-specversion": "1.0",
            "ce-time": self.now.isoformat(),
            "ce-subject": f"{row['aggregate_type']}/{row['aggregate_id']}",
            "ce-aggregateversion": str(row["version"]),
            "ce-eventhash": row["hash"].hex(),
        }
        if traceparent := trace.current():
            headers[trace.EVENT_HEADER] = traceparent
        return {
            "event_id": row["event_id"],
            "subject": encoded.subject,
            "headers": jsonb.written(headers),
            "payload": encoded.payload,
        }


@dataclass(frozen=True, slots=True)
class Pending:
    """What a commit left to be done, so that the right loop is woken."""

    events: bool
    jobs: bool


def begin_as(viewer: dict[str, str]) -> str:
    """BEGIN and the viewer, for one round trip. Values are ids; what could end a literal is refused."""
    for value in viewer.values():
        if not _IDS.fullmatch(value):
            raise ValueError("a viewer is made of ids")
    told = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in viewer.items())
    return f"BEGIN; SELECT {told};"


_LOOK_AS = "SELECT set_config('comity.viewer', $1, true)"
_IDS = re.compile(r"[A-Za-z0-9_,/.-]*")
