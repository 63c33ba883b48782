"""A call-back (回访): a call that is owed to a person when a matter has ended."""

from dataclasses import dataclass
from datetime import datetime

from services.common.deadlines import DeadlineMove
from services.common.kernel.errors import DomainError, changed_meanwhile, invalid, precondition
from services.common.kernel.events import Aggregate
from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.ids import resource_name
from services.notify.domain import events
from services.notify.domain.values import CallBackState

ATTEMPTS, DAYS = 3, 2
"""A person is given up after so many calls in vain on so many days (domain §9.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackAttempt:
    """One call. ``rating`` 1 to 5, 0 when none was given."""

    connected: bool
    rating: int
    remarks: str
    attempt_time: datetime


@dataclass(slots=True, kw_only=True)
class CallBack(Aggregate):
    """``subject`` is the matter, ``recipient`` the party, ``due_time`` the first instant (UTC) too late."""

    subject: str
    recipient: str
    state: CallBackState
    due_time: datetime
    provisional: bool = False
    attempts: tuple[CallBackAttempt, ...] = ()

    @property
    def name(self) -> str:
        return resource_name("callBacks", self.id)

    def require_version(self, version: int) -> None:
        if version != self.version:
            raise changed_meanwhile()

    def created(self) -> None:
        created = events.CallBackCreated(
            call_back=self.name, subject=self.subject, due_time=self.due_time, provisional=self.provisional
        )
        self.record(created)

    def deadline_moved(self, move: DeadlineMove) -> None:
        """The calendar of its limit changed."""
        self.due_time, self.provisional = move.due_time, move.provisional
        self.record(events.CallBackDeadlineMoved(call_back=self.name, subject=self.subject, move=move))

    def attempt(self, attempt: CallBackAttempt, *, reopen_requested: bool) -> None:
        """Records a call. Connected ends it; so does the last of three in vain on two local days.

        Raises CALL_BACK_OVER (FAILED_PRECONDITION), RATING_OR_REMARKS_REQUIRED, NOBODY_WAS_REACHED (INVALID).
        """
        if self.state is not CallBackState.DUE:
            raise precondition("CALL_BACK_OVER", "该回访已结束", "this call-back is over")
        _check(attempt, reopen_requested)
        self.attempts = (*self.attempts, attempt)
        self.state = self._state_after(attempt, reopen_requested)
        if self.state is CallBackState.DUE:
            self.record(events.CallBackAttempted(call_back=self.name, subject=self.subject))
        else:
            self.record(
                events.CallBackCompleted(
                    call_back=self.name, subject=self.subject, state=self.state, rating=attempt.rating
                )
            )

    def _state_after(self, attempt: CallBackAttempt, reopen_requested: bool) -> CallBackState:
        if reopen_requested:
            return CallBackState.REOPEN_REQUESTED
        if attempt.connected:
            return CallBackState.DONE
        days = {each.attempt_time.astimezone(HOUSE_ZONE).date() for each in self.attempts}
        given_up = len(self.attempts) >= ATTEMPTS and len(days) >= DAYS
        return CallBackState.UNREACHABLE if given_up else CallBackState.DUE


def _check(attempt: CallBackAttempt, reopen_requested: bool) -> None:
    if not attempt.connected and (attempt.rating or reopen_requested):
        raise _nobody_was_reached()
    if attempt.connected and not attempt.rating and not attempt.remarks:
        raise invalid(
            "RATING_OR_REMARKS_REQUIRED",
            "已接通的回访应有评分；对方不愿评分的，请在备注中说明",
            "a call that was answered has a rating, or remarks that say why not",
            field="rating",
        )


def _nobody_was_reached() -> DomainError:
    return invalid(
        "NOBODY_WAS_REACHED",
        "未接通的回访不能有评分或者重新办理的要求",
        "nobody was reached who could rate or ask for reopening",
        field="connected",
    )
