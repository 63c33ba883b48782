"""The object store of a service under test: made old, and compared with what the service's rows name."""

import os
import re
from datetime import datetime
from pathlib import Path

import asyncpg
from sqlalchemy import MetaData

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def stored(folder: Path) -> set[str]:
    """The digests of all objects."""
    return {path.name for path in folder.glob("*/*") if _DIGEST.fullmatch(path.name)}


def make_old(folder: Path, then: datetime) -> None:
    """Every object was last put at this time."""
    for path in folder.glob("*/*"):
        os.utime(path, (then.timestamp(), then.timestamp()))


async def named_in_rows(superuser_url: str, metadata: MetaData) -> set[str]:
    """Whatever looks like a digest in any column of the service's own tables."""
    connection = await asyncpg.connect(superuser_url)
    try:
        texts = [
            str(row[0])
            for table in metadata.sorted_tables
            for row in await connection.fetch(f'SELECT t::text FROM "{table.name}" t')
        ]
    finally:
        await connection.close()
    return {digest for each in texts for digest in _DIGEST.findall(each.replace("\\x", " "))}
