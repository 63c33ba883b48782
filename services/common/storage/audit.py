"""Whether the log of a service holds, and whether every aggregate is what its log says.

Everything is read in one snapshot, read only, as a stream: a suite that goes on writing gives no false alarm, and a long
log needs no more memory than a short one. A finding names the place and never what stands there.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

import asyncpg

from services.common.storage.content import Kind
from services.common.storage.event_log import GENESIS, chained_hash
from services.common.storage.held import Held, HeldAggregates
from services.common.storage.received import Received

ROWS = 5_000
"""Rows of the log that are fetched at a time."""
AGGREGATES = 500
"""Aggregates that are looked up at a time."""


class Fault(Enum):
    """What can be wrong at one place of a log."""

    EVENT_CHANGED = "the event is not what its hash says"
    EVENT_MISPLACED = "the event does not follow the one before it"
    VERSION_MISSING = "an event is missing here, or is there twice"
    EVENT_UNREADABLE = "the event is of no known type, or is no message of its type"
    TAIL_MISSING = "the log and its aggregate end at different events"
    CONTENT_CHANGED = "the aggregate is not what its log says"
    AGGREGATE_MISSING = "there is a log, and no aggregate"
    LOG_MISSING = "there is an aggregate, and no log"
    EVENT_DENIED = "another service received this event, which the log does not have so"


@dataclass(frozen=True, slots=True)
class Finding:
    """``aggregate`` is ``type/id``; ``version`` that of the event, of an aggregate that is changed its last."""

    aggregate: str
    version: int
    fault: Fault


@dataclass(slots=True)
class Report:
    """What was found in one service."""

    service: str
    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    aggregates: int = 0
    received: int = 0
    """Events that other services say they received from this one, and that were looked up."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Audited:
    """What a service's log is held against: its kinds of aggregates, and whether a payload is a message of its type."""

    kinds: Sequence[Kind]
    reads: Callable[[str, bytes], bool]


@dataclass(slots=True)
class _Log:
    """The log of one aggregate, as far as it was read."""

    collection: str
    id: UUID
    version: int = 0
    head: bytes = GENESIS
    content: bytes = b""
    broken: bool = False

    def read(self, row: Mapping[str, Any], reads: Callable[[str, bytes], bool]) -> Fault | None:
        """Goes on by one event. One fault is enough of an aggregate: what follows it would all be one too."""
        fault = None if self.broken else self._fault(row, reads)
        self.broken = self.broken or fault is not None
        self.version, self.head, self.content = row["version"], row["hash"], row["content_digest"]
        return fault

    def _fault(self, row: Mapping[str, Any], reads: Callable[[str, bytes], bool]) -> Fault | None:
        if row["version"] != self.version + 1:
            return Fault.VERSION_MISSING
        if row["previous_hash"] != self.head or row["aggregate_type"] != self.collection:
            return Fault.EVENT_MISPLACED
        if chained_hash(self.head, row) != row["hash"]:
            return Fault.EVENT_CHANGED
        return None if reads(row["type"], row["payload"]) else Fault.EVENT_UNREADABLE


class Audit:
    """One look through a service's database. ``connection`` sees all rows and is used for nothing else meanwhile."""

    def __init__(self, service: str, connection: asyncpg.Connection, audited: Audited) -> None:
        self._report = Report(service)
        self._connection = connection
        self._audited = audited
        self._held = {kind.collection: HeldAggregates(connection, kind) for kind in audited.kinds}

    async def run(self, received: Iterable[Received] = ()) -> Report:
        """``received``: what other services say they received from this one, before the snapshot was taken."""
        began = time.perf_counter()
        log: list[_Log] = []
        async for each in self._logs():
            log.append(each)
            if len(log) == AGGREGATES:
                await self._compare(log)
                log = []
        await self._compare(log)
        for held in self._held.values():
            for id, version in await held.without_log():
                self._found(held.collection, id, version, Fault.LOG_MISSING)
        await self._look_up(received)
        self._report.seconds = time.perf_counter() - began
        return self._report

    async def _logs(self) -> AsyncIterator[_Log]:
        """The log aggregate by aggregate, each read to its end."""
        log: _Log | None = None
        cursor = await self._connection.cursor("SELECT * FROM event_log ORDER BY aggregate_id, version")
        while rows := await cursor.fetch(ROWS):
            for row in rows:
                if log is None or log.id != row["aggregate_id"]:
                    if log is not None:
                        yield log
                    log = _Log(row["aggregate_type"], row["aggregate_id"])
                if fault := log.read(dict(row), self._audited.reads):
                    self._found(log.collection, log.id, row["version"], fault)
            self._report.events += len(rows)
        if log is not None:
            yield log

    async def _compare(self, logs: Sequence[_Log]) -> None:
        self._report.aggregates += len(logs)
        for collection in {log.collection for log in logs}:
            of_kind = [log for log in logs if log.collection == collection]
            held = self._held.get(collection)
            known = await held.of_ids([log.id for log in of_kind]) if held else {}
            for log in of_kind:
                if fault := _differs(log, known.get(log.id)):
                    self._found(collection, log.id, log.version, fault)

    async def _look_up(self, received: Iterable[Received]) -> None:
        for each in received:
            self._report.received += len(each.hashes)
            query = "SELECT event_id, hash FROM event_log WHERE event_id = ANY($1)"
            known = {row["event_id"]: row["hash"] for row in await self._connection.fetch(query, list(each.hashes))}
            for event, hash in each.hashes.items():
                if known.get(event) != hash:
                    self._found(f"events received by {each.by}", event, 0, Fault.EVENT_DENIED)

    def _found(self, collection: str, id: UUID, version: int, fault: Fault) -> None:
        self._report.findings.append(Finding(f"{collection}/{id}", version, fault))


def _differs(log: _Log, held: Held | None) -> Fault | None:
    if held is None:
        return Fault.AGGREGATE_MISSING
    if (held.version, held.head) != (log.version, log.head):
        return None if log.broken else Fault.TAIL_MISSING
    return None if held.content == log.content else Fault.CONTENT_CHANGED
