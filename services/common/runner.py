"""Starting and stopping a service: its loops live and die together, and SIGTERM drains."""

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol

import structlog

log = structlog.get_logger()

STOP_SECONDS = 16.0
"""Longer than what a loop finishes after its cancellation: calls under way (10 s), jobs under way (15 s)."""


class Loop(Protocol):
    """Something that runs until it is cancelled."""

    def run(self) -> Coroutine[Any, Any, None]: ...


class Application:
    """A built service: its loops, and what must be closed after them.

    ``loops`` are stopped in order: first the server (no new calls), then what works off what the calls left.
    """

    def __init__(self, loops: Sequence[Loop], resources: AsyncExitStack, port: int) -> None:
        self.port = port
        self._loops = list(loops)
        self._resources = resources
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts every loop."""
        self._tasks = [asyncio.create_task(loop.run(), name=type(loop).__name__) for loop in self._loops]

    async def stop(self) -> None:
        """Drains and closes; safe to call once after ``start``."""
        for task in self._tasks:
            # A library may forget a cancellation (wait_for before Python 3.12), so one that lives on is told again.
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=STOP_SECONDS)
        await self._resources.aclose()

    async def run_until_signalled(self) -> None:
        """Serves until SIGTERM or SIGINT, or until a loop fails, which ends the process for its supervisor to see."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await self.start()
        waiter = asyncio.create_task(stopped.wait())
        done, _ = await asyncio.wait([waiter, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        failed = [task for task in done if task is not waiter]
        for task in failed:
            log.error("loop_ended", loop=task.get_name(), exc_info=task.exception() if not task.cancelled() else None)
        waiter.cancel()
        await self.stop()
        if failed:
            raise SystemExit(1)
