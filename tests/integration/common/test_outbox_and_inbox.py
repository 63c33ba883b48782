"""P1: nothing is lost and nothing happens twice between a commit here and its effect there."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from comity.intake.v1 import intake_events_pb2 as events_pb
from nats.aio.msg import Msg
from nats.errors import Error as BrokerError
from nats.js import JetStreamContext
from sqlalchemy import text

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.messaging import consumer as consumers
from services.common.messaging.consumer import Consumer, Envelope, Reaction
from services.common.storage.audit import Fault, Finding
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import AUDITED, Toy, count_up, new_counter, toy
from tests.kit.audit import audit
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


async def note(tx: Transaction, event: events_pb.MatterWithdrawn, envelope: Envelope, _prepared: Any) -> None:
    values = {"event_id": envelope.event_id, "matter": event.matter}
    await tx.connection.execute(text("INSERT INTO notes VALUES (:event_id, :matter)"), values)


def consumer_of(receiving: Toy, reaction: Reaction[Transaction] | None = None) -> Consumer[Transaction]:
    reactions = {"matter.withdrawn": reaction or Reaction(events_pb.MatterWithdrawn, note)}
    return Consumer(receiving.broker, receiving.database, "intake", reactions)


async def test_an_event_committed_in_one_service_is_applied_once_in_the_next(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer_of(receiving))]
        for _ in range(20):
            async with sending.database.transaction(SYSTEM) as tx:
                await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 20))
        await eventually(lambda: _equals(sending, "SELECT count(*) FROM outbox", 0))
        assert await sending.scalar("SELECT count(*) FROM event_log") == 40, "private events stay in the log"
        await _cancel(loops)


async def test_a_second_delivery_of_the_same_event_has_no_second_effect(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer_of(receiving))]
        counter = new_counter()
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, counter)
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        headers, payload = await _stored(nats)
        js = sending.broker.client.jetstream()
        await js.publish("comity.intake.v1.matter.withdrawn", payload, headers=headers)
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 2))
        await eventually(
            lambda: nats.read_to_the_end("intake", "mediation")
        )  # Two aggregates are worked off side by side.
        assert await receiving.scalar("SELECT count(*) FROM notes") == 2
        assert await receiving.scalar("SELECT count(*) FROM inbox") == 2
        await _cancel(loops)


@pytest.mark.parametrize(("newest_of", "effects"), [(None, 2), (lambda _event: "whether it was withdrawn", 1)])
async def test_an_older_event_that_arrives_late_counts_unless_only_the_newest_of_its_state_does(
    newest_of: Callable[[Any], str] | None, effects: int, postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        consumer = consumer_of(receiving, Reaction(events_pb.MatterWithdrawn, note, newest_of=newest_of))
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer)]
        counter = new_counter()
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, counter)
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        headers, payload = await _stored(nats)
        late = headers | {"ce-id": str(uuid4()), "ce-aggregateversion": "0"}
        await sending.broker.client.jetstream().publish("comity.intake.v1.matter.withdrawn", payload, headers=late)
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM inbox", 2))
        assert await receiving.scalar("SELECT count(*) FROM notes") == effects
        await _cancel(loops)


async def test_a_database_that_is_away_parks_no_event_however_long_it_takes(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_DELIVERIES", 1)
    tries: list[int] = []

    async def fail_twice(tx: Transaction, event: events_pb.MatterWithdrawn, envelope: Envelope, prepared: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            await tx.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await note(tx, event, envelope, prepared)

    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        consumer = consumer_of(receiving, Reaction(events_pb.MatterWithdrawn, fail_twice))
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer)]
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        assert await receiving.scalar("SELECT count(*) FROM dead_letters") == 0
        await _cancel(loops)


async def test_a_reaction_that_takes_long_is_done_by_a_job_and_parked_when_it_is_refused(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    refused = asyncio.Event()

    async def prepare(_event: Any) -> str:
        if not refused.is_set():
            refused.set()
            raise DomainError(ErrorKind.INVALID, "DOES_NOT_VERIFY", "无法验证", "it does not verify")
        return "prepared"

    reaction = Reaction(events_pb.MatterWithdrawn, note, prepare, later=True)
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        consumer = consumer_of(receiving, reaction)
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer, *consumer.workers)]
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM dead_letters WHERE state = 'PARKED'", 1))
        assert await receiving.scalar("SELECT count(*) FROM notes") == 0
        headers, payload = await _stored(nats)
        await consumer.replay(headers, "comity.intake.v1.matter.withdrawn", payload)
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        await _cancel(loops)


async def test_a_consumer_whose_durable_is_gone_says_so_and_waits(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    client = await nats.connect()
    async with toy(postgres, nats, clock, "mediation") as receiving:
        config = (await client.jetstream().consumer_info("INTAKE", "mediation")).config
        await client.jetstream().delete_consumer("INTAKE", "mediation")
        try:
            with pytest.raises(BrokerError, match="ends the request"):
                await asyncio.wait_for(consumer_of(receiving)._consume(), 30)
        finally:
            await client.jetstream().add_consumer("INTAKE", config)
            await client.close()


async def test_a_rolled_back_transaction_publishes_nothing(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending:
        with pytest.raises(RuntimeError):
            async with sending.database.transaction(SYSTEM) as tx:
                await count_up(tx, new_counter())
                raise RuntimeError("after the change")
        for table in ("outbox", "event_log", "counters"):
            assert await sending.scalar(f"SELECT count(*) FROM {table}") == 0


async def test_a_relay_that_the_broker_refused_once_publishes_the_next_time(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock belongs to a connection; with many in the pool it must not wait for a lock that it holds itself."""
    publish, refused = JetStreamContext.publish, asyncio.Event()

    async def refuse_once(self: JetStreamContext, *arguments: Any, **named: Any) -> Any:
        if not refused.is_set():
            refused.set()
            raise TimeoutError
        return await publish(self, *arguments, **named)

    monkeypatch.setattr(JetStreamContext, "publish", refuse_once)
    async with toy(postgres, nats, clock) as sending:
        await asyncio.gather(*(sending.scalar("SELECT count(*) FROM outbox, pg_sleep(0.1)") for _ in range(5)))
        relay = asyncio.create_task(sending.relay().run())
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await asyncio.wait_for(refused.wait(), 30)
        await eventually(lambda: _equals(sending, "SELECT count(*) FROM outbox", 0))
        await _cancel([relay])


