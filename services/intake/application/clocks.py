"""The clocks of matters: who is told when one ends, and the work list by time limit.

No consequence follows by itself from a clock of intake; the law knows none. A lapse is an alert, on a provisional date as
on a sure one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove
from services.common.kernel.errors import not_found
from services.common.regimes import ClockPurpose, RegimeBook
from services.intake.application.access import OFFICERS
from services.intake.application.file_matter import HOUSE_ACCEPT_CLOCK
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.values import Clock

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFilter:
    """Clocks of these organisations that end before ``until``, the earliest first, after the (due time, id) ``after``.

    ``deciding``: the rules by which a decision on acceptance is due; the others run to the end of the matter.
    """

    organisations: list[UUID]
    officer: UUID | None
    until: datetime
    deciding: frozenset[str]
    after: tuple[datetime, UUID] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMatter:
    """A matter with a clock by which something is still to be done."""

    matter: UUID
    number: str
    state: MatterState
    officer: UUID | None
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDueMatters:
    """``days``: how many days ahead to look; 0 for what has lapsed only."""

    organisation: UUID | None
    officer: UUID | None
    days: int


def deciding_clocks(book: RegimeBook) -> frozenset[str]:
    """The rules by which a decision on acceptance is due."""
    return frozenset({HOUSE_ACCEPT_CLOCK, *book.clocks(ClockPurpose.ACCEPT_MATTER)})


def clocks_of(book: RegimeBook) -> frozenset[str]:
    """The rules by which matters run."""
    return deciding_clocks(book) | book.clocks(ClockPurpose.CLOSE_MATTER)


async def deadline_near(tx: "IntakeTransaction", deadline: Deadline) -> None:
    """The officer in charge is told, or every officer while nobody is."""
    matter = await tx.matters.hold(deadline.aggregate_id)
    matter.deadline_near(_clock(deadline))
    await tx.matters.save(matter)


async def deadline_lapsed(tx: "IntakeTransaction", deadline: Deadline) -> None:
    """The supervisors are told as well."""
    matter = await tx.matters.hold(deadline.aggregate_id)
    matter.deadline_lapsed(_clock(deadline))
    await tx.matters.save(matter)


async def deadline_moved(tx: "IntakeTransaction", deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar changed. The complainant was told until when acceptance is decided, and nothing of the other limits."""
    matter = await tx.matters.hold(deadline.aggregate_id)
    matter.deadline_moved(move, told_to_party=deadline.rule_id in deciding_clocks(tx.regimes))
    await tx.matters.save(matter)


async def list_due_matters(
    tx: "IntakeTransaction", query: ListDueMatters, after: tuple[datetime, UUID] | None, size: int
) -> list[DueMatter]:
    """So many after the one with this (due time, id). Raises NOT_FOUND for an organisation that the caller does not
    handle."""
    handled = [each for each, roles in tx.caller.roles.items() if roles & OFFICERS]
    if query.organisation is not None and query.organisation not in handled:
        raise not_found()
    wanted = DueFilter(
        organisations=[query.organisation] if query.organisation else handled,
        officer=query.officer,
        until=tx.now + timedelta(days=query.days),
        deciding=deciding_clocks(tx.regimes),
        after=after,
    )
    return await tx.matter_lists.due(wanted, size)


def _clock(deadline: Deadline) -> Clock:
    return Clock(
        rule=deadline.rule, source=deadline.source, due_date=deadline.due_date, provisional=deadline.provisional
    )
