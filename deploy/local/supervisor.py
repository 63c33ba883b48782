"""Keeps child processes alive and ends them in order.

It is the parent of all of them: it reaps the dead, starts them again with growing pauses, and takes them with it when
it dies itself (`tether.py`).
"""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from deploy.local import process
from deploy.local.errors import LocalDeploymentError
from deploy.local.private_files import private_folder, write_private
from deploy.local.process import Command

Report = Callable[[str], None]

_LOOK_EVERY = 0.1
_HEALTH_EVERY = 1.0
_HEALTH_WITHIN = 5.0
_ATTEMPTS = 5


class State(Enum):
    """Where a child stands."""

    STARTING = "STARTING"
    READY = "READY"
    UNREADY = "UNREADY"
    PAUSING = "PAUSING"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program to keep running.

    ``before_start`` runs before every start. ``restart_after_unready`` is how many seconds a child that was ready may
    stay unready before it is restarted; None leaves it alone, because a restart does not heal a missing neighbour.
    """

    name: str
    command: Command
    ready: Callable[[], Awaitable[bool]]
    before_start: Callable[[], Awaitable[None]] | None = None
    restart_after_unready: float | None = None


@dataclass(frozen=True, slots=True)
class ChildStatus:
    """A child as it is now. ``restarts`` counts starts after the first."""

    name: str
    state: State
    pid: int | None
    restarts: int


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before a restart, in seconds: doubling from ``first`` to ``longest``, and from the beginning
    again after ``healthy`` seconds of readiness."""

    first: float = 0.2
    longest: float = 10.0
    healthy: float = 30.0

    def after(self, previous: float) -> float:
        return self.first if previous == 0 else min(previous * 2, self.longest)


class Supervisor:
    """Parent of the deployment's processes. ``report`` is told in one line what happens, for people to read."""

    def __init__(
        self, run_folder: Path, report: Report = lambda line: None, *, pauses: Pauses | None = None, grace: float = 20.0
    ) -> None:
        self._run_folder = private_folder(run_folder)
        self._report = report
        self._pauses = pauses or Pauses()
        self._grace = grace
        self._watches: dict[str, _Watch] = {}

    def status(self) -> list[ChildStatus]:
        """Every child in the order of starting."""
        return [watch.status() for watch in self._watches.values()]

    async def start(self, child: Child, within: float = 60.0) -> None:
        """Start it and return when it is ready.

        When it is not ready after ``within`` seconds, or ended several times before it was ready, it is stopped and
        LocalDeploymentError shows the end of its log.
        """
        if child.name in self._watches:
            raise ValueError(f"{child.name} is already supervised")
        watch = _Watch(child, self._run_folder / f"{child.name}.pid", self._report, self._pauses, self._grace)
        self._watches[child.name] = watch
        watch.begin()
        try:
            async with asyncio.timeout(within):
                await watch.settled.wait()
            trouble = f"ended {_ATTEMPTS} times before it was ready"
        except TimeoutError:
            trouble = f"was not ready after {within:.0f} seconds"
        if not watch.was_ready:
            del self._watches[child.name]
            await watch.end()
            log = child.command.log
            raise LocalDeploymentError(f"{child.name} {trouble}; {log} says:\n{process.log_tail(log)}")

    async def stop(self) -> None:
        """End every child, the last started first, each only after the one before it is gone."""
        while self._watches:
            _, watch = self._watches.popitem()
            await watch.end()


class _Watch:
    """The life of one child: start, look, pause, start again, until told to end."""

    def __init__(self, child: Child, pid_file: Path, report: Report, pauses: Pauses, grace: float) -> None:
        self._child = child
        self._pid_file = pid_file
        self._report = report
        self._pauses = pauses
        self._grace = grace
        self._state = State.STARTING
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._task: asyncio.Task[None] | None = None
        self.was_ready = False
        self.settled = asyncio.Event()
        """Set when the child was ready once, or when it has ended too often before."""

    def status(self) -> ChildStatus:
        alive = self._process is not None and self._process.returncode is None
        pid = self._process.pid if alive and self._process is not None else None
        return ChildStatus(self._child.name, self._state, pid, max(0, self._starts - 1))

    def begin(self) -> None:
        self._task = asyncio.create_task(self._keep_alive(), name=f"watch {self._child.name}")

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._process is not None:
            self._report(f"{self._child.name}: stopping")
            await process.stop(self._process, self._child.command.stop_signal, self._grace)
        self._state = State.STOPPED
        self._pid_file.unlink(missing_ok=True)

    async def _keep_alive(self) -> None:
        pause, lives = 0.0, 0
        while True:
            ready_for = await self._one_life()
            lives += 1
            if lives >= _ATTEMPTS and not self.was_ready:
                self.settled.set()
                return  # whoever waits for it gives it up, and it shall not begin another life meanwhile
            pause = self._pauses.after(0.0 if ready_for >= self._pauses.healthy else pause)
            self._state = State.PAUSING
            self._report(f"{self._child.name}: starting again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _one_life(self) -> float:
        """Start the child and return, when it has ended, for how many seconds it was ready."""
        self._state = State.STARTING
        try:
            if self._child.before_start is not None:
                await self._child.before_start()
            self._process = process.launch(self._child.command)
            self._starts += 1
            write_private(self._pid_file, f"{self._process.pid}\n")
        except (OSError, LocalDeploymentError) as error:
            self._report(f"{self._child.name}: cannot start: {error}")
            if self._process is None or self._process.poll() is not None:
                return 0.0
        ready_for = await self._look_after(self._process)
        self._report(f"{self._child.name}: ended with {_how(self._process.returncode)}, see {self._child.command.log}")
        return ready_for

    async def _look_after(self, child: "subprocess.Popen[bytes]") -> float:
        """Ask for health until the process has ended. A child that stays unready too long is stopped here."""
        first_ready: float | None = None
        last_ready = 0.0
        while not await process.exited(child, _HEALTH_EVERY if self._state is State.READY else _LOOK_EVERY):
            is_ready = await self._is_ready()
            now = time.monotonic()
            if is_ready and child.poll() is None:
                first_ready, last_ready = first_ready or now, now
            self._note(is_ready, was_ready=first_ready is not None)
            limit = self._child.restart_after_unready
            if limit is not None and first_ready is not None and now - last_ready > limit:
                self._report(f"{self._child.name}: not ready for {limit:.0f} s, stopping it")
                await process.stop(child, self._child.command.stop_signal, self._grace)
        return 0.0 if first_ready is None else last_ready - first_ready

    async def _is_ready(self) -> bool:
        try:
            # Not wait_for, which before Python 3.12 forgets a cancellation that meets the answer.
            async with asyncio.timeout(_HEALTH_WITHIN):
                return await self._child.ready()
        except Exception:  # whatever a probe runs into means the same here, and must not end the watch
            return False

    def _note(self, is_ready: bool, *, was_ready: bool) -> None:
        if is_ready:
            if self._state is not State.READY:
                self._report(f"{self._child.name}: ready")
            self._state = State.READY
            self.was_ready = True
            self.settled.set()
        elif was_ready:
            if self._state is State.READY:
                self._report(f"{self._child.name}: not ready")
            self._state = State.UNREADY


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
