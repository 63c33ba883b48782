"""Transactions over connections that break, statements that fail, and viewers that must not stay."""

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.common.kernel.ids import new_id
from services.common.storage.transaction import SYSTEM, begin_as
from tests.integration.common.toy import count_up, new_counter, toy
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

_CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1"
_VIEWER = "SELECT current_setting('comity.viewer', true)"


@pytest.mark.parametrize("noticed", [True, False])
async def test_connections_that_a_restart_has_cut_cost_nobody_a_transaction(
    noticed: bool, postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:

        async def used() -> None:
            async with one.database.transaction(SYSTEM) as tx:
                await tx.connection.execute(text("SELECT pg_sleep(0.05)"))

        async def cut() -> None:
            server = await asyncpg.connect(postgres.superuser_url)
            assert await server.fetchval(_CUT, one.database.engine.url.database) >= 5
            await server.close()

        await asyncio.gather(*(used() for _ in range(5)))
        if noticed:
            await cut()
        else:  # This loop stands still meanwhile, so that it cannot have read the server's goodbye.
            with ThreadPoolExecutor() as beside:
                beside.submit(asyncio.run, cut()).result()
        for _ in range(5):
            async with one.database.transaction(SYSTEM) as tx:
                await count_up(tx, new_counter())
        assert await one.scalar("SELECT count(*) FROM counters") == 5


async def test_a_transaction_whose_statement_failed_never_passes_for_committed(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        again = text("INSERT INTO counters VALUES (:id, 1, '')"), {"id": new_id()}
        with pytest.raises(RuntimeError, match="nothing was committed"):
            async with one.database.transaction(SYSTEM) as tx:
                await tx.connection.execute(*again)
                with pytest.raises(IntegrityError):
                    await tx.connection.execute(*again)
        assert await one.scalar("SELECT count(*) FROM counters") == 0


async def test_the_viewer_ends_with_its_transaction_however_that_ends(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        for _ in range(12):
            with pytest.raises(ZeroDivisionError):
                async with one.database.transaction(SYSTEM) as tx:
                    assert (await tx.connection.execute(text(_VIEWER))).scalar_one() == "system"
                    raise ZeroDivisionError
            async with one.database.engine.connect() as connection:
                assert not (await connection.execute(text(_VIEWER))).scalar()


async def test_a_service_whose_connections_are_all_busy_stays_ready(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one, AsyncExitStack() as busy:
        await one.database.surroundings.look()
        for _ in range(10):
            await busy.enter_async_context(one.database.transaction(SYSTEM))
        await one.database.surroundings.look()
        assert one.database.surroundings.ready


async def test_a_cancelled_transaction_stays_cancelled_and_leaves_nothing(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        written = asyncio.Event()

        async def writing() -> None:
            async with one.database.transaction(SYSTEM) as tx:
                await count_up(tx, new_counter())
                written.set()
                await tx.connection.execute(text("SELECT pg_sleep(30)"))

        task = asyncio.create_task(writing())
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await one.scalar("SELECT count(*) FROM counters") == 0


@pytest.mark.parametrize("viewer", ["x', true), set_config('comity.viewer", "a b", "\\", "名"])
def test_a_viewer_that_could_end_its_literal_is_refused(viewer: str) -> None:
    with pytest.raises(ValueError, match="made of ids"):
        begin_as({"comity.viewer": viewer})


async def test_what_a_transaction_held_goes_with_it_and_waits_for_no_garbage_collection(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        gc.disable()
        try:
            async with one.database.transaction(SYSTEM) as tx:
                await count_up(tx, new_counter())
                held = weakref.ref(tx), weakref.ref(tx.deadlines)
            del tx
            assert [each() for each in held] == [None, None]
        finally:
            gc.enable()
