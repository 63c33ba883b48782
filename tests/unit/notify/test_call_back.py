"""When a call-back is over."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.common.kernel.errors import DomainError
from services.notify.domain.call_back import CallBack, CallBackAttempt
from services.notify.domain.values import CallBackState

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_call_back() -> CallBack:
    return CallBack(
        id=uuid4(),
        organisation_id=uuid4(),
        subject="matters/1",
        recipient="parties/1",
        state=CallBackState.DUE,
        due_time=MORNING + timedelta(days=1),
    )


def call(
    call_back: CallBack, when: datetime, *, rating: int = 0, connected: bool = False, reopen: bool = False
) -> None:
    attempt = CallBackAttempt(connected=connected, rating=rating, remarks="", attempt_time=when)
    call_back.attempt(attempt, reopen_requested=reopen)


def test_a_rated_call_ends_it() -> None:
    call_back = a_call_back()
    call(call_back, MORNING, connected=True, rating=4)
    assert call_back.state is CallBackState.DONE
    with pytest.raises(DomainError) as refused:
        call(call_back, MORNING, connected=True, rating=4)
    assert refused.value.reason == "CALL_BACK_OVER"


def test_an_answered_call_without_a_rating_says_why() -> None:
    with pytest.raises(DomainError) as refused:
        call(a_call_back(), MORNING, connected=True)
    assert refused.value.reason == "RATING_OR_REMARKS_REQUIRED"


def test_three_calls_in_vain_on_one_day_do_not_make_a_person_unreachable() -> None:
    call_back = a_call_back()
    for hour in range(5):
        call(call_back, MORNING + timedelta(hours=hour))
    assert call_back.state is CallBackState.DUE
    call(call_back, MORNING + timedelta(days=1))
    assert call_back.state is CallBackState.UNREACHABLE


def test_days_are_counted_in_beijing() -> None:
    call_back = a_call_back()
    for when in (15, 15.5, 16.5):  # 23:00, 23:30 and 00:30 local time
        call(call_back, MORNING.replace(hour=0) + timedelta(hours=when))
    assert call_back.state is CallBackState.UNREACHABLE


def test_nobody_who_was_not_reached_rates_or_asks_to_reopen() -> None:
    for wrong in ({"rating": 3}, {"reopen": True}):
        with pytest.raises(DomainError) as refused:
            call(a_call_back(), MORNING, **wrong)  # type: ignore[arg-type]
        assert refused.value.reason == "NOBODY_WAS_REACHED"
