"""A deadline as it is kept for an aggregate. ``services.common.storage.deadlines`` keeps it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from services.common.deadlines.compute import is_over
from services.common.deadlines.rule import ANY_REGIME


class DueDay(Protocol):
    """The last local day in time that a clock gives, never told without whether it is provisional."""

    @property
    def due_date(self) -> date: ...
    @property
    def provisional(self) -> bool: ...


class DeadlineState(Enum):
    """Where a clock stands."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    MET = "MET"
    LAPSED = "LAPSED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a clock is: an aggregate's id, also of one that is about to be made, and its organisation's."""

    id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True)
class Deadline:
    """A kept deadline. ``due_date`` is the last local day in time, ``due_time`` the first instant (UTC) too late.

    ``rule`` is ``id@version``. ``provisional`` while the calendar of the due year is not published.
    """

    id: UUID
    organisation_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    rule_id: str
    rule: str
    source: str
    anchor_time: datetime
    due_date: date
    due_time: datetime
    provisional: bool
    state: DeadlineState
    regime: str = ANY_REGIME

    def ended(self, now: datetime) -> bool:
        """Whether an act at this instant is late: see ``is_over``."""
        return is_over(self.due_time, now, provisional=self.provisional)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMove:
    """What became of a running clock when its calendar did: the last day in time as it was and as it is.

    ``rule`` is ``id@version``, ``name_zh`` and ``name_en`` what it is called; the days are equal when what was provisional
    became certain.
    """

    rule: str
    name_zh: str
    name_en: str
    old_due_date: date
    due_date: date
    due_time: datetime
    provisional: bool

    @property
    def to_another_day(self) -> bool:
        return self.old_due_date != self.due_date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineNotice:
    """What a person is told of a clock: what it is called, until when (local day), and what happens otherwise.

    ``rule`` is ``id@version``.
    """

    rule: str
    name_zh: str
    name_en: str
    missed_zh: str
    missed_en: str
    due_date: date
    provisional: bool
