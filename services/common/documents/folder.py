"""Whether a folder that a service writes to takes what is written."""

import asyncio
import contextlib
import errno
import os
import tempfile
from pathlib import Path

from services.common.surroundings import Cause, Part

LEAST_BYTES = 8 * 1024**2
"""With less left a folder counts as full: about twice the largest document."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def make_folder(folder: Path) -> None:
    """Makes it at the start, where that is possible; where it is not, a look says so.

    Not later: one that vanished is a disk that came off, and what is written beneath would be hidden when it is back.
    """
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def folder_part(setting: str, folder: Path) -> Part:
    """The folder that the setting (``COMITY_OBJECTS``) names, as a part of the surroundings."""
    missing, full, unwritable = _causes(setting)

    def blames(error: BaseException) -> Cause | None:
        if not isinstance(error, OSError):
            return None
        if error.errno in _FULL:
            return full
        return missing if error.errno in (errno.ENOENT, errno.ENOTDIR) else unwritable

    def examine() -> Cause | None:
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize < LEAST_BYTES:
            return full
        with tempfile.TemporaryFile(prefix=".look-", dir=folder) as file:
            file.write(bytes(4096))
        return None

    def touches(error: BaseException) -> bool:
        if not isinstance(error, OSError):
            return False
        # A write that fails names no file.
        return error.errno in (*_FULL, errno.EROFS) or str(error.filename).startswith(str(folder))

    looking: asyncio.Future[Cause | None] | None = None

    async def look() -> Cause | None:
        nonlocal looking
        if looking is None or looking.done():
            looking = asyncio.ensure_future(asyncio.to_thread(examine))
        # On a network folder that hangs a thread hangs too: one, and not one more with every look.
        return await asyncio.shield(looking)

    return Part(setting.removeprefix("COMITY_").lower(), look, blames, touches, unwritable)


def _causes(setting: str) -> tuple[Cause, Cause, Cause]:
    missing = Cause(
        "FOLDER_MISSING",
        f"{setting} 所指的文件夹不存在：请挂载或恢复它（连同其内容），或更正该设置",
        f"the folder that {setting} names is not there: mount or restore it with what it held, or correct the setting",
    )
    full = Cause(
        "FOLDER_FULL",
        f"{setting} 所在磁盘已满（剩余不足 {LEAST_BYTES // 1024**2} MiB）：请释放或增加空间",
        f"the disk of {setting} is full (less than {LEAST_BYTES // 1024**2} MiB left): free some space there or add some",
    )
    unwritable = Cause(
        "FOLDER_NOT_WRITABLE",
        f"{setting} 所指的文件夹不可写：请授予服务的账户写权限，或将磁盘重新挂载为可写",
        f"the folder that {setting} names cannot be written: let the service's account write there, "
        "or mount its disk writable again",
    )
    return missing, full, unwritable
