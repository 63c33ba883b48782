"""Documents by digest, in a folder of one service. Knowing a digest permits nothing: the service decides who may read.

The row that refers to a document is committed after ``put`` returned, so a crash leaves at worst an object nobody
refers to. ``storage.object_collection`` removes those a day later.
"""

import fcntl
import hashlib
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from services.common.documents.folder import make_folder
from services.common.kernel.errors import DomainError, ErrorKind, not_found

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".incoming-"
_LOCK = ".lock"


class ObjectStore:
    """A folder of immutable files named by the SHA-256 of their bytes. Safe for many processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder)

    def put(self, content: bytes) -> str:
        """Stores the bytes durably and returns their digest; storing them again only makes them young again.

        Raises OSError when the disk refuses (full, read-only); then nothing is visible under the digest.
        """
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        # Looked at and touched in one, so that no removal of an old leftover falls between the two.
        with self._locked(fcntl.LOCK_SH):
            if self._holds(target, digest):
                os.utime(target)
                return digest
        target.parent.mkdir(exist_ok=True, mode=0o700)
        self._write(content, target)
        _sync_folder(target.parent)
        _sync_folder(self._folder)
        return digest

    def renew(self, digest: str) -> bool:
        """Whether the object is there and whole; from now on it is young again, as if it had been put now."""
        target = self._path(digest)
        with self._locked(fcntl.LOCK_SH):
            if held := self._holds(target, digest):
                os.utime(target)
            return held

    def get(self, digest: str) -> bytes:
        """The bytes of a digest.

        Raises NOT_FOUND for an unknown one and DOCUMENT_DAMAGED (FAILED_PRECONDITION) when the file no longer matches
        its name: the caller raises an alarm and serves nothing.
        """
        if _DIGEST.fullmatch(digest) is None:
            raise not_found("该文件", "that document")
        try:
            content = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise not_found("该文件", "that document") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise DomainError(
                ErrorKind.FAILED_PRECONDITION,
                "DOCUMENT_DAMAGED",
                "文件与其摘要不符，已停止提供",
                "the stored document does not match its digest and is not served",
                metadata={"digest": digest},
            )
        return content

    def untouched_since(self, time: datetime) -> Iterator[str]:
        """The digests of objects last put before the time (aware UTC); abandoned temporary files as old are removed."""
        limit = time.timestamp()
        for path in sorted(self._folder.glob("*/*")):
            if _touched(path) >= limit:
                continue
            if path.name.startswith(_TEMPORARY):
                path.unlink(missing_ok=True)
            elif _DIGEST.fullmatch(path.name):
                yield path.name

    def remove(self, digests: Iterable[str], untouched_since: datetime) -> int:
        """Removes the objects that were still not put again since the time (aware UTC); how many there were."""
        limit = untouched_since.timestamp()
        removed = 0
        for path in map(self._path, digests):
            with self._locked(fcntl.LOCK_EX):
                if _touched(path) < limit:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Between all threads and processes that use the folder; a crash releases it."""
        handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, kind)
            yield
        finally:
            os.close(handle)

    @staticmethod
    def _holds(target: Path, digest: str) -> bool:
        try:
            return hashlib.sha256(target.read_bytes()).hexdigest() == digest
        except FileNotFoundError:
            return False

    def _write(self, content: bytes, target: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with self._locked(fcntl.LOCK_SH):
                Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _touched(path: Path) -> float:
    """When the file was last written or put again; infinity for one that is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
