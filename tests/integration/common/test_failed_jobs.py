"""Nothing is given up because something was away, and what is given up is seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage import failed_jobs
from services.common.storage.backlog import Backlog
from services.common.storage.jobs import MAX_ATTEMPTS, Handler, Job, JobKind, Record, Worker
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import Toy, kind, toy
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


def refusal(error: ErrorKind, reason: str) -> DomainError:
    return DomainError(error, reason, "样本", "sample")


@asynccontextmanager
async def working(one: Toy, work: JobKind[Transaction]) -> AsyncIterator[None]:
    """One job of the kind, and a worker at it."""
    worker = asyncio.create_task(Worker(one.database, {"work": work}).run())
    async with one.database.transaction(SYSTEM) as tx:
        tx.enqueue("work", {"secret": "样本"})
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def job(one: Toy, column: str) -> object:
    return await one.scalar(f"SELECT {column} FROM jobs")


async def rests(one: Toy) -> bool:
    return await job(one, "lease_token IS NULL AND attempts < 30") is True


@pytest.mark.parametrize(
    "error",
    [
        refusal(ErrorKind.UNAVAILABLE, "UNAVAILABLE"),
        refusal(ErrorKind.UNAVAILABLE, "DEADLINE_EXCEEDED"),
        refusal(ErrorKind.EXHAUSTED, "TOO_MANY_TRIES"),
        refusal(ErrorKind.UNAUTHENTICATED, "SECRET_REFUSED"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
    ids=lambda error: getattr(error, "reason", type(error).__name__),
)
async def test_what_is_away_for_hours_is_waited_for_and_no_try_is_used_up(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, error: Exception
) -> None:
    tries: list[int] = []
    away = True

    async def handler(found: Job) -> None:
        tries.append(found.attempts)
        if away:
            raise error

    async with toy(postgres, nats, clock) as one, working(one, kind(handler)):
        for count in range(1, MAX_ATTEMPTS + 6):
            await eventually(lambda count=count: len(tries) == count)
            await eventually(lambda: rests(one))
            assert await job(one, "state") == "QUEUED"
            clock.advance(timedelta(minutes=4))
        away = False
        await eventually(lambda: _is(one, "state", "DONE"))
        assert set(tries) == {1}
        assert await job(one, "wait_time") is None


async def test_an_outage_is_told_once_and_without_a_stack(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    tries: list[int] = []

    async def handler(found: Job) -> None:
        tries.append(found.attempts)
        raise refusal(ErrorKind.UNAVAILABLE, "UNAVAILABLE")

    with capture_logs() as told:
        async with toy(postgres, nats, clock) as one, working(one, kind(handler)):
            for count in range(1, 5):
                await eventually(lambda count=count: len(tries) == count)
                await eventually(lambda: rests(one))
                clock.advance(timedelta(minutes=1))
    (line,) = [record for record in told if record["event"].startswith("job_")]
    assert line["event"] == "job_waits" and "exc_info" not in line


@pytest.mark.parametrize(
    "error", [ErrorKind.INVALID, ErrorKind.DENIED, ErrorKind.NOT_FOUND, ErrorKind.FAILED_PRECONDITION]
)
async def test_a_refusal_for_good_is_asked_for_once_and_shows_where_it_belongs(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, error: ErrorKind
) -> None:
    tries: list[int] = []
    shown: list[str] = []

    async def handler(found: Job) -> None:
        tries.append(found.attempts)
        raise refusal(error, "SAMPLE_REFUSED")

    async def on_failed(_tx: Transaction, _job: Job, reason: str) -> None:
        shown.append(reason)

    async with toy(postgres, nats, clock) as one, working(one, JobKind(handler, on_failed)):
        await eventually(lambda: _is(one, "state", "FAILED"))
        assert (tries, shown) == ([1], ["SAMPLE_REFUSED"])
        assert await job(one, "last_error") == "SAMPLE_REFUSED"
        assert await job(one, "end_time") == clock.now()


async def test_what_is_refused_when_it_is_recorded_is_looked_at_anew(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    """Another was faster at the aggregate: the next try sees what it is now."""
    tries: list[int] = []

    async def handler(found: Job) -> Record[Transaction] | None:
        tries.append(found.attempts)

        async def record(_tx: Transaction) -> None:
            raise refusal(ErrorKind.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")

        return record if len(tries) == 1 else None

    async with toy(postgres, nats, clock) as one, working(one, kind(handler)):
        await eventually(lambda: _is(one, "last_error", "ILLEGAL_TRANSITION"))
        assert await job(one, "state") == "QUEUED"
        clock.advance(timedelta(seconds=1))
        await eventually(lambda: _is(one, "state", "DONE"))
        assert tries == [1, 2]


async def test_a_fault_of_the_other_side_is_no_outage(postgres: KitPostgres, nats: KitNats, clock: FakeClock) -> None:
    async def handler(_found: Job) -> None:
        raise refusal(ErrorKind.FAULT, "INTERNAL")

    async with toy(postgres, nats, clock) as one, working(one, kind(handler)):
        for count in range(1, MAX_ATTEMPTS):
            await eventually(lambda count=count: _is(one, "attempts", count))
            await eventually(lambda: rests(one))
            clock.advance(timedelta(minutes=6))
        await eventually(lambda: _is(one, "state", "FAILED"))


async def test_what_its_aggregate_cannot_show_has_failed_all_the_same(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    async def handler(_found: Job) -> None:
        raise refusal(ErrorKind.INVALID, "SAMPLE_REFUSED")

    async def on_failed(_tx: Transaction, _job: Job, _reason: str) -> None:
        raise LookupError("gone")

    async with toy(postgres, nats, clock) as one, working(one, JobKind(handler, on_failed)):
        await eventually(lambda: _is(one, "state", "FAILED"))


async def test_a_job_that_takes_its_worker_with_it_each_time_is_given_up(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    asked: list[int] = []

    async def handler(found: Job) -> None:
        asked.append(found.attempts)

    async with toy(postgres, nats, clock) as one:
        async with one.database.transaction(SYSTEM) as tx:
            tx.enqueue("work", {})
        dying = Worker(one.database, {"work": kind(handler)})
        for _ in range(MAX_ATTEMPTS):
            assert await dying._claim(1)
            clock.advance(timedelta(seconds=11))
        async with working(one, kind(handler)):
            failed = "SELECT count(*) FROM jobs WHERE state = 'FAILED' AND last_error = 'WORKER_ENDED'"
            await eventually(lambda: _count(one, failed))
        assert asked == [1], "the other job alone"


def test_no_kind_of_job_comes_without_what_shows_when_it_fails() -> None:
    handler: Handler[Transaction] = _nothing
    with pytest.raises(TypeError, match="on_failed"):
        JobKind(handler)  # type: ignore[call-arg]


async def _nothing(_job: Job) -> None:
    return None


async def _count(one: Toy, sql: str) -> bool:
    return await one.scalar(sql) == 1


async def _is(one: Toy, column: str, value: object) -> bool:
    seen = await job(one, column)
    assert seen == value, seen
    return True


async def test_what_failed_and_what_waits_stands_on_the_metrics_page_and_goes_again(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    says: list[DomainError] = [refusal(ErrorKind.INVALID, "SAMPLE_REFUSED")]

    async def handler(_found: Job) -> None:
        if says:
            raise says[0]

    def shown(metric: str) -> float | None:
        return REGISTRY.get_sample_value(metric, {"kind": "work"})

    async with toy(postgres, nats, clock) as one:
        backlog = Backlog(one.database)
        async with working(one, kind(handler)):
            await eventually(lambda: _is(one, "state", "FAILED"))
            await backlog.measure()
            assert shown("comity_jobs_failed") == 1
            says[0] = refusal(ErrorKind.UNAVAILABLE, "UNAVAILABLE")
            async with one.database.transaction(SYSTEM) as tx:
                await failed_jobs.retry(tx, UUID(str(await job(one, "id"))), "accounts/sample")
            await eventually(lambda: _is(one, "last_error", "UNAVAILABLE"))
            await eventually(lambda: rests(one))
        clock.advance(timedelta(hours=2))
        await backlog.measure()
        assert shown("comity_jobs_failed") == 0
        assert shown("comity_jobs_waiting_seconds") == 7200
        says.clear()
        async with working(one, kind(handler)):
            await eventually(lambda: _count(one, "SELECT count(*) - 1 FROM jobs WHERE state = 'DONE'"))
        await backlog.measure()
        assert shown("comity_jobs_waiting_seconds") == 0
