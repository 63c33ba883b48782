"""What is of no more use goes in its time; what somebody has to deal with stays; nothing happens twice for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from comity.intake.v1 import intake_events_pb2 as events_pb
from nats.aio.client import Client
from prometheus_client import REGISTRY
from pydantic import ValidationError

from deploy.local.streams import MAX_AGE_SECONDS
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Principal
from services.common.messaging.consumer import Consumer, Envelope, Reaction
from services.common.settings import ServiceSettings
from services.common.storage.replies import Claim
from services.common.storage.retention import Maintenance, of_the_runtime
from services.common.storage.revocations import KEPT, Revocations
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import RULES, Toy, toy
from tests.kit.clock import FakeClock
from tests.kit.events import publish, read_to_the_end
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

CALLER = Principal(account_id=UUID(int=7))


def settings(**changes: int) -> ServiceSettings:
    return ServiceSettings(
        database_url="postgresql+asyncpg://intake:x@127.0.0.1:5432/intake",
        nats_url="nats://intake:x@127.0.0.1:4222",
        listen="127.0.0.1:0",
        objects=RULES,
        keys=RULES,
        rules=RULES,
        service_secret="unused-here",
        identity_address="127.0.0.1:1",
        **changes,
    )


def maintenance(one: Toy) -> Maintenance:
    return Maintenance(one.database, of_the_runtime(settings()))


async def ask(one: Toy, request_id: UUID, body: bytes = b"sample") -> bytes:
    """A write under this id: the answer, which is that of the first time if there was one."""
    async with one.database.transaction(CALLER, Claim(request_id, "sample", body)) as tx:
        if tx.first_answer is None:
            tx.keep_answer(request_id, "样本：张三的住址".encode())
            tx.enqueue("done", {})
        return tx.first_answer or b""


async def test_an_answer_is_forgotten_after_a_month_and_its_request_is_never_done_again(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        request_id = uuid4()
        await ask(one, request_id)
        clock.advance(timedelta(days=29))
        await maintenance(one).keep()
        assert await ask(one, request_id) == "样本：张三的住址".encode()
        clock.advance(timedelta(days=2))
        await maintenance(one).keep()
        for body in (b"sample", b"another"):
            with pytest.raises(DomainError) as refusal:
                await ask(one, request_id, body)
            assert (refusal.value.reason, refusal.value.field) == ("REQUEST_ID_EXPIRED", "request_id")
        assert await one.scalar("SELECT count(*) FROM jobs") == 1, "it was done once"
        assert await one.scalar("SELECT octet_length(response) + octet_length(body_hash) FROM replies") == 0
        clock.advance(timedelta(days=1095))
        await maintenance(one).keep()
        assert await one.scalar("SELECT count(*) FROM replies") == 0


async def test_what_somebody_has_to_deal_with_stays_however_old(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    rows = """INSERT INTO jobs (id, kind, payload, state, run_time, attempts, create_time, end_time)
        VALUES (gen_random_uuid(), 'sample', '{}', $1::text, $2::timestamptz, 0, $2, CASE WHEN $1 <> 'QUEUED' THEN $2 END)"""
    letters = """INSERT INTO dead_letters
        VALUES (gen_random_uuid(), 'intake', gen_random_uuid(), 's', '{}', '', 'r', 1, $2::timestamptz,
        $1::text, CASE WHEN $1 <> 'PARKED' THEN $2 END)"""
    async with toy(postgres, nats, clock) as one:
        for state in ("QUEUED", "DONE", "FAILED", "RELEASED"):
            await one.database.system_statement(rows, state, clock.now())
        for state in ("PARKED", "REPLAYED", "RELEASED"):
            await one.database.system_statement(letters, state, clock.now())
        clock.advance(timedelta(days=29))
        await maintenance(one).keep()
        assert await one.scalar("SELECT count(*) FROM jobs") == 4
        clock.advance(timedelta(days=400))
        await maintenance(one).keep()
        assert await one.scalar("SELECT string_agg(state, ' ' ORDER BY state) FROM jobs") == "FAILED QUEUED"
        assert await one.scalar("SELECT string_agg(state, ' ') FROM dead_letters") == "PARKED"


async def test_what_was_revoked_is_forgotten_when_no_token_of_it_can_be_good_any_more(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        for subject, age in (("accounts/1", KEPT), ("accounts/2", timedelta(0))):
            async with one.database.transaction(SYSTEM) as tx:
                await Revocations(tx).add(subject, 1)
            clock.advance(age)
        await maintenance(one).keep()
        assert await one.scalar("SELECT count(*) FROM revocations") == 2, "a token of before may be good still"
        clock.advance(timedelta(seconds=1))
        await maintenance(one).keep()
        assert await one.scalar("SELECT string_agg(subject, ' ') FROM revocations") == "accounts/2"


async def test_several_replicas_remove_in_batches_and_each_row_once(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async with toy(postgres, nats, clock) as one:
        await one.database.system_statement(
            "INSERT INTO inbox SELECT 'intake', gen_random_uuid(), $1 FROM generate_series(1, 1000)", clock.now()
        )
        clock.advance(timedelta(days=61))
        await one.database.system_statement("INSERT INTO inbox VALUES ('intake', gen_random_uuid(), $1)", clock.now())
        inbox = next(each for each in of_the_runtime(settings()) if each.table == "inbox")
        replicas = [maintenance(one) for _ in range(4)]
        removed = await asyncio.gather(*(each.remove(inbox, batch=50) for each in replicas))
        removed.append(await maintenance(one).remove(inbox, batch=50))  # What a batch passed over is the next round's.
        assert sum(removed) == 1000
        assert await one.scalar("SELECT count(*) FROM inbox") == 1


@asynccontextmanager
async def consuming(
    one: Toy, nats: KitNats, clock: FakeClock, apply: Callable[..., Awaitable[None]]
) -> AsyncIterator[tuple[Client, Callable[..., Awaitable[None]]]]:
    """A consumer of intake's events with an inbox of 60 days; yields a client, and what publishes a withdrawal.

    The latter takes the matter's number and what else is to stand in the header.
    """
    await nats.create_streams()
    reaction = Reaction(events_pb.MatterWithdrawn, apply)
    consumer = Consumer(one.broker, one.database, "intake", {"matter.withdrawn": reaction}, timedelta(days=60))
    client = await nats.connect()
    began = clock.now()

    async def told(number: str, **header: Any) -> None:
        message = events_pb.MatterWithdrawn(matter=f"matters/{uuid4()}", number=number)
        await publish(
            client, "intake", "matter.withdrawn", message, subject=message.matter, version=1, time=began, **header
        )

    running = asyncio.create_task(consumer.run())
    try:
        yield client, told
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await client.close()


async def test_an_event_older_than_the_inbox_is_parked_and_not_applied_a_second_time(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    applied: list[str] = []

    async def apply(_tx: Transaction, event: Any, _envelope: Envelope, _prepared: Any) -> None:
        applied.append(event.number)

    async with toy(postgres, nats, clock, service="notify") as one, consuming(one, nats, clock, apply) as (_, told):
        event_id = uuid4()
        await told("once", event_id=event_id)
        await eventually(lambda: applied == ["once"])
        clock.advance(timedelta(days=61))
        await maintenance(one).keep()
        assert await one.scalar("SELECT count(*) FROM inbox") == 0
        await told("once", event_id=event_id)  # As a relay does that was away for so long.
        await eventually(lambda: _reason(one))
        assert applied == ["once"]


async def test_an_event_that_waits_for_weeks_is_parked_before_its_stream_drops_it(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async def apply(*_: Any) -> None:
        raise DomainError(ErrorKind.UNAVAILABLE, "SUBJECT_UNKNOWN", "样本", "sample")

    async with toy(postgres, nats, clock, service="notify") as one, consuming(one, nats, clock, apply) as (_, told):
        await told("1")

        def waits() -> float | None:
            return REGISTRY.get_sample_value("comity_events_waiting_seconds", {"source": "intake"})

        clock.advance(timedelta(hours=2))
        await eventually(lambda: waits() == 7200)
        clock.advance(timedelta(days=22))
        parked = "SELECT reason FROM dead_letters"
        await eventually(lambda: _says(one, parked, "WAITED_TOO_LONG: SUBJECT_UNKNOWN"))
        await eventually(lambda: waits() == 0)


@pytest.mark.parametrize("wrong", [{"ce-id": "x"}, {"ce-id": ""}, {"ce-time": "2026-03-02T01:00:00"}, {"ce-time": ""}])
async def test_an_event_whose_headers_are_not_ours_is_parked_at_once(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, wrong: dict[str, str]
) -> None:
    async def apply(*_: Any) -> None:
        raise AssertionError("not to be applied")

    async with toy(postgres, nats, clock, service="notify") as one, consuming(one, nats, clock, apply) as found:
        client, told = found
        await told("1", further_headers=wrong)
        await eventually(lambda: _says(one, "SELECT reason FROM dead_letters", "undecodable: ValueError"))
        await eventually(lambda: read_to_the_end(client, "intake", "notify"))


async def _says(one: Toy, sql: str, value: str) -> bool:
    return await one.scalar(sql) == value


async def _reason(one: Toy) -> bool:
    return await one.scalar("SELECT reason FROM dead_letters") == "OLDER_THAN_THE_INBOX"


@pytest.mark.parametrize(
    ("setting", "days"),
    [("keep_answers_days", 6), ("keep_request_ids_days", 364), ("keep_inbox_days", 36), ("keep_jobs_days", 6)],
)
def test_a_period_that_would_let_something_happen_twice_keeps_the_service_from_starting(
    setting: str, days: int
) -> None:
    with pytest.raises(ValidationError):
        settings(**{setting: days})
    assert settings(**{setting: days + 1})


def test_the_inbox_knows_an_event_for_longer_than_the_streams_keep_it() -> None:
    least = timedelta(seconds=MAX_AGE_SECONDS) + timedelta(days=7)
    assert settings(keep_inbox_days=least.days)
    with pytest.raises(ValidationError):
        settings(keep_inbox_days=least.days - 1)


async def test_every_removal_goes_by_an_index(postgres: KitPostgres, nats: KitNats, clock: FakeClock) -> None:
    async with toy(postgres, nats, clock) as one, one.database.transaction(SYSTEM) as tx:
        await tx.driver.execute("SET LOCAL enable_seqscan = off")
        for each in of_the_runtime(settings()):
            rows = await tx.driver.fetch(f"EXPLAIN {each.statement}", clock.now(), 10)
            plan = "\n".join(row[0] for row in rows)
            assert f"Seq Scan on {each.table}" not in plan, plan
