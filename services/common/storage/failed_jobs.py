"""Jobs that need the operator: given up, or put off for an hour or longer. Seen by their reason, never by their payload."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_, update

from services.common.kernel.errors import not_found
from services.common.storage.jobs import Job
from services.common.storage.tables import jobs
from services.common.storage.transaction import Transaction

LONG = timedelta(hours=1)
"""After which a job that waits is shown: a restart or a network that was away has come back by then."""

_SHOWN = [
    jobs.c[name] for name in ("id", "kind", "state", "attempts", "last_error", "create_time", "wait_time", "end_time")
]


async def listed(tx: Transaction, after: tuple[Any, ...] | None, size: int) -> Sequence[Any]:
    """Those that failed and those that wait for an hour or longer, in the order in which they were queued.

    ``after``: (time of queueing, id) of the last one seen.
    """
    order = (jobs.c.create_time, jobs.c.id)
    query = select(*_SHOWN, jobs.c.remarks).where(_needs_somebody(tx)).order_by(*order)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return (await tx.connection.execute(query.limit(size))).all()


async def retry(tx: Transaction, job_id: UUID, who: str) -> None:
    """Queues it anew, to be run at once with all its tries. Raises NOT_FOUND for one that needs nobody."""
    await _locked(tx, job_id)
    values = {
        "state": "QUEUED",
        "run_time": tx.now,
        "attempts": 0,
        "end_time": None,
        "remarks": jobs.c.remarks + _remark(tx, "RETRIED", who),
    }
    await tx.connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
    tx.wakes_jobs = True


async def release(tx: Transaction, job_id: UUID, who: str, reason: str) -> Job | None:
    """Gives it up for good. The job when its kind has to show that now: one that failed has shown it. NOT_FOUND."""
    row = await _locked(tx, job_id)
    values = {
        "state": "RELEASED",
        "lease_token": None,
        "lease_until": None,
        "wait_time": None,
        "end_time": tx.now,
        "remarks": jobs.c.remarks + _remark(tx, "RELEASED", who, reason),
    }
    await tx.connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
    if row.state == "FAILED":
        return None
    return Job(row.id, row.kind, row.payload, row.attempts, row.lease_token or row.id, row.traceparent, row.wait_time)


async def end(tx: Transaction, job_id: UUID, remarks: str) -> None:
    """It goes on elsewhere, and is nothing for the operator here."""
    values = {"state": "RELEASED", "end_time": tx.now, "remarks": remarks}
    await tx.connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


async def _locked(tx: Transaction, job_id: UUID) -> Any:
    query = select(jobs).where(jobs.c.id == job_id, _needs_somebody(tx)).with_for_update()
    row = (await tx.connection.execute(query)).one_or_none()
    if row is None:
        raise not_found()
    return row


def _needs_somebody(tx: Transaction) -> ColumnElement[bool]:
    return or_(jobs.c.state == "FAILED", (jobs.c.state == "QUEUED") & (jobs.c.wait_time <= tx.now - LONG))


def _remark(tx: Transaction, what: str, who: str, reason: str = "") -> str:
    return f"{tx.now:%Y-%m-%dT%H:%M:%SZ} {what} {who}{': ' + reason if reason else ''}\n"
