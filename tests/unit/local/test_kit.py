"""The test kit itself: a helper that lies would make every test lie."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually


def test_a_fake_clock_stands_still_until_it_is_moved() -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_a_fake_clock_answers_in_utc() -> None:
    clock = FakeClock()
    clock.set(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now().isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_fake_clock_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FakeClock(datetime(2026, 1, 1))


def test_advancing_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="forward"):
        FakeClock().advance(timedelta(seconds=-1))


async def test_eventually_gives_the_first_true_answer() -> None:
    answers = iter([0, None, 7, 8])
    assert await eventually(lambda: next(answers)) == 7


async def test_eventually_awaits_and_forgives_assertions() -> None:
    answers = iter([1, 2, 3])

    async def third() -> str:
        await asyncio.sleep(0)
        assert next(answers) == 3
        return "third"

    assert await eventually(third) == "third"


async def test_eventually_says_what_it_last_saw() -> None:
    with pytest.raises(AssertionError, match=r"within 0.05 s; last seen: \[\]"):
        await eventually(list, seconds=0.05)


async def test_eventually_does_not_hide_a_defect() -> None:
    with pytest.raises(ZeroDivisionError):
        await eventually(lambda: 1 // 0, seconds=5)


def test_a_test_cannot_reach_beyond_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as outside,
        pytest.raises(RuntimeError, match="only loopback"),
    ):
        outside.connect(("192.0.2.1", 80))


def test_a_test_cannot_look_up_a_name_beyond_this_machine() -> None:
    with pytest.raises(RuntimeError, match="only loopback"):
        socket.getaddrinfo("comity.example", 443)
