"""Forgetting objects: once a day, and at the start, what no row refers to is removed from a service's object store.

The order is what makes it safe beside other replicas and uploads: first the old objects are listed, then the rows are
read in one snapshot, and an object that was put again in the meantime is young and stays. A transaction that refers to
an object ends within a day of its ``put``.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar

import structlog
from sqlalchemy import Executable

from services.common.documents.object_store import ObjectStore
from services.common.storage.database import Database
from services.common.storage.transaction import SYSTEM, Transaction

log = structlog.get_logger()
T = TypeVar("T", bound=Transaction)

AGE = timedelta(days=1)
EVERY = timedelta(days=1)
POLL_SECONDS = 60
_AT_ONCE = 50_000


class ObjectCollection(Generic[T]):
    """A loop of the application. ``referenced`` selects every digest (hexadecimal; null or empty for none) that a row names.

    It is one statement, so that one snapshot shows a digest that moves from row to row.
    """

    def __init__(self, database: Database[T], objects: ObjectStore, referenced: Executable) -> None:
        self._database = database
        self._objects = objects
        self._referenced = referenced
        self._next: datetime | None = None
        self._watch = database.surroundings.watch("object_collection")

    async def run(self) -> None:
        """Until cancelled. A round that fails is tried again a minute later."""
        await self._watch.rounds(self._collect_when_due, POLL_SECONDS)

    async def collect(self) -> int:
        """One round: how many objects were removed."""
        limit = self._database.clock.now() - AGE
        old = self._objects.untouched_since(limit)
        listed = removed = 0
        while candidates := await asyncio.to_thread(_first, old, _AT_ONCE):
            listed += len(candidates)
            left = await self._unreferenced(candidates)
            removed += await asyncio.to_thread(self._objects.remove, left, limit)
        log.info("objects_collected", old=listed, removed=removed)
        return removed

    async def _collect_when_due(self) -> None:
        now = self._database.clock.now()
        if self._next is None or now >= self._next:
            await self.collect()
            self._next = now + EVERY

    async def _unreferenced(self, candidates: set[str]) -> set[str]:
        """The candidates that no row names; none when no row names anything, for that is how a hidden table looks."""
        left, named = set(candidates), False
        async with self._database.transaction(SYSTEM) as tx, tx.connection.stream(self._referenced) as rows:
            async for row in rows:
                named = named or bool(row[0])
                left.discard(row[0])
        if not named:
            log.warning("object_collection_refused", old=len(candidates))
        return left if named else set()


def _first(digests: Iterator[str], count: int) -> set[str]:
    return set(islice(digests, count))
