"""The one source of time. Everything that needs the hour is handed a clock; SQL never asks for it."""

from datetime import UTC, datetime
from typing import Protocol

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""What is taken from outside as a time or a date lies here: a period can be added to it."""


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)
