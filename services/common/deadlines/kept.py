"""A deadline as it is kept for an aggregate. ``services.common.storage.deadlines`` keeps it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from services.common.deadlines.compute import is_over


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

    def ended(self, now: datetime) -> bool:
        """Whether an act at this instant is late: see ``is_over``."""
        return is_over(self.due_time, now, provisional=self.provisional)
