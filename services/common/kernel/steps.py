"""Steps of the event loop: how long the one at hand has held it, and a rest when that is long.

What is large is made in stages (read, decoded, looked at, written), none of which waits for anything: without a rest
between them everybody else would wait for all of them together.
"""

import asyncio
import time

LONG_STEP = 0.003
"""Seconds from which on a step is long. Ordinary ones take at most two fifths of it on the machine of ADR 17's figures."""
RESTS = 4.0
"""How many times as long as the step the rest is: an ordinary call takes several rounds of the loop, and shall not find
such a step in each of them."""


class _AtHand:
    """Of the one event loop that a process has. ``began`` is 0 while no call is at hand; until ``rested`` no long step
    follows another."""

    began = 0.0
    rested = 0.0


def begin() -> float:
    """A step of a call begins: by the clock of ``time.perf_counter``. Follow with ``end``."""
    _AtHand.began = time.perf_counter()
    return _AtHand.began


def end() -> None:
    """It is over: what comes next may be of a loop of our own."""
    _AtHand.began = 0.0


async def breathe() -> None:
    """Leaves the loop to others for a while if the step at hand is long already; for a moment, where no call is at hand."""
    if not _AtHand.began:
        await asyncio.sleep(0)
        return
    now = time.perf_counter()
    if (held := now - _AtHand.began) > LONG_STEP:
        # The calls that make something large rest one after the other: several at a time would leave no rest to others.
        _AtHand.rested = max(now, _AtHand.rested) + RESTS * held
        await asyncio.sleep(_AtHand.rested - now)
