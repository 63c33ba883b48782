"""Clocks for tests: one stands still until it is moved, one flows."""

import time
from datetime import UTC, datetime, timedelta

_START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, nine in the morning in Beijing, no holiday near."""


class FakeClock:
    """Implements `services.common.kernel.clock.Clock`."""

    def __init__(self, start: datetime = _START) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on; time never runs backwards by this (ValueError), use `set` for a clock that jumps."""
        if by < timedelta(0):
            raise ValueError("advance goes forward; use set() for a jump back")
        self._now += by
        return self._now

    def set(self, moment: datetime) -> datetime:
        """Jump to an aware moment, forward or back."""
        self._now = _aware(moment)
        return self._now


class FlowingClock:
    """A clock that goes on like a real one from wherever it was put, for tests in which work is retried after pauses."""

    def __init__(self, start: datetime = _START) -> None:
        self._origin = _aware(start)
        self._since = time.monotonic()

    def now(self) -> datetime:
        return self._origin + timedelta(seconds=time.monotonic() - self._since)

    def advance(self, by: timedelta) -> datetime:
        """Move on at once."""
        if by < timedelta(0):
            raise ValueError("advance goes forward; use set() for a jump back")
        self._origin += by
        return self.now()

    def set(self, moment: datetime) -> datetime:
        """Jump to an aware moment, forward or back, and go on from there."""
        self._origin, self._since = _aware(moment), time.monotonic()
        return self.now()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)
