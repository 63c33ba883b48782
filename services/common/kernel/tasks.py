"""Loops that are told to stop, and what is under way then."""

import asyncio
from collections.abc import Iterable


def require_wanted() -> None:
    """For loops: raises CancelledError when a library has forgotten that this task was told to stop.

    The broker's client waits by wait_for, which before Python 3.12 drops a cancellation that meets an answer, and makes
    one that meets a closed connection an error of its own.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def finish(under_way: Iterable[asyncio.Task[None]], seconds: float) -> None:
    """Waits until these have ended. Those that have not after ``seconds`` are cancelled: nothing may go on over
    connections that are closed next."""
    tasks = set(under_way)
    if not tasks:
        return
    try:
        _, tasks = await asyncio.wait(tasks, timeout=seconds)
    finally:
        for task in tasks:
            task.cancel()
    if tasks:
        await asyncio.wait(tasks)
