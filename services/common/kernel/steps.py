"""Steps of the event loop: how long the one at hand has held it, and a rest when that is long.

What is large is made in stages (read, decoded, looked at, written), none of which waits for anything: without a rest
between them everybody else would wait for all of them together.
"""

import asyncio
import time
from typing import TypeAlias

LONG_STEP = 0.003
"""Seconds from which on a step is long. Ordinary ones take at most two fifths of it on the machine of ADR 17's figures."""
RESTS = 4.0
"""How many times as long as the step the rest is: an ordinary call takes several rounds of the loop, and shall not find
such a step in each of them."""


Step: TypeAlias = tuple[float, float]
"""When it began, by ``time.perf_counter``, and what the thread had used of the processor by then."""


class _AtHand:
    """Of the one event loop that a process has. ``step`` is None while no call is at hand; until ``rested`` no long step
    follows another."""

    step: Step | None = None
    rested = 0.0


def begin() -> Step:
    """A step of a call begins. Follow with ``end``."""
    _AtHand.step = step = time.perf_counter(), time.thread_time()
    return step


def end() -> None:
    """It is over: what comes next may be of a loop of our own."""
    _AtHand.step = None


def taken(step: Step, least: float) -> float:
    """Seconds of processor time that it has taken; 0 when it began no more than ``least`` seconds ago, since to ask for
    the processor's clock costs a system call. How long it waited for a processor is nobody's doing."""
    began, used = step
    return time.thread_time() - used if time.perf_counter() - began > least else 0.0


async def breathe() -> None:
    """Leaves the loop to others for a while if the step at hand is long already; for a moment, where no call is at hand."""
    if _AtHand.step is None:
        await asyncio.sleep(0)
    elif (seconds := taken(_AtHand.step, LONG_STEP)) > LONG_STEP:
        # The calls that make something large rest one after the other: several at a time would leave no rest to others.
        now = time.perf_counter()
        _AtHand.rested = max(now, _AtHand.rested) + RESTS * seconds
        await asyncio.sleep(_AtHand.rested - now)
