"""What the embedded PostgreSQL and NATS have in common: a folder, a home, a remembered port, a process.

A server can be run by itself (`start`, `stop`; the test kit does) or by a supervisor (`prepare` once, then `command`,
`clear_the_way` and `ready` for every start).
"""

import asyncio
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from deploy.local import process
from deploy.local.account import remove_home, settle_home, unprivileged_account
from deploy.local.errors import LocalDeploymentError
from deploy.local.ports import LOOPBACK, keep_or_replace
from deploy.local.private_files import private_folder, write_private
from deploy.local.process import Command

_ATTEMPTS = 3
_START_WITHIN = 600.0  # long, because PostgreSQL may have much to recover; a server that dies is noticed at once
_POLL = 0.01


class EmbeddedServer(ABC):
    """A server over the folder. ``durable`` False gives up safety on power loss for speed: for tests only."""

    name: str
    stop_signal: signal.Signals
    orphan_signal: signal.Signals

    def __init__(
        self, folder: Path, *, durable: bool = True, home_parent: Path | None = None, log: Path | None = None
    ) -> None:
        self.folder = folder.absolute()
        self.durable = durable
        self.account = unprivileged_account()
        self.port = 0
        self._home_parent = home_parent
        self._home: Path | None = None
        self._log = log or self.folder / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """Where the server's own files lie: the folder itself, or as root a folder of the unprivileged account."""
        if self._home is None:
            raise LocalDeploymentError(f"{self.name} is not prepared yet")
        return self._home

    @property
    def host(self) -> str:
        return LOOPBACK

    @property
    def pid(self) -> int | None:
        """The server's process id while it was started by `start` and lives."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def prepare(self) -> None:
        """Make everything a start needs: home, port, settings, data. Safe to repeat."""
        private_folder(self.folder)
        self._home = settle_home(self.folder, self.account, lasting=self.durable, parent=self._home_parent)
        await self.clear_the_way()
        self._choose_port("port")
        await self._prepare()

    def command(self) -> Command:
        """How to run the prepared server."""
        return Command(
            arguments=self._arguments(),
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            folder=self.home,
            log=self._log,
            account=self.account,
            stop_signal=self.stop_signal,
            orphan_signal=self.orphan_signal,
        )

    @abstractmethod
    async def ready(self) -> bool:
        """Whether the server serves now."""

    @abstractmethod
    async def clear_the_way(self) -> None:
        """End a server left behind by an earlier parent and remove what would keep a new one from starting."""

    async def start(self) -> None:
        """Prepare, run and wait until it serves. A port lost to another program at the last moment is replaced."""
        for attempt in range(1, _ATTEMPTS + 1):
            await self.prepare()
            self._process = process.launch(self.command())
            if await self._comes_up(self._process):
                return
            await self.stop()
            if attempt == _ATTEMPTS:
                break
        raise LocalDeploymentError(f"{self.name} did not start; its log says:\n{process.log_tail(self._log)}")

    async def stop(self) -> None:
        """A clean stop; forced after 20 seconds."""
        if self._process is not None:
            await process.stop(self._process, self.stop_signal, grace=20)
            self._process = None

    async def kill(self) -> None:
        """End it without warning, as a crash would."""
        if self._process is not None:
            self._process.kill()
            await process.exited(self._process)
            self._process = None

    def remove(self) -> None:
        """Delete all data of the stopped server, wherever they lie."""
        remove_home(self.folder)
        shutil.rmtree(self.folder)

    async def __aenter__(self) -> "EmbeddedServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @abstractmethod
    async def _prepare(self) -> None: ...

    @abstractmethod
    def _arguments(self) -> list[str]: ...

    def _choose_port(self, name: str) -> int:
        """The port remembered in the file of that name, or another when it is taken or there is none."""
        remembered = self.folder / name
        known = int(remembered.read_text(encoding="ascii")) if remembered.exists() else None
        port = keep_or_replace(known)
        if port != known:
            write_private(remembered, str(port))
        if name == "port":
            self.port = port
        return port

    async def _comes_up(self, child: "subprocess.Popen[bytes]") -> bool:
        deadline = time.monotonic() + _START_WITHIN
        while child.poll() is None and time.monotonic() < deadline:
            # Asked again after the answer: the answer may have come from another program on the same port.
            if await self.ready() and child.poll() is None:
                return True
            await asyncio.sleep(_POLL)
        return False
