"""Keeps the calendars of a replica as its service's database has them, and counts running clocks again when they changed.

At a start as well: the rules folder may say more than when a clock was started. Each clock that ends otherwise is written,
followed by what copied its day and logged in a transaction of its own, so that one that fails stops no other.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import structlog

from services.common.deadlines import Deadline, DeadlineMove, RuleBook, RuleFileError
from services.common.storage import calendar_years
from services.common.storage.calendar_years import LoadedYear
from services.common.storage.database import Database
from services.common.storage.transaction import SYSTEM, LawBooks, Transaction

log = structlog.get_logger()
T = TypeVar("T", bound=Transaction)

Follow = Callable[[T, Deadline, DeadlineMove], Awaitable[None]]
"""What a service does about a clock that moved: copies of the day, an event in the log of whose it is."""

AT_ONCE = 200
AGAIN_SECONDS = 60.0
"""After which a change is looked at once more: a transaction that began before it may have started a clock since."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many clocks end on another day now, and how many on the same for certain."""

    moved: int = 0
    confirmed: int = 0


class Recounting(Generic[T]):
    """``follow``: by the type of the aggregate whose clock it is."""

    def __init__(self, database: Database[T], follow: Mapping[str, Follow[T]] | None = None) -> None:
        self._database = database
        self._follow = dict(follow or {})
        self.shipped: RuleBook = database.books.rulebook
        """As the rules folder has it."""
        self._digests: list[bytes] = []
        self._counted = ""
        self._again_at = 0.0
        self._one = asyncio.Lock()

    async def keep_up(self) -> Recounted:
        """Takes over what was loaded meanwhile, by whichever replica, and counts again if that changed something."""
        async with self._one:
            await self._refresh()
            digest = self._database.books.rulebook.digest
            changed, again = digest != self._counted, 0 < self._again_at <= time.monotonic()
            if not changed and not again:
                return Recounted()
            recounted, failed = await self._recount()
            self._counted = digest
            self._again_at = time.monotonic() + AGAIN_SECONDS if changed or failed else 0.0
            return recounted

    async def _refresh(self) -> None:
        rows = await self._database.system_statement(calendar_years.DIGESTS)
        digests = [bytes(row["digest"]) for row in rows]
        if digests == self._digests:
            return
        async with self._database.transaction(SYSTEM) as tx:
            years = await calendar_years.all_loaded(tx)
        self._digests = [year.digest for year in years]
        self._database.books = LawBooks(self._book(years), self._database.books.regimes)

    def _book(self, years: list[LoadedYear]) -> RuleBook:
        """A year that the rules folder no longer goes together with is left out: its days are provisional again."""
        try:
            return calendar_years.book_with(self.shipped, years)
        except RuleFileError as error:
            log.error("loaded_calendar_unusable", file=error.file, key=error.key, problem=error.problem)
            return self.shipped

    async def _recount(self) -> tuple[Recounted, int]:
        after: UUID | None = UUID(int=0)
        moved = confirmed = failed = 0
        while after is not None:
            async with self._database.transaction(SYSTEM) as tx:
                wanted, after = await tx.deadlines.outdated(after, AT_ONCE)
            for each in wanted:
                try:
                    move = await self._move(each)
                except Exception as error:
                    if await self._database.surroundings.explain(error):
                        raise
                    failed += 1
                    log.error("deadline_not_moved", deadline=str(each), exc_info=error)
                    continue
                moved += bool(move and move.to_another_day)
                confirmed += bool(move and not move.to_another_day)
        return Recounted(moved, confirmed), failed

    async def _move(self, deadline_id: UUID) -> DeadlineMove | None:
        async with self._database.transaction(SYSTEM) as tx:
            found = await tx.deadlines.recount(deadline_id)
            if found is None:
                return None
            deadline, move = found
            if deadline.aggregate_type in self._follow:
                tx.authority = "calendar"
                await self._follow[deadline.aggregate_type](tx, deadline, move)
        log.warning(
            "deadline_moved",
            rule=move.rule,
            aggregate=str(deadline.aggregate_id),
            old=move.old_due_date.isoformat(),
            new=move.due_date.isoformat(),
            provisional=move.provisional,
        )
        return move
