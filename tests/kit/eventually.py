"""Wait for something to become true, with a deadline and a memory of what was last seen."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


async def eventually(predicate: Callable[[], T | Awaitable[T]], seconds: float = 10) -> T:
    """Ask until the answer is truthy, and give it back.

    An AssertionError or a false answer asks again; any other exception ends the wait at once. Raises AssertionError after
    ``seconds``, saying what was last seen.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        seen, answer = await _ask(predicate)
        if seen is None:
            return answer  # type: ignore[return-value]
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds} s; last seen: {seen}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _ask(predicate: Callable[[], T | Awaitable[T]]) -> tuple[str | None, T | None]:
    """What to say about an answer that does not do (None when it does), and the answer."""
    try:
        answer = predicate()
        if inspect.isawaitable(answer):
            answer = await answer
    except AssertionError as error:
        return f"AssertionError: {error}", None
    return (None, answer) if answer else (repr(answer), None)
