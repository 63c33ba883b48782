"""Documents by digest, in a folder of one service. Knowing a digest permits nothing: the service decides who may read.

The row that refers to a document is committed after ``put`` returned, so a crash leaves at worst an object nobody
refers to, which ``collect`` removes.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from services.common.kernel.errors import DomainError, ErrorKind, not_found

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEMPORARY = ".incoming-"


class ObjectStore:
    """A folder of immutable files named by the SHA-256 of their bytes. Safe for many processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes) -> str:
        """Stores the bytes durably and returns their digest; storing them again changes nothing.

        Raises OSError when the disk refuses (full, read-only); then nothing is visible under the digest.
        """
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        if self._holds(target, digest):
            # Touched, so that a collection running now does not take it as an old leftover.
            os.utime(target)
            return digest
        target.parent.mkdir(exist_ok=True, mode=0o700)
        self._write(content, target)
        _sync_folder(target.parent)
        _sync_folder(self._folder)
        return digest

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
                "文件与其摘要不符,已停止提供",
                "the stored document does not match its digest and is not served",
                metadata={"digest": digest},
            )
        return content

    def collect(self, referenced: Collection[str], older_than: datetime) -> list[str]:
        """Removes objects nobody refers to and abandoned temporary files last touched before the time (aware UTC).

        ``older_than`` lies at least a day back, so that an object whose transaction is still running stays. Returns the
        digests removed.
        """
        removed: list[str] = []
        limit = older_than.timestamp()
        for path in sorted(self._folder.glob("*/*")):
            if path.name in referenced or path.stat().st_mtime >= limit:
                continue
            if path.name.startswith(_TEMPORARY):
                path.unlink(missing_ok=True)
            elif _DIGEST.fullmatch(path.name):
                path.unlink(missing_ok=True)
                removed.append(path.name)
        return removed

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    @staticmethod
    def _holds(target: Path, digest: str) -> bool:
        try:
            return hashlib.sha256(target.read_bytes()).hexdigest() == digest
        except FileNotFoundError:
            return False

    @staticmethod
    def _write(content: bytes, target: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
