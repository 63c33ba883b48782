"""Closed-loop load: so many callers, each asking again as soon as it is answered; bounded in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    count: int

    def __str__(self) -> str:
        return f"{self.rate:8.0f}/s   p50 {self.p50:6.2f} ms   p99 {self.p99:6.2f} ms   ({self.count} calls)"


async def closed_loop(call: Callable[[], Awaitable[object]], *, callers: int, seconds: float) -> Figures:
    """Runs ``callers`` loops for ``seconds`` after a short warm-up."""
    await _run(call, callers, min(1.0, seconds / 4))
    started = time.perf_counter()
    taken = await _run(call, callers, seconds)
    elapsed = time.perf_counter() - started
    taken.sort()
    return Figures(len(taken) / elapsed, _at(taken, 0.5), _at(taken, 0.99), len(taken))


async def _run(call: Callable[[], Awaitable[object]], callers: int, seconds: float) -> list[float]:
    taken: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        while (before := time.perf_counter()) < end:
            await call()
            taken.append((time.perf_counter() - before) * 1000)

    await asyncio.gather(*(one() for _ in range(callers)))
    return taken


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
