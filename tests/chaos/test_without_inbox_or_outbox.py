"""What inbox and outbox are for: the same death, with them and without.

The tests with kills prove something only if they would fail without these two. Here each is taken out in turn, and what
it prevents happens: an effect twice, an event lost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from comity.intake.v1 import intake_events_pb2 as events_pb
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from sqlalchemy import text

from services.common.messaging import consumer as consumers
from services.common.messaging.consumer import Consumer, Envelope, Reaction
from services.common.messaging.relay import Relay
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import Toy, count_up, new_counter, toy
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

_FOREVER = 3600


class HastyRelay(Relay):
    """A relay as it must not be: it forgets an event before the broker has it."""

    async def _publish_batch(self, driver: Any) -> bool:
        rows = await driver.fetch("SELECT * FROM outbox ORDER BY position")
        await driver.execute("DELETE FROM outbox")
        for row in rows:
            await self._publish(row)
        return False


@pytest.mark.parametrize("inbox", [True, False])
async def test_who_dies_before_acknowledging_applies_again_only_without_an_inbox(
    inbox: bool, postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not inbox:
        monkeypatch.setattr(consumers, "_takes", _always)
    await _redeliver_soon(nats)
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        relay = asyncio.create_task(sending.relay().run())
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await _die_before_acknowledging(receiving, monkeypatch)
        last = asyncio.create_task(_consumer(receiving).run())
        await eventually(lambda: nats.read_to_the_end("intake", "mediation"))
        # More than twice when it is slower than the wait for its acknowledgement.
        applied = await receiving.scalar("SELECT count(*) FROM notes")
        assert applied == 1 if inbox else applied > 1
        await _end(relay, last)


@pytest.mark.parametrize(("kind", "arrives"), [(Relay, True), (HastyRelay, False)])
async def test_a_relay_that_dies_while_publishing_loses_the_event_only_without_an_outbox(
    kind: type[Relay],
    arrives: bool,
    postgres: KitPostgres,
    nats: KitNats,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with toy(postgres, nats, clock) as sending:
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        with monkeypatch.context() as patched:
            reached = _hang(patched, JetStreamContext, "publish")
            await _die_at(kind(sending.database, sending.broker).run(), reached)
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter(), "later")
        last = asyncio.create_task(kind(sending.database, sending.broker).run())
        await eventually(lambda: _is(sending, "SELECT count(*) FROM outbox", 0))
        numbers = await eventually(lambda: _published(nats, "later"))
        assert ("1" in numbers) is arrives
        await _end(last)


async def test_a_relay_that_dies_after_publishing_publishes_once(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with toy(postgres, nats, clock) as sending:
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        with monkeypatch.context() as patched:
            reached = _hang(patched, JetStreamContext, "publish", first=JetStreamContext.publish)
            await _die_at(sending.relay().run(), reached)
        assert await sending.scalar("SELECT count(*) FROM outbox") == 1
        last = asyncio.create_task(sending.relay().run())
        await eventually(lambda: _is(sending, "SELECT count(*) FROM outbox", 0))
        assert await _published(nats, "1") == ["1"]
        await _end(last)


async def _die_before_acknowledging(receiving: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        reached = _hang(patched, Msg, "ack")
        await _die_at(_consumer(receiving).run(), reached)
    assert await receiving.scalar("SELECT count(*) FROM notes") == 1


def _hang(
    patched: pytest.MonkeyPatch, owner: type, method: str, first: Callable[..., Awaitable[Any]] | None = None
) -> asyncio.Event:
    """The method never returns; the event tells that it was reached (and ``first`` was done)."""
    reached = asyncio.Event()

    async def hang(self: Any, *arguments: Any, **named: Any) -> None:
        if first is not None:
            await first(self, *arguments, **named)
        reached.set()
        await asyncio.sleep(_FOREVER)

    patched.setattr(owner, method, hang)
    return reached


async def _die_at(life: Any, reached: asyncio.Event) -> None:
    task = asyncio.create_task(life)
    await asyncio.wait_for(reached.wait(), 30)
    await _end(task)


async def _end(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _consumer(receiving: Toy) -> Consumer[Transaction]:
    reaction = Reaction(events_pb.MatterWithdrawn, _note)
    return Consumer(receiving.broker, receiving.database, "intake", {"matter.withdrawn": reaction})


async def _note(tx: Transaction, event: events_pb.MatterWithdrawn, _envelope: Envelope, _prepared: Any) -> None:
    statement = text("INSERT INTO notes VALUES (gen_random_uuid(), :matter)")
    await tx.connection.execute(statement, {"matter": event.matter})


async def _always(_tx: Transaction, _envelope: Envelope) -> bool:
    return True


async def _redeliver_soon(nats: KitNats) -> None:
    client = await nats.connect()
    try:
        jetstream = client.jetstream()
        config = (await jetstream.consumer_info("INTAKE", "mediation")).config
        config.ack_wait = 0.5
        await jetstream.add_consumer("INTAKE", config)
    finally:
        await client.close()


async def _published(nats: KitNats, until: str) -> list[str]:
    """The numbers of all events on the stream, empty until the given one is among them."""
    client = await nats.connect()
    try:
        jetstream = client.jetstream()
        state = (await jetstream.stream_info("INTAKE")).state
        messages = [await jetstream.get_msg("INTAKE", each) for each in range(state.first_seq, state.last_seq + 1)]
        numbers = [events_pb.MatterWithdrawn.FromString(each.data or b"").number for each in messages]
        return numbers if until in numbers else []
    finally:
        await client.close()


async def _is(side: Toy, sql: str, expected: int) -> bool:
    seen = await side.scalar(sql)
    assert seen == expected, f"{sql}: {seen}"
    return True
