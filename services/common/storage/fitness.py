"""Whether the database is as this code needs it: in reach, with its rights, at the revision, with room to write.

Revisions are read from the names that migrations give themselves, without alembic, which no serving process loads.
"""

import os
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.common.storage.failures import (
    FAILURES,
    FULL,
    READ_ONLY,
    RIGHT_MISSING,
    UNREACHABLE,
    cause_of,
    of_database,
    sqlstate,
)
from services.common.storage.runtime_schema import LOCKED
from services.common.surroundings import Cause, Part

SCHEMA_MISSING = Cause(
    "SCHEMA_MISSING",
    "数据库中尚无本服务的表：请运行 python -m services.<服务> migrate",
    "the database holds no tables of this service yet: run python -m services.<service> migrate",
)
SCHEMA_OLDER = Cause(
    "SCHEMA_OLDER",
    "数据库结构旧于程序：请运行 python -m services.<服务> migrate",
    "the schema is older than this code: run python -m services.<service> migrate",
)
SCHEMA_NEWER = Cause(
    "SCHEMA_NEWER",
    "数据库结构新于程序，已拒绝运行：请启动与之相符的新版本，或恢复旧版本的备份",
    "the schema is newer than this code, which refuses to run: start the version that made it, or restore a backup",
    final=True,
)

_WHILE_LOOKING = {
    "42501": RIGHT_MISSING,
    "42P01": SCHEMA_MISSING,
    "55000": Cause(
        "DATABASE_CLOSED",
        "数据库不接受连接：维护结束后请执行 ALTER DATABASE … ALLOW_CONNECTIONS true",
        "the database takes no connections: ALTER DATABASE ... ALLOW_CONNECTIONS true when its maintenance is over",
    ),
}
"""What elsewhere may be a fault of ours."""
PROOF_BYTES = 64 * 1024
"""What proves that there is room: more than a page that happens to have some."""
FULL_SECONDS = 3.0
"""How long after the last refused write the disk counts as full: a proof may find a gap that others did not."""

_RIGHTS = """
    SELECT current_setting('transaction_read_only') = 'on' AS read_only,
        has_schema_privilege(space.oid, 'USAGE') AND coalesce(bool_and(CASE
            WHEN held.relkind = 'S' THEN has_sequence_privilege(held.oid, 'USAGE')
            ELSE has_table_privilege(held.oid, 'SELECT') AND has_table_privilege(held.oid, 'INSERT') AND (
                held.relname::text = ANY ($1::text[])
                OR has_table_privilege(held.oid, 'UPDATE') AND has_table_privilege(held.oid, 'DELETE')
            )
        END), true) AS permitted,
        migrated.oid IS NOT NULL AS migrated
    FROM pg_namespace AS space
    LEFT JOIN pg_class AS migrated ON migrated.relnamespace = space.oid AND migrated.relname = 'alembic_version'
    LEFT JOIN pg_class AS held ON held.relnamespace = space.oid AND held.relowner = migrated.relowner
        AND held.relkind IN ('r', 'p', 'S')
    WHERE space.nspname = 'public'
    GROUP BY space.oid, migrated.oid
    """
"""Whether the service holds what the set-up and the migrations grant it, on what the owner of its migrations owns. What
an extension or an administrator made there is none of its business."""
_REVISION = "SELECT version_num FROM public.alembic_version"
PROOF = """
    INSERT INTO outbox (event_id, subject, headers, payload, create_time)
    VALUES (gen_random_uuid(), '', '{}', $1, 'epoch')
    """


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions that this code knows, and the one it was written for."""

    known: frozenset[str]
    head: str

    @classmethod
    def read(cls, folder: Path) -> "Revisions":
        """Of the migrations in the folder."""
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("[0-9]*.py")]
        made = {name for text in texts for name in re.findall(r'^revision = "(\w+)"', text, re.MULTILINE)}
        followed = {name for text in texts for name in re.findall(r'^down_revision = "(\w+)"', text, re.MULTILINE)}
        (head,) = made - followed
        return cls(frozenset(made), head)

    def compare(self, found: str | None) -> Cause | None:
        """What a database at this revision (None: at none) means for this code."""
        if found is None:
            return SCHEMA_MISSING
        if found not in self.known:
            return SCHEMA_NEWER
        return None if found == self.head else SCHEMA_OLDER


Statement = Callable[..., Awaitable[list[Any]]]


class Fitness:
    """Looks at the database through ``statement``; ``tried`` runs one and takes it back."""

    def __init__(
        self,
        statement: Statement,
        tried: Callable[..., Awaitable[None]],
        busy: Callable[[], bool],
        revisions: Revisions | None,
    ) -> None:
        """``busy``: every connection is in use, so that a look would only wait with the others."""
        self._statement = statement
        self._tried = tried
        self._busy = busy
        self._found: Cause | None = None
        self._revisions = revisions
        self._full_until = 0.0
        self._proven = False

    @property
    def part(self) -> Part:
        return Part("database", self.look, cause_of, self.touches, UNREACHABLE)

    def touches(self, error: BaseException) -> bool:
        """Whether it is a failure of the database. One for want of room is remembered: reading would not show it."""
        if cause_of(error) == FULL and sqlstate(error):
            self._full_until, self._proven = time.monotonic() + FULL_SECONDS, False
        return of_database(error)

    async def look(self) -> Cause | None:
        """What is wrong now. While every connection is busy, what was found last. Raises FAILURES."""
        if not self._busy():
            self._found = UNREACHABLE  # Until the answer is there.
            self._found = await self._examined()
        return self._found

    async def _examined(self) -> Cause | None:
        try:
            return await self._schema() or await self._room()
        except FAILURES as error:
            if found := _WHILE_LOOKING.get(sqlstate(error)):
                return found
            raise

    async def _schema(self) -> Cause | None:
        held = await self._statement(_RIGHTS, LOCKED)
        if not held:
            return SCHEMA_MISSING
        read_only, permitted, migrated = held[0]
        if permitted is None:  # The schema went while it was looked at.
            return SCHEMA_MISSING
        if not permitted:
            return RIGHT_MISSING
        found = [row[0] for row in await self._statement(_REVISION)] if migrated else []
        wrong = self._revisions.compare(found[0] if found else None) if self._revisions else None
        return wrong or (READ_ONLY if read_only else None)

    async def _room(self) -> Cause | None:
        """Writes only at the start and while the disk was lately full."""
        if self._proven:
            return None
        await self._tried(PROOF, os.urandom(PROOF_BYTES))
        if time.monotonic() < self._full_until:
            return FULL
        self._proven = True
        return None
