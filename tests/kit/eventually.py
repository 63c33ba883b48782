"""Wait for something to become true, with a deadline and a memory of what was last seen."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@overload
async def eventually(predicate: Callable[[], Awaitable[T]], seconds: float = 30) -> T: ...
@overload
async def eventually(predicate: Callable[[], T], seconds: float = 30) -> T: ...
async def eventually(predicate: Callable[[], Any], seconds: float = 30) -> Any:
    """Ask until the answer is truthy, and give it back.

    An AssertionError or a false answer asks again; any other exception ends the wait. Raises AssertionError after
    ``seconds``, saying what was last seen.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        seen, answer = await _ask(predicate)
        if seen is None:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds} s; last seen: {seen}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _ask(predicate: Callable[[], Any]) -> tuple[str | None, Any]:
    """What to say about an answer that does not do (None when it does), and the answer."""
    try:
        answer = predicate()
        if inspect.isawaitable(answer):
            answer = await answer
    except AssertionError as error:
        return f"AssertionError: {error}", None
    return (None, answer) if answer else (repr(answer), None)


def until(predicate: Callable[[], T], seconds: float = 30) -> T:
    """``eventually`` for a test without an event loop."""
    return asyncio.run(eventually(predicate, seconds))
