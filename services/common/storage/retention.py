"""How long rows are kept that are of no more use to anybody, and the loop that removes them.

Each round removes in small batches, in transactions of their own, by an index; several replicas at it at once pass over
each other's rows. What a person has to deal with (a failed job, a parked message) is never removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from services.common.settings import ServiceSettings
from services.common.storage.database import Database
from services.common.storage.revocations import KEPT
from services.common.telemetry import ROWS_REMOVED

log = structlog.get_logger()

POLL_SECONDS = 30.0
BATCH = 500


@dataclass(frozen=True, slots=True)
class Removal:
    """``statement`` removes up to $2 rows of before $1 (aware UTC) and says how many it removed."""

    table: str
    statement: str
    age: timedelta


def removal(table: str, column: str, age: timedelta, condition: str = "true", change: str = "") -> Removal:
    """Rows whose time in ``column``, which has an index, is longer ago than the age; with ``change`` (SET ...) they stay
    and lose what it names."""
    verb = f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"  # noqa: S608 - as below
    return Removal(
        table,
        f"""
        WITH removed AS (
            {verb} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {table} WHERE {column} < $1 AND {condition}
                ORDER BY {column} LIMIT $2 FOR UPDATE SKIP LOCKED
            )) RETURNING 1
        )
        SELECT count(*) FROM removed
        """,  # noqa: S608 - names of tables of ours
        age,
    )


def of_the_runtime(settings: ServiceSettings) -> list[Removal]:
    """What every service removes. ``applied_versions`` stays: one row for an aggregate's state, and a parked message may be
    replayed at any time, which must not bring an old state back."""
    return [
        removal("replies", "create_time", _days(settings.keep_answers_days), "body_hash <> ''", FORGOTTEN),
        removal("replies", "create_time", _days(settings.keep_request_ids_days)),
        removal("revocations", "revoke_time", KEPT),
        removal("inbox", "apply_time", _days(settings.keep_inbox_days)),
        removal("jobs", "end_time", _days(settings.keep_jobs_days), "state IN ('DONE', 'RELEASED')"),
        removal("dead_letters", "end_time", _days(settings.keep_dead_letters_days), "state <> 'PARKED'"),
    ]


FORGOTTEN = "response = '', body_hash = ''"
"""An answer is personal data; that its request was made is not. A repeat is refused, never done again (``replies``)."""


def _days(count: int) -> timedelta:
    return timedelta(days=count)


class Maintenance:
    """A loop of the application. ``chores`` are what else a service does by itself in each round."""

    def __init__(
        self, database: Database[Any], removals: Sequence[Removal], chores: Sequence[Callable[[], Awaitable[None]]] = ()
    ) -> None:
        self._database = database
        self._removals = list(removals)
        self._chores = list(chores)
        self._watch = database.surroundings.watch("maintenance")

    async def run(self) -> None:
        """Until cancelled. A round that fails is tried again."""
        await asyncio.sleep(POLL_SECONDS)
        await self._watch.rounds(self.keep, POLL_SECONDS)

    async def keep(self) -> None:
        """One round."""
        for chore in self._chores:
            await chore()
        for each in self._removals:
            await self.remove(each)

    async def remove(self, each: Removal, batch: int = BATCH) -> int:
        """How many rows were removed, ``batch`` at a time."""
        limit, total, removed = self._database.clock.now() - each.age, 0, batch
        while removed == batch:
            ((count,),) = await self._database.system_statement(each.statement, limit, batch)
            removed = int(count)
            total += removed
            ROWS_REMOVED.labels(each.table).inc(removed)
        if total:
            log.info("rows_removed", table=each.table, rows=total)
        return total
