"""Where things lie in a data folder, and the lock that keeps two suites out of one."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import LocalDeploymentError
from deploy.local.private_files import private_folder


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of the data folder ``root``."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def nats(self) -> Path:
        return self.root / "nats"

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def outbox(self) -> Path:
        """Text messages and web hooks that a local deployment writes to files instead of sending."""
        return self.root / "outbox"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        return self.root / "run"

    def objects(self, service: str) -> Path:
        return self.root / "objects" / service

    def keys(self, service: str) -> Path:
        return self.root / "keys" / service

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def make(self, services: list[str]) -> None:
        """Create every folder that is missing, readable by its owner only."""
        for folder in (self.postgres, self.nats, self.mail, self.outbox, self.logs, self.run):
            private_folder(folder)
        for service in services:
            private_folder(self.objects(service))
            private_folder(self.keys(service))


class FolderLock:
    """Held by the one suite that uses a folder. The system releases it when the process ends, however it ends."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.run / "lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises LocalDeploymentError when another suite holds it."""
        private_folder(self._path.parent)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise LocalDeploymentError(
                f"the data folder {self._path.parent.parent} is in use by another Comity; stop that one first"
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_held(self) -> bool:
        """Whether a suite uses the folder now (this object's own hold counts too)."""
        if self._descriptor is not None:
            return True
        if not self._path.exists():
            return False
        try:
            self.acquire()
        except LocalDeploymentError:
            return True
        self.release()
        return False
