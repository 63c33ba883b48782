"""Jobs: what must happen after a commit and outside any transaction (signing, filing, sending), at least once.

A handler runs outside a transaction and returns what to record; that is committed together with the job's end, and only
by the holder of the lease. The lease is short and renewed while the handler runs, so that a job whose worker died is
taken over in seconds, and one that takes long is not.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import update

from services.common.kernel.tasks import finish
from services.common.storage.database import Database
from services.common.storage.failures import FAILURES, away
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
WAIT = timedelta(seconds=2)
"""Between tries of a job while the surroundings do not let it be done."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job as claimed; ``attempts`` counts this one. ``traceparent`` names the trace that queued it, if any."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease_token: UUID
    traceparent: str | None = None


class RetryLater(Exception):
    """The job could not be done yet and shall be tried again after a pause.

    With a ``pause`` of its own it only waits for its turn, which does not count as a try: nobody gives up in a queue.
    """

    def __init__(self, reason: str, pause: timedelta | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


Record = Callable[[T], Awaitable[None]]
Handler = Callable[[Job], Awaitable[Record[T] | None]]


class Worker(Generic[T]):
    """Runs jobs of the given kinds, up to ``parallel`` at once."""

    def __init__(
        self,
        database: Database[T],
        handlers: Mapping[str, Handler[T]],
        *,
        on_failed: Mapping[str, Callable[[T, Job, str], Awaitable[None]]] | None = None,
        parallel: int = 4,
    ) -> None:
        self._database = database
        self._handlers = dict(handlers)
        self._on_failed = dict(on_failed or {})
        self._parallel = parallel
        self._more = False
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._watch = database.surroundings.watch("jobs")
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
        if not self._handlers:
            return []
        now = self._database.clock.now()
        rows = await self._database.statement(_CLAIM, now, now + LEASE, list(self._handlers), count)
        return [Job(**row) for row in rows]

    async def _run_traced(self, job: Job) -> None:
        with spans.working(job.kind, job.traceparent):
            await self._run_one(job)

    async def _run_one(self, job: Job) -> None:
        renewing = asyncio.create_task(self._renew(job))
        try:
            record = await self._handlers[job.kind](job)
            await self._finish(job, record)
            JOBS.labels(job.kind, "done").inc()
        except RetryLater as later:
            await self._fail(job, str(later), later.pause)
        except Exception as error:
            if cause := await self._database.surroundings.explain(error):
                await self._fail(job, cause.reason, WAIT)
                return
            log.exception("job_failed", kind=job.kind, job=str(job.id), attempts=job.attempts)
            await self._fail(job, type(error).__name__, None)
        finally:
            renewing.cancel()

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
            if not await tx.driver.fetchval(_DONE, job.id, job.lease_token):
                log.warning("job_lease_lost", kind=job.kind, job=str(job.id))
                return
            if record is not None:
                await record(tx)

    async def _fail(self, job: Job, reason: str, pause: timedelta | None) -> None:
        spans.failed(reason)
        queued = pause is not None
        given_up = job.attempts >= MAX_ATTEMPTS and not queued
        wait = pause if pause is not None else timedelta(seconds=min(0.2 * 2**job.attempts, 300))
        try:
            async with self._database.transaction(SYSTEM) as tx:
                values = {
                    "state": "FAILED" if given_up else "QUEUED",
                    "run_time": tx.now + wait,
                    "attempts": job.attempts - 1 if queued else job.attempts,
                    "lease_token": None,  # A renewal that comes late finds nothing of its own.
                    "lease_until": None,
                    "last_error": reason[:500],
                }
                if not (await tx.connection.execute(update(jobs).where(_held(job)).values(**values))).rowcount:
                    log.warning("job_lease_lost", kind=job.kind, job=str(job.id))
                    return
                if given_up and job.kind in self._on_failed:
                    await self._on_failed[job.kind](tx, job, reason)
        except Exception as error:
            # Its lease ends by itself, and then it is tried again.
            if not await self._database.surroundings.explain(error):
                log.exception("job_state_unknown", kind=job.kind, job=str(job.id))
        JOBS.labels(job.kind, "failed" if given_up else "retried").inc()


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
    RETURNING id, kind, payload, attempts, lease_token, traceparent
    """
_DONE = """
    UPDATE jobs SET state = 'DONE', lease_until = NULL, last_error = ''
    WHERE id = $1 AND lease_token = $2 AND state = 'QUEUED' RETURNING true
    """
