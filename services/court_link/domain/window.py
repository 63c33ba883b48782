"""The thirty days in which both parties may ask a court to confirm their agreement (CPL 205).

A window belongs to one agreement and carries its id. Its clock stands met while an application is before a court, and
runs on when that application ends without a ruling.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice, DueDay
from services.common.kernel.events import Aggregate
from services.court_link.domain.events import WindowClosed, WindowLapsed, WindowMoved, WindowNear, WindowOpened

NOBODY = UUID(int=0)
"""Owns a window until a court has the application: no organisation has a say in it."""


class WindowState(Enum):
    """CLOSED: the agreement was superseded."""

    OPEN = "OPEN"
    LAPSED = "LAPSED"
    CLOSED = "CLOSED"


@dataclass(slots=True, kw_only=True)
class ApplicationWindow(Aggregate):
    """``effective_time`` (aware UTC) is the anchor, ``due_date`` the last local day in time; ``regime`` ``id@v``."""

    case: UUID
    regime: str
    effective_time: datetime
    due_date: date
    state: WindowState
    origin: str = ""

    @classmethod
    def open(
        cls, agreement: UUID, case: UUID, origin: str, regime: str, effective_time: datetime, due: DueDay
    ) -> "ApplicationWindow":
        window = cls(
            id=agreement,
            organisation_id=NOBODY,
            case=case,
            regime=regime,
            effective_time=effective_time,
            due_date=due.due_date,
            state=WindowState.OPEN,
            origin=origin,
        )
        opened = WindowOpened(agreement=agreement, case=case, due_date=due.due_date, provisional=due.provisional)
        window.record(opened)
        return window

    @classmethod
    def never_open(cls, agreement: UUID, case: UUID, now: datetime) -> "ApplicationWindow":
        """An agreement of which nothing is known but that another took its place: whatever else comes is too late."""
        window = cls(
            id=agreement,
            organisation_id=NOBODY,
            case=case,
            regime="",
            effective_time=now,
            due_date=now.date(),
            state=WindowState.OPEN,
        )
        window.close()
        return window

    def runs_until(self, due: DueDay) -> None:
        """It runs on, by a calendar that changed while it stood met."""
        self.due_date = due.due_date

    def near(self, notice: DeadlineNotice) -> None:
        """It is about to end."""
        self.record(WindowNear(agreement=self.id, case=self.case, notice=notice))

    def moved(self, move: DeadlineMove) -> None:
        """The calendar of its clock changed."""
        self.due_date = move.due_date
        self.record(WindowMoved(agreement=self.id, case=self.case, move=move))

    def lapse(self) -> None:
        """The time is over and nobody applied. Lapsing again changes nothing."""
        if self.state is WindowState.OPEN:
            self.state = WindowState.LAPSED
            lapsed = WindowLapsed(agreement=self.id, case=self.case, origin=self.origin, due_date=self.due_date)
            self.record(lapsed)

    def close(self) -> None:
        """Another agreement took this one's place."""
        if self.state is not WindowState.CLOSED:
            self.state = WindowState.CLOSED
            self.record(WindowClosed(agreement=self.id, case=self.case))
