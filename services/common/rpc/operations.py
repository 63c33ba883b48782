"""The operator's face of every service: dead letters and failed jobs listed, tried again, released; calendars loaded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.common.v1 import operations_service_pb2 as pb
from comity.common.v1 import operations_service_pb2_grpc as pbg
from sqlalchemy import select, tuple_

from services.common.deadlines import DataFile
from services.common.kernel.ids import parse_name, resource_name
from services.common.messaging import dead_letters
from services.common.messaging.consumer import Consumer
from services.common.rpc import calendars
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.rpc.operators import Operators
from services.common.rpc.pages import Key, Paging
from services.common.storage import calendar_years, failed_jobs
from services.common.storage.jobs import JobKind
from services.common.storage.recounting import Recounting
from services.common.storage.tables import dead_letters as letters
from services.common.storage.transaction import Transaction

_JOBS = Paging("failed_jobs", (datetime, UUID), lambda row: (row.create_time, row.id))
_LETTERS = Paging("dead_letters", (datetime, UUID), lambda row: (row.park_time, row.id))


class OperationsServicer(pbg.OperationsServiceServicer):
    """Serves ``OperationsService`` from the service's own tables, which only the system viewer reads."""

    def __init__(
        self,
        calls: Calls[Any],
        operators: Operators,
        consumers: Mapping[str, Consumer[Any]],
        kinds: Mapping[str, JobKind[Any]],
        recounting: Recounting[Any],
    ) -> None:
        """``consumers`` by their source, ``kinds`` those of every worker."""
        self._recounting = recounting
        self._calls = calls
        self._operators = operators
        self._consumers = dict(consumers)
        self._kinds = dict(kinds)

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersResponse:
        await self._operators.require(current_principal())
        return await self._calls.page(_LETTERS, request, pb.ListDeadLettersResponse(), _parked, _letter)

    async def ReplayDeadLetter(self, request: pb.ReplayDeadLetterRequest, context: Any) -> pb.ReplayDeadLetterResponse:
        await self._operators.require(current_principal())
        letter_id = parse_name("deadLetters", request.name)
        row = await self._calls.read(lambda tx: _kept(tx, letter_id))
        if row.state == "PARKED":  # Otherwise it was this very request that replayed it, or nothing is to be done.
            await self._consumers[row.source].replay(row.headers, row.subject, row.payload)
        return await self._calls.write(
            request, letter_id, _replayed, lambda _: pb.ReplayDeadLetterResponse(), pb.ReplayDeadLetterResponse
        )

    async def ReleaseDeadLetter(
        self, request: pb.ReleaseDeadLetterRequest, context: Any
    ) -> pb.ReleaseDeadLetterResponse:
        await self._operators.require(current_principal())

        async def release(tx: Transaction, letter_id: UUID) -> None:
            async with tx.elevated():
                await dead_letters.parked(tx, letter_id)
                await dead_letters.close(tx, letter_id, "RELEASED", f"{tx.caller.subject}: {request.reason}")

        return await self._calls.write(
            request,
            parse_name("deadLetters", request.name),
            release,
            lambda _: pb.ReleaseDeadLetterResponse(),
            pb.ReleaseDeadLetterResponse,
        )

    async def ListFailedJobs(self, request: pb.ListFailedJobsRequest, context: Any) -> pb.ListFailedJobsResponse:
        await self._operators.require(current_principal())
        return await self._calls.page(_JOBS, request, pb.ListFailedJobsResponse(), _failed, _job)

    async def RetryJob(self, request: pb.RetryJobRequest, context: Any) -> pb.RetryJobResponse:
        await self._operators.require(current_principal())

        async def retry(tx: Transaction, job_id: UUID) -> None:
            async with tx.elevated():
                await failed_jobs.retry(tx, job_id, tx.caller.subject)

        job_id = parse_name("jobs", request.name)
        return await self._calls.write(request, job_id, retry, lambda _: pb.RetryJobResponse(), pb.RetryJobResponse)

    async def ReleaseJob(self, request: pb.ReleaseJobRequest, context: Any) -> pb.ReleaseJobResponse:
        await self._operators.require(current_principal())

        async def release(tx: Transaction, job_id: UUID) -> None:
            async with tx.elevated():
                unshown = await failed_jobs.release(tx, job_id, tx.caller.subject, request.reason)
                if unshown is not None and unshown.kind in self._kinds:  # Not one that only a newer replica does.
                    tx.authority = "operator"
                    await self._kinds[unshown.kind].on_failed(tx, unshown, "RELEASED")

        job_id = parse_name("jobs", request.name)
        return await self._calls.write(
            request, job_id, release, lambda _: pb.ReleaseJobResponse(), pb.ReleaseJobResponse
        )

    async def LoadCalendarYear(self, request: pb.LoadCalendarYearRequest, context: Any) -> pb.LoadCalendarYearResponse:
        await self._operators.require(current_principal())
        file = DataFile(request.file_name, request.content)
        response = await self._calls.write(
            request,
            file,
            lambda tx, file: calendar_years.load(tx, file, self._recounting.shipped),
            lambda loaded: pb.LoadCalendarYearResponse(
                year=calendars.loaded_year(loaded.year), already_there=loaded.already_there
            ),
            pb.LoadCalendarYearResponse,
        )
        recounted = await self._recounting.keep_up()
        response.deadlines_moved, response.deadlines_confirmed = recounted.moved, recounted.confirmed
        return response

    async def GetCalendars(self, request: pb.GetCalendarsRequest, context: Any) -> pb.GetCalendarsResponse:
        await self._operators.require(current_principal())

        async def loaded(tx: Transaction) -> pb.GetCalendarsResponse:
            async with tx.elevated():
                return calendars.shown(tx.rulebook, await calendar_years.all_loaded(tx))

        return await self._calls.read(loaded)


async def _kept(tx: Transaction, letter_id: UUID) -> Any:
    async with tx.elevated():
        return await dead_letters.kept(tx, letter_id)


async def _replayed(tx: Transaction, letter_id: UUID) -> None:
    async with tx.elevated():
        await dead_letters.parked(tx, letter_id)
        await dead_letters.close(tx, letter_id, "REPLAYED", tx.caller.subject)


async def _failed(tx: Transaction, after: Key | None, count: int) -> Sequence[Any]:
    async with tx.elevated():
        return await failed_jobs.listed(tx, after, count)


async def _parked(tx: Transaction, after: Key | None, count: int) -> Sequence[Any]:
    key = (letters.c.park_time, letters.c.id)
    query = select(letters).where(letters.c.state == "PARKED").order_by(*key).limit(count)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    async with tx.elevated():
        return (await tx.connection.execute(query)).all()


def _letter(row: Any) -> pb.DeadLetter:
    letter = pb.DeadLetter(
        name=resource_name("deadLetters", row.id),
        source=row.source,
        event_id=str(row.event_id),
        event_type=row.subject,
        subject=row.headers.get("ce-subject", ""),
        reason=row.reason,
        deliveries=row.deliveries,
    )
    letter.park_time.FromDatetime(row.park_time)
    return letter


def _job(row: Any) -> pb.FailedJob:
    failed = row.state == "FAILED"
    job = pb.FailedJob(
        name=resource_name("jobs", row.id),
        kind=row.kind,
        state=pb.FAILED_JOB_STATE_FAILED if failed else pb.FAILED_JOB_STATE_WAITING,
        reason=row.last_error,
        attempts=row.attempts,
        remarks=row.remarks,
    )
    job.create_time.FromDatetime(row.create_time)
    job.since_time.FromDatetime(row.end_time if failed else row.wait_time)
    return job
