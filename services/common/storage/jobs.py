"""Jobs: what must happen after a commit and outside any transaction (signing, filing, sending), at least once.

A handler runs outside a transaction and returns what to record; that is committed together with the job's end, and only
by the holder of the lease. The lease is short and renewed while the handler runs, so that a job whose worker died is
taken over in seconds, and one that takes long is not.

What is away is waited for however long that lasts, and no try is used up. A fault is tried ``MAX_ATTEMPTS`` times. What
is refused for good, or given up, is FAILED: the kind's ``on_failed`` shows it in its aggregate in the same transaction,
and the operator finds it in ``storage/failed_jobs.py``.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import func, update

from services.common.kernel.errors import ErrorKind
from services.common.kernel.tasks import finish
from services.common.storage.database import Database
from services.common.storage.failures import FAILURES, away
from services.common.storage.retry import FINAL, Retry, reason_of, retry_after
from services.common.storage.tables import jobs
from services.common.storage.transaction import SYSTEM, Transaction
from services.common.telemetry import JOBS
from services.common.traces import spans

log = structlog.get_logger()
T = TypeVar("T", bound=Transaction)

LEASE = timedelta(seconds=10)
RENEW_SECONDS = 3.0
DRAIN_SECONDS = 15.0
"""How long jobs under way are waited for at the end."""
POLL_SECONDS = 0.25
MAX_ATTEMPTS = 30
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)
"""Between tries of a job while something it needs is away: a tenth of the time that it has waited, within these."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job as claimed; ``attempts`` counts this one. ``traceparent`` names the trace that queued it, if any.

    ``wait_time``: since when it has been put off without a try that counted; None when it is not.
    """

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease_token: UUID
    traceparent: str | None = None
    wait_time: datetime | None = None


class RetryLater(Exception):
    """The job waits for its turn and is tried again after the pause, which does not count as a try: nobody gives up in a
    queue. What a handler needs and cannot reach it just lets raise.
    """

    def __init__(self, reason: str, pause: timedelta) -> None:
        super().__init__(reason)
        self.pause = pause


Record = Callable[[T], Awaitable[None]]
Handler = Callable[[Job], Awaitable[Record[T] | None]]
OnFailed = Callable[[T, Job, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class JobKind(Generic[T]):
    """What a worker knows of one kind of job: how it is done, and what shows when it cannot be.

    ``on_failed`` (transaction, job, reason) runs in the transaction that gives the job up, for good or until somebody
    retries it. ``final``: the refusals that give it up at once.
    """

    run: Handler[T]
    on_failed: OnFailed[T]
    final: frozenset[ErrorKind] = FINAL


class Worker(Generic[T]):
    """Runs jobs of the given kinds, up to ``parallel`` at once."""

    def __init__(self, database: Database[T], kinds: Mapping[str, JobKind[T]], *, parallel: int = 4) -> None:
        self._database = database
        self.kinds = dict(kinds)
        self._parallel = parallel
        self._more = False
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._watch = database.surroundings.watch("jobs")
        self._told: dict[str, str] = {}
        database.wakers.on_jobs.append(self._wake.set)

    async def run(self) -> None:
        """Until cancelled; then gives the jobs under way their time. One cut off is taken over when its lease ends."""
        try:
            while True:
                free = self._parallel - len(self._running)
                found = await self._claim_quietly(free) if free else []
                for job in found:
                    task = asyncio.create_task(self._run_traced(job))
                    self._running.add(task)
                    task.add_done_callback(self._ended)
                # A full hand says that more may be due: then the end of a job is the sign to look again.
                self._more = len(found) == free
                await self._pause()
        finally:
            await finish(self._running, DRAIN_SECONDS)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._more:
            self._wake.set()

    async def _pause(self) -> None:
        # Not wait_for, which before Python 3.12 forgets a cancellation that meets the wake-up.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        self._wake.clear()

    async def _claim_quietly(self, count: int) -> list[Job]:
        try:
            found = await self._claim(count)
        except Exception as error:
            await self._watch.failed(error)
            return []
        self._watch.worked()
        return found

    async def _claim(self, count: int) -> list[Job]:
        if not self.kinds:
            return []
        now = self._database.clock.now()
        rows = await self._database.system_statement(_CLAIM, now, now + LEASE, list(self.kinds), count)
        return [Job(**row) for row in rows]

    async def _run_traced(self, job: Job) -> None:
        with spans.working(job.kind, job.traceparent):
            await self._run_one(job)

    async def _run_one(self, job: Job) -> None:
        renewing = asyncio.create_task(self._renew(job))
        final = self.kinds[job.kind].final
        try:
            if job.attempts > MAX_ATTEMPTS:
                return await self._give_up(job, "WORKER_ENDED")  # Each time, before it could say why.
            record = await self.kinds[job.kind].run(job)
            final = frozenset()  # What its own aggregate refuses has changed meanwhile: the job looks anew.
            await self._finish(job, record)
            self._told.pop(job.kind, None)
            JOBS.labels(job.kind, "done").inc()
        except RetryLater as later:
            await self._put_off(job, str(later), later.pause)
        except Exception as error:
            await self._failed(job, error, final)
        finally:
            renewing.cancel()

    async def _failed(self, job: Job, error: Exception, final: frozenset[ErrorKind]) -> None:
        cause = await self._database.surroundings.explain(error)
        retry = Retry.WAITS if cause else retry_after(error, final)
        reason = cause.reason if cause else reason_of(error)
        if cause is None:
            self._tell(job, reason, retry, error)
        if retry is Retry.WAITS:
            await self._put_off(job, reason, self._wait(job))
        elif retry is Retry.FINAL or job.attempts >= MAX_ATTEMPTS:
            await self._give_up(job, reason)
        else:
            await self._try_again(job, reason)

    def _tell(self, job: Job, reason: str, retry: Retry, error: Exception) -> None:
        """An outage once until a job of the kind was done again; a fault each time, with where it came from."""
        if retry is Retry.COUNTS:
            log.error(
                "job_failed", kind=job.kind, job=str(job.id), attempts=job.attempts, reason=reason, exc_info=error
            )
        elif retry is Retry.WAITS and self._told.get(job.kind) != reason:
            self._told[job.kind] = reason
            log.warning("job_waits", kind=job.kind, job=str(job.id), reason=reason)

    def _wait(self, job: Job) -> timedelta:
        waited = self._database.clock.now() - job.wait_time if job.wait_time else timedelta(0)
        return min(max(waited / 10, SHORTEST_WAIT), LONGEST_WAIT)

    async def _renew(self, job: Job) -> None:
        """Keeps the lease while the handler runs; a database that is away for a moment is asked again."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                async with self._database.transaction(SYSTEM) as tx:
                    await tx.connection.execute(update(jobs).where(_held(job)).values(lease_until=tx.now + LEASE))
            except Exception as error:
                log.warning("lease_not_renewed", kind=job.kind, job=str(job.id), error=type(error).__name__)

    async def _finish(self, job: Job, record: Record[T] | None) -> None:
        """Records the end. What was done is not done again because the database restarts just then."""
        end = time.monotonic() + LEASE.total_seconds()
        while True:
            try:
                return await self._record_end(job, record)
            except FAILURES as error:
                if not away(error) or time.monotonic() > end:
                    raise
            await asyncio.sleep(POLL_SECONDS)

    async def _record_end(self, job: Job, record: Record[T] | None) -> None:
        async with self._database.transaction(SYSTEM) as tx:
            if not await tx.driver.fetchval(_DONE, job.id, job.lease_token, tx.now):
                log.warning("job_lease_lost", kind=job.kind, job=str(job.id))
                return
            if record is not None:
                await record(tx)

    async def _put_off(self, job: Job, reason: str, pause: timedelta) -> None:
        """No try was used up; since when it waits is kept until it counts or is done."""
        since = func.coalesce(jobs.c.wait_time, self._database.clock.now())
        await self._leave(job, reason, "retried", pause=pause, attempts=job.attempts - 1, wait_time=since)

    async def _try_again(self, job: Job, reason: str) -> None:
        pause = timedelta(seconds=min(0.2 * 2**job.attempts, 300))
        await self._leave(job, reason, "retried", pause=pause, wait_time=None)

    async def _give_up(self, job: Job, reason: str) -> None:
        log.error("job_given_up", kind=job.kind, job=str(job.id), reason=reason, attempts=job.attempts)
        await self._leave(job, reason, "failed", state="FAILED", end_time=self._database.clock.now(), wait_time=None)

    async def _leave(self, job: Job, reason: str, result: str, pause: timedelta = timedelta(0), **values: Any) -> None:
        """Lets go of a job that was not done. A database that is away now lets the lease end, which does the same.

        One given up that its aggregate cannot show after two tries is FAILED all the same: the operator sees it.
        """
        spans.failed(reason)
        for shows in (True, True, False) if result == "failed" else (False,):
            try:
                await self._record_failure(job, reason, pause, values, shows)
                break
            except Exception as error:
                if await self._database.surroundings.explain(error):
                    break
                log.exception("job_state_unknown", kind=job.kind, job=str(job.id))
        JOBS.labels(job.kind, result).inc()

    async def _record_failure(
        self, job: Job, reason: str, pause: timedelta, values: Mapping[str, Any], shows: bool
    ) -> None:
        async with self._database.transaction(SYSTEM) as tx:
            # A renewal that comes late finds nothing of its own.
            left = {"run_time": tx.now + pause, "lease_token": None, "lease_until": None, "last_error": reason[:500]}
            statement = update(jobs).where(_held(job)).values(**left, **values)
            if not (await tx.connection.execute(statement)).rowcount:
                log.warning("job_lease_lost", kind=job.kind, job=str(job.id))
            elif shows:
                await self.kinds[job.kind].on_failed(tx, job, reason)


def _held(job: Job):  # type: ignore[no-untyped-def]
    return (jobs.c.id == job.id) & (jobs.c.lease_token == job.lease_token) & (jobs.c.state == "QUEUED")


# A token for each job: what a job does under its own lease another of the same claim must not do at once.
_CLAIM = """
    UPDATE jobs SET lease_token = gen_random_uuid(), lease_until = $2, attempts = attempts + 1
    WHERE id = ANY (ARRAY(
        SELECT id FROM jobs
        WHERE state = 'QUEUED' AND run_time <= $1 AND kind = ANY($3) AND (lease_until IS NULL OR lease_until <= $1)
        ORDER BY run_time LIMIT $4 FOR UPDATE SKIP LOCKED
    ))
    RETURNING id, kind, payload, attempts, lease_token, traceparent, wait_time
    """
_DONE = """
    UPDATE jobs SET state = 'DONE', lease_until = NULL, last_error = '', wait_time = NULL, end_time = $3
    WHERE id = $1 AND lease_token = $2 AND state = 'QUEUED' RETURNING true
    """
