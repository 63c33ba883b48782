"""What no row refers to is removed after a day; a row, an upload or another replica that comes between loses nothing."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common.documents.object_store import ObjectStore
from services.common.kernel.errors import DomainError
from services.common.kernel.ids import new_id
from services.common.storage.object_collection import ObjectCollection
from services.common.storage.transaction import Transaction
from tests.integration.common.toy import Toy, toy
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

REFERENCED = select(column("matter")).select_from(table("notes"))
NOTE = text("INSERT INTO notes (event_id, matter) VALUES (:id, :digest)")


@dataclass
class Shelf:
    """A toy service with documents: its store, and notes whose text is the digest they refer to."""

    toy: Toy
    folder: Path

    @property
    def objects(self) -> ObjectStore:
        return ObjectStore(self.folder)

    def replica(self) -> ObjectCollection[Transaction]:
        return ObjectCollection(self.toy.database, self.objects, REFERENCED)

    def old(self, content: bytes) -> str:
        """A document put two days ago."""
        digest = self.objects.put(content)
        self.age(digest)
        return digest

    def age(self, digest: str) -> None:
        then = (self.toy.clock.now() - timedelta(days=2)).timestamp()
        os.utime(next(self.folder.rglob(digest)), (then, then))

    def holds(self, digest: str) -> bool:
        try:
            return bool(self.objects.get(digest))
        except DomainError:
            return False

    async def refer(self, digest: str) -> None:
        async with self.toy.database.engine.begin() as connection:
            await connection.execute(NOTE, {"id": new_id(), "digest": digest})

    async def between_listing_and_reading(self, act: Callable[[AsyncConnection], Awaitable[object]]) -> None:
        """Collects, and acts when the old objects are listed and the rows are not read yet: they are locked so long.

        The act may write rows in the transaction that holds the lock.
        """
        async with self.toy.database.engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
            await connection.execute(text("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE"))
            collecting = asyncio.create_task(self.replica().collect())
            await eventually(self._reader_waits)
            await act(connection)
        await collecting

    async def _reader_waits(self) -> bool:
        return bool(await self.toy.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"))


@pytest.fixture
async def shelf(postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with toy(postgres, nats, clock) as one:
        shelf = Shelf(one, tmp_path / "objects")
        await shelf.refer(shelf.old(b"referred to"))
        yield shelf


async def test_an_object_that_no_row_names_is_removed_after_a_day_and_the_others_stay(shelf: Shelf) -> None:
    named, orphan, young = shelf.old(b"named"), shelf.old(b"orphan"), shelf.objects.put(b"young")
    await shelf.refer(named)
    assert await shelf.replica().collect() == 1
    assert (shelf.holds(named), shelf.holds(orphan), shelf.holds(young)) == (True, False, True)
    assert await shelf.replica().collect() == 0


async def test_it_happens_at_the_start_and_again_a_day_later(
    shelf: Shelf, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.common.storage.object_collection.POLL_SECONDS", 0.01)
    first = shelf.old(b"first")
    async with running(shelf.replica()):
        await eventually(lambda: not shelf.holds(first))
        second = shelf.old(b"second")
        clock.advance(timedelta(days=1))
        await eventually(lambda: not shelf.holds(second))


async def test_a_row_committed_after_the_listing_keeps_its_object(shelf: Shelf) -> None:
    digest = shelf.old(b"just referred to")

    async def refer(connection: AsyncConnection) -> None:
        await connection.execute(NOTE, {"id": new_id(), "digest": digest})

    await shelf.between_listing_and_reading(refer)
    assert shelf.holds(digest)


async def test_an_object_put_again_while_collection_runs_survives_before_its_row_is_there(shelf: Shelf) -> None:
    digest, orphan = shelf.old(b"put again"), shelf.old(b"orphan")

    async def put_again(_: AsyncConnection) -> None:
        await asyncio.to_thread(shelf.objects.put, b"put again")

    await shelf.between_listing_and_reading(put_again)
    assert shelf.holds(digest)
    assert not shelf.holds(orphan)


async def test_replicas_that_collect_at_once_do_not_disturb_each_other(shelf: Shelf) -> None:
    orphans = [shelf.old(b"%d" % number) for number in range(100)]
    removed = await asyncio.gather(*(shelf.replica().collect() for _ in range(4)))
    assert sum(removed) == len(orphans)


async def test_rows_that_cannot_be_seen_are_no_reason_to_remove_everything(shelf: Shelf) -> None:
    orphan = shelf.old(b"orphan")
    blind = ObjectCollection(shelf.toy.database, shelf.objects, REFERENCED.where(text("false")))
    assert await blind.collect() == 0
    assert shelf.holds(orphan)


@asynccontextmanager
async def running(collection: ObjectCollection[Transaction]) -> AsyncIterator[None]:
    task = asyncio.create_task(collection.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
