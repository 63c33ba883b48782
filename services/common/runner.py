"""Starting and stopping a service: its loops live and die together, and SIGTERM drains."""

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol

import structlog

from services.common.surroundings import UNFIT_EXIT_CODE, Surroundings, Unfit

log = structlog.get_logger()

STOP_SECONDS = 16.0
"""Longer than what a loop finishes after its cancellation: calls under way (10 s), jobs under way (15 s)."""


class Loop(Protocol):
    """Something that runs until it is cancelled."""

    def run(self) -> Coroutine[Any, Any, None]: ...


class Serving(Loop, Protocol):
    """The loop that answers calls, and looks at the surroundings."""

    port: int


class Application:
    """A built service: its server, its other loops, and what must be closed after them.

    They are stopped in order: first the server (no new calls), then what works off what the calls left. The loops begin
    when the surroundings let them (``Surroundings.begun``).
    """

    def __init__(
        self, server: Serving, loops: Sequence[Loop], surroundings: Surroundings, resources: AsyncExitStack
    ) -> None:
        self.port = server.port
        self.surroundings = surroundings
        self._server = server
        self._loops = list(loops)
        self._resources = resources
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts every loop."""
        later = [(type(loop).__name__, self._once_begun(loop)) for loop in self._loops]
        loops = [("Server", self._server.run()), *later]
        self._tasks = [asyncio.create_task(running, name=name) for name, running in loops]

    async def _once_begun(self, loop: Loop) -> None:
        await self.surroundings.begun.wait()
        await loop.run()

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
        ended = [task for task in done if task is not waiter]
        errors = [None if task.cancelled() else task.exception() for task in ended]
        for task, error in zip(ended, errors, strict=True):
            if not isinstance(error, Unfit):
                log.error("loop_ended", loop=task.get_name(), exc_info=error)
        waiter.cancel()
        await self.stop()
        if ended:
            raise SystemExit(UNFIT_EXIT_CODE if any(isinstance(error, Unfit) for error in errors) else 1)
