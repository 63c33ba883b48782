"""Watches the clocks: a deadline whose time has come lapses, with its consequence, in one transaction; before that
somebody is reminded, on the mornings that its rule names. On a provisional day nothing happens by itself: that waits for
the calendar, and is told."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from services.common.deadlines import Deadline
from services.common.storage.database import Database
from services.common.storage.recounting import Follow, Recounting
from services.common.storage.transaction import SYSTEM, Transaction
from services.common.telemetry import CALENDAR_DAYS_LEFT, DEADLINES_FAILING, DEADLINES_LAPSED, DEADLINES_UNSURE

log = structlog.get_logger()
T = TypeVar("T", bound=Transaction)

POLL_SECONDS = 0.5
LOOK_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Failing:
    """A deadline whose consequence failed so many times, and until when it is passed over (monotonic)."""

    count: int
    until: float


Consequence = Callable[[T, Deadline], Awaitable[None]]


class DeadlineKeeper(Generic[T]):
    """Runs the consequence that the service gives each rule; a rule without one only shows as overdue."""

    def __init__(
        self,
        database: Database[T],
        consequences: Mapping[str, Consequence[T]],
        reminders: Mapping[str, Consequence[T]] | None = None,
        follow: Mapping[str, Follow[T]] | None = None,
    ) -> None:
        """``consequences`` and ``reminders`` by rule, ``follow`` by the type of the aggregate: see ``Recounting``."""
        self.recounting = Recounting(database, follow)
        self._database = database
        self._consequences = dict(consequences)
        self._reminders = dict(reminders or {})
        self._failing: dict[UUID, _Failing] = {}
        self._look_at = 0.0
        self._watch = database.surroundings.watch("deadlines")

    async def run(self) -> None:
        """Until cancelled. A consequence that fails is tried again at the next round and stops no other."""
        await self._watch.rounds(self.keep, POLL_SECONDS)

    async def keep(self) -> None:
        """Lapses every deadline that is due now, and reminds of those that are to be reminded of."""
        await self.recounting.keep_up()
        before = dict(self._failing)
        skip = [each for each, failing in before.items() if time.monotonic() < failing.until]
        waiting = set(skip)
        while await self._one(lambda tx: tx.deadlines.next_due(skip), self._lapse, skip):
            pass
        rules = list(self._reminders)
        while rules and await self._one(lambda tx: tx.deadlines.next_to_remind(rules, skip), self._remind, skip):
            pass
        # What was not met again is done by now, or somebody met it.
        for each, failing in before.items():
            if each not in waiting and self._failing.get(each) is failing:
                del self._failing[each]
        DEADLINES_FAILING.set(len(self._failing))
        if time.monotonic() >= self._look_at:
            await self._look()

    async def _look(self) -> None:
        """What waits for a calendar, and how long the calendars last."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        async with self._database.transaction(SYSTEM) as tx:
            unsure = await tx.deadlines.unsure()
            today = tx.now
        DEADLINES_UNSURE.set(unsure)
        for calendar in self._database.books.rulebook.calendars.values():
            CALENDAR_DAYS_LEFT.labels(calendar.id).set((calendar.coverage_until - today.date()).days)

    async def _one(
        self, find: Callable[[T], Awaitable[Deadline | None]], follow: Consequence[T], skip: list[UUID]
    ) -> bool:
        """One deadline, if one is found; one whose consequence fails is passed over for a while."""
        found: Deadline | None = None
        try:
            async with self._database.transaction(SYSTEM) as tx:
                found = await find(tx)
                if found is None:
                    return False
                await follow(tx, found)
        except Exception as error:
            if found is None or await self._database.surroundings.explain(error):
                raise
            self._fails(found, error)
            skip.append(found.id)
        else:
            self._failing.pop(found.id, None)
        return True

    def _fails(self, found: Deadline, error: Exception) -> None:
        """Tried again at the next round and then at growing distances, up to ten minutes; a fault is told once."""
        failing = self._failing.get(found.id) or _Failing(0, 0.0)
        if not failing.count:
            log.error("deadline_consequence_failed", rule=found.rule, aggregate=str(found.aggregate_id), exc_info=error)
        pause = min(POLL_SECONDS * 2 ** min(failing.count, 12), LONGEST_PAUSE_SECONDS) if failing.count else 0.0
        self._failing[found.id] = _Failing(failing.count + 1, time.monotonic() + pause)

    async def _lapse(self, tx: T, found: Deadline) -> None:
        await tx.deadlines.lapse(found.id)
        if found.rule_id in self._consequences:
            await self._consequences[found.rule_id](tx, found)
        DEADLINES_LAPSED.labels(found.rule_id).inc()
        log.warning("deadline_lapsed", rule=found.rule, aggregate=str(found.aggregate_id))

    async def _remind(self, tx: T, found: Deadline) -> None:
        await self._reminders[found.rule_id](tx, found)
        await tx.deadlines.reminded(found)