async def test_a_poisonous_message_is_parked_with_its_reason_and_the_next_ones_flow(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer_of(receiving))]
        await eventually(lambda: _stream_exists(nats))
        await sending.broker.client.jetstream().publish("comity.intake.v1.matter.withdrawn", b"\xff\xff\xff")
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM dead_letters WHERE state = 'PARKED'", 1))
        await _cancel(loops)


async def test_a_consumer_that_is_told_to_stop_while_its_connection_closes_stops(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    """The client turns a cancellation that meets a closed connection into an error of its own."""
    async with toy(postgres, nats, clock, "mediation") as receiving:
        consuming = asyncio.create_task(consumer_of(receiving).run())
        client = receiving.broker.client
        await eventually(lambda: client.stats["out_msgs"] > 0)  # It has asked for events.
        closing = asyncio.create_task(client.close())
        await asyncio.sleep(0)
        assert client.is_closed
        consuming.cancel()
        stopped, _ = await asyncio.wait([consuming], timeout=5)
        assert stopped
        await closing


@pytest.mark.parametrize("steps_later", range(6))
async def test_a_consumer_that_is_told_to_stop_as_an_event_arrives_stops(
    steps_later: int, postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    """wait_for of Python 3.11 drops a cancellation that comes between an answer and who waits for it."""
    async with toy(postgres, nats, clock, "mediation") as receiving:
        consuming = asyncio.create_task(consumer_of(receiving).run())
        client = receiving.broker.client
        await eventually(lambda: client.stats["out_msgs"] > 0)
        waiting = await eventually(lambda: [each for each in client._subs.values() if each._pending_next_msgs_calls])
        waiting[0]._pending_queue.put_nowait(Msg(client, "comity.intake.v1.matter.unknown", "reply", b"event"))
        for _ in range(steps_later):
            await asyncio.sleep(0)
        consuming.cancel()
        stopped, _ = await asyncio.wait([consuming], timeout=5)
        assert stopped


async def test_what_a_reaction_has_to_wait_for_is_retried_until_it_is_there(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    tries: list[str] = []

    async def prepare(event: events_pb.MatterWithdrawn) -> None:
        tries.append(event.matter)
        if len(tries) < 3:
            raise DomainError(ErrorKind.UNAVAILABLE, "UNAVAILABLE", "", "not yet")

    async with toy(postgres, nats, clock) as sending, toy(postgres, nats, clock, "mediation") as receiving:
        consumer = consumer_of(receiving, Reaction(events_pb.MatterWithdrawn, note, prepare))
        loops = [asyncio.create_task(loop.run()) for loop in (sending.relay(), consumer)]
        async with sending.database.transaction(SYSTEM) as tx:
            await count_up(tx, new_counter())
        await eventually(lambda: _equals(receiving, "SELECT count(*) FROM notes", 1))
        assert len(tries) == 3
        await _cancel(loops)


async def test_a_changed_deleted_or_cut_event_log_is_found_at_that_row(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as sending:
        counter = new_counter()
        for _ in range(3):
            async with sending.database.transaction(SYSTEM) as tx:
                await count_up(tx, counter)
        last = "version = (SELECT max(version) FROM event_log)"
        for edit, version, fault in (
            ("UPDATE event_log SET actor = 'somebody else' WHERE version = 2", 2, Fault.EVENT_CHANGED),
            ("DELETE FROM event_log WHERE version = 2", 3, Fault.VERSION_MISSING),
            (f"DELETE FROM event_log WHERE {last}", 5, Fault.TAIL_MISSING),
            ("UPDATE counters SET version = version + 1", 6, Fault.TAIL_MISSING),
            ("DELETE FROM counters", 6, Fault.AGGREGATE_MISSING),
            ("DELETE FROM event_log", 6, Fault.LOG_MISSING),
        ):
            report = await audit("intake", sending.superuser_url, edit, audited=AUDITED)
            assert report.findings == [Finding(f"matters/{counter.id}", version, fault)], edit
        assert (await audit("intake", sending.superuser_url, audited=AUDITED)).findings == []
        with pytest.raises(Exception, match="permission denied"):
            async with sending.database.engine.begin() as connection:
                await connection.execute(text("UPDATE event_log SET actor = 'somebody else' WHERE version = 2"))


async def _equals(side: Toy, sql: str, expected: int) -> bool:
    seen = await side.scalar(sql)
    assert seen == expected, f"{sql}: {seen}"
    return True


async def _stored(nats: KitNats) -> tuple[dict[str, str], bytes]:
    client = await nats.connect()
    try:
        message = await client.jetstream().get_last_msg("INTAKE", "comity.intake.v1.matter.withdrawn")
        headers = {key: value for key, value in (message.headers or {}).items() if key != "Nats-Msg-Id"}
        return headers, message.data or b""
    finally:
        await client.close()


async def _stream_exists(nats: KitNats) -> bool:
    client = await nats.connect()
    try:
        return len(await client.jetstream().streams_info()) > 0
    finally:
        await client.close()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
