"""What a worker does when the world around a job is not as it should be."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.common.storage import jobs
from services.common.storage.jobs import MAX_ATTEMPTS, Job, Record, RetryLater, Worker
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import Toy, kind, toy
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


async def test_waiting_for_a_turn_is_no_try_however_often(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    turns: list[int] = []

    async def handler(job: Job) -> None:
        turns.append(job.attempts)
        if len(turns) <= MAX_ATTEMPTS + 5:
            raise RetryLater("BUSY", timedelta(0))

    async with toy(postgres, nats, clock) as one:
        worker = asyncio.create_task(Worker(one.database, {"turn": kind(handler)}).run())
        await _queue(one, "turn")
        # Each turn comes with a poll of the worker, four in a second.
        await eventually(lambda: _in_state(one, "DONE"), 90)
        assert set(turns) == {1}
        await _end(worker)


async def test_what_was_done_is_not_done_again_because_the_database_was_away_for_its_end(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_end, failures, done = Worker._record_end, [ConnectionResetError()] * 3, []

    async def away_at_first(self: Worker[Transaction], job: Job, record: Record[Transaction] | None) -> None:
        if failures:
            raise failures.pop()
        await record_end(self, job, record)

    async def handler(job: Job) -> None:
        done.append(job.id)

    monkeypatch.setattr(Worker, "_record_end", away_at_first)
    async with toy(postgres, nats, clock) as one:
        worker = asyncio.create_task(Worker(one.database, {"mail": kind(handler)}).run())
        await _queue(one, "mail")
        await eventually(lambda: _in_state(one, "DONE"))
        assert len(done) == 1
        await _end(worker)


async def test_a_job_of_a_dead_worker_is_taken_over_when_its_lease_has_lapsed(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    taken: list[tuple[str, int]] = []

    async def handler(job: Job) -> None:
        taken.append((job.kind, job.attempts))

    async with toy(postgres, nats, clock) as one:
        await _queue(one, "work")
        assert await Worker(one.database, {"work": kind(handler)})._claim(1), "and dies with it"
        await _queue(one, "later")
        second = asyncio.create_task(Worker(one.database, {"work": kind(handler), "later": kind(handler)}).run())
        done = "SELECT count(*) FROM jobs WHERE state = 'DONE'"
        await eventually(lambda: _count_is(one, done, 1))
        assert taken == [("later", 1)], "it has looked, and left what is another's"
        clock.advance(timedelta(seconds=11))
        await eventually(lambda: _count_is(one, done, 2))
        assert taken[1:] == [("work", 2)]
        await _end(second)


async def test_two_jobs_claimed_at_once_have_a_lease_each(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    seen: set[UUID] = set()

    async def handler(job: Job) -> None:
        seen.add(job.lease_token)

    async with toy(postgres, nats, clock) as one:
        async with one.database.transaction(SYSTEM) as tx:
            tx.enqueue("work", {"number": 1})
            tx.enqueue("work", {"number": 2})
        worker = asyncio.create_task(Worker(one.database, {"work": kind(handler)}).run())
        await eventually(lambda: _count_is(one, "SELECT count(*) FROM jobs WHERE state = 'DONE'", 2))
        assert len(seen) == 2
        await _end(worker)


async def test_a_renewal_that_comes_late_does_not_hold_a_job_that_waits_for_its_next_try(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async def handler(_job: Job) -> None:
        raise RetryLater("not yet", timedelta(hours=1))

    async with toy(postgres, nats, clock) as one:
        await _queue(one, "work")
        worker = asyncio.create_task(Worker(one.database, {"work": kind(handler)}).run())
        await eventually(lambda: _count_is(one, "SELECT count(*) FROM jobs WHERE last_error = 'not yet'", 1))
        assert await one.scalar("SELECT count(*) FROM jobs WHERE lease_token IS NULL AND lease_until IS NULL") == 1
        await _end(worker)


async def test_a_job_that_does_not_end_is_cut_off_with_its_worker_and_done_by_another(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DRAIN_SECONDS", 0.05)
    begun, ended = asyncio.Event(), []

    async def never_ends(_job: Job) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut off")

    async def handler(_job: Job) -> None:
        ended.append("done")

    async with toy(postgres, nats, clock) as one:
        await _queue(one, "work")
        first = asyncio.create_task(Worker(one.database, {"work": kind(never_ends)}).run())
        await begun.wait()
        await _end(first)
        assert ended == ["cut off"], "nothing goes on when the worker has ended"
        clock.advance(timedelta(seconds=11))
        second = asyncio.create_task(Worker(one.database, {"work": kind(handler)}).run())
        await eventually(lambda: _in_state(one, "DONE"))
        assert ended == ["cut off", "done"]
        await _end(second)


async def _count_is(one: Toy, sql: str, count: int) -> bool:
    assert await one.scalar(sql) == count
    return True


async def _queue(one: Toy, kind: str) -> None:
    async with one.database.transaction(SYSTEM) as tx:
        tx.enqueue(kind, {})


async def _in_state(one: Toy, state: str) -> bool:
    seen = await one.scalar("SELECT state FROM jobs")
    assert seen == state, f"{seen} {await one.scalar('SELECT last_error FROM jobs')}"
    return True


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
