"""What is under way when a loop is told to stop."""

import asyncio
from collections.abc import Iterable


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
