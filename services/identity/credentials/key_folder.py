"""The key folder: made once, whoever of the replicas comes first, and readable by its owner alone.

What is made of several files is made in a folder beside and renamed, so that a crash leaves all of it or nothing.
"""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x6B657973


@asynccontextmanager
async def only_one(engine: AsyncEngine) -> AsyncIterator[None]:
    """While it lasts no other replica makes or rotates keys."""
    async with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield


def open_folder(folder: Path) -> None:
    """Makes the folder for its owner only. Raises SystemExit when others may look into it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077:
        raise SystemExit(f"Cannot start: others may read {folder}; set its mode to 0700")


def make_once(folder: Path, make: Callable[[Path], None]) -> None:
    """Fills the folder by ``make`` unless it is there already."""
    if folder.exists():
        return
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    make(draft)
    draft.rename(folder)
    _sync(folder.parent)


def write_secret(path: Path, content: bytes) -> None:
    """Writes a new file of mode 0600, whole or not at all. Raises FileExistsError rather than overwriting."""
    if path.exists():
        raise FileExistsError(path)
    draft = path.with_name(f".{path.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    _sync(path.parent)


def read_secret(path: Path) -> bytes:
    """Raises PermissionError when others may read the file."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path.name} is readable by others than its owner: set its mode to 0600")
    return path.read_bytes()


def secret_of(path: Path) -> bytes:
    """32 random bytes, made at the first call."""
    if not path.exists():
        write_secret(path, secrets.token_bytes(32))
    return read_secret(path)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
