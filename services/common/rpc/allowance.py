"""What a caller's calls may cost the event loop, which answers everybody: a token bucket of processor time.

Only a call whose counted steps together hold the loop for more than ``FREE`` pays, for all of those. Ordinary ones have none
and cost nothing; what is left to bound them is how many of one caller run at once (``lanes.py``). A call with a large
message pays for every step.
"""

import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.common.kernel.steps import begin, end, taken

T = TypeVar("T")

PAID_STEP = 0.002
"""Seconds from which on a step counts."""
FREE = 0.01
"""Seconds of processor time that the counted steps of a call may take for nothing: a machine that is much slower, or busy
with others, charges nobody for ordinary calls."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds of processor time: so many at once, renewed so fast (seconds a second)."""

    burst: float
    renewal: float


class Allowance:
    """One caller's bucket. It may go below nothing: what a step costs is known after it."""

    def __init__(self, rate: Rate, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._now = now
        self._left = rate.burst
        self._at = now()

    def pay(self, seconds: float) -> None:
        """Takes so many."""
        self._renew()
        self._left -= seconds

    def wait(self) -> float:
        """Seconds until something is left; 0 when something is."""
        if self._left > 0:
            return 0.0
        self._renew()
        return max(0.0, -self._left / self._rate.renewal)

    def _renew(self) -> None:
        now = self._now()
        self._left = min(self._rate.burst, self._left + (now - self._at) * self._rate.renewal)
        self._at = now


class Paid(Generic[T]):
    """Awaits something and has its counted steps paid from the allowance, or ``wholly`` every step."""

    def __init__(self, work: Awaitable[T], allowance: Allowance, *, wholly: bool = False) -> None:
        self._work = work
        self._allowance = allowance
        self._unpaid = 0.0
        self._free, self._short = (0.0, 0.0) if wholly else (FREE, PAID_STEP)

    def __await__(self) -> Generator[Any, Any, T]:
        steps: Any = self._work.__await__()
        resume, value = steps.send, None
        while True:
            step = begin()
            try:
                waited_for = resume(value)
            except StopIteration as done:
                return done.value  # type: ignore[no-any-return]
            finally:
                end()
                self._charge(taken(step, self._short))
            try:
                resume, value = steps.send, (yield waited_for)
            except BaseException as error:  # a cancellation is for the work to take
                resume, value = steps.throw, error

    def _charge(self, seconds: float) -> None:
        if seconds > self._short:
            self._unpaid += seconds
        if self._unpaid > self._free:
            self._allowance.pay(self._unpaid)
            self._unpaid, self._free = 0.0, 0.0
