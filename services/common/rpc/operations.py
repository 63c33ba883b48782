"""The operator's face of every service: dead letters listed, replayed, released."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.common.v1 import operations_service_pb2 as pb
from comity.common.v1 import operations_service_pb2_grpc as pbg
from sqlalchemy import select, tuple_

from services.common.kernel.ids import parse_name, resource_name
from services.common.messaging import dead_letters
from services.common.messaging.consumer import Consumer
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key, Paging
from services.common.storage.tables import dead_letters as letters
from services.common.storage.transaction import Transaction

_LETTERS = Paging("dead_letters", (datetime, UUID), lambda row: (row.park_time, row.id))


class OperationsServicer(pbg.OperationsServiceServicer):
    """Serves ``OperationsService`` from the service's own dead-letter table."""

    def __init__(self, calls: Calls[Any], consumers: Mapping[str, Consumer[Any]]) -> None:
        self._calls = calls
        self._consumers = dict(consumers)

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersResponse:
        asked = _LETTERS.asked(request)

        async def read(tx: Transaction) -> pb.ListDeadLettersResponse:
            return await _LETTERS.fill(
                pb.ListDeadLettersResponse(), asked, lambda after, count: _parked(tx, after, count), _letter
            )

        return await self._calls.read(read)

    async def ReplayDeadLetter(self, request: pb.ReplayDeadLetterRequest, context: Any) -> pb.ReplayDeadLetterResponse:
        letter_id = parse_name("deadLetters", request.name)
        row = await self._calls.read(lambda tx: dead_letters.parked(tx, letter_id))
        await self._consumers[row.source].replay(row.headers, row.subject, row.payload)
        return await self._calls.write(
            request, letter_id, _replayed, lambda _: pb.ReplayDeadLetterResponse(), pb.ReplayDeadLetterResponse
        )

    async def ReleaseDeadLetter(
        self, request: pb.ReleaseDeadLetterRequest, context: Any
    ) -> pb.ReleaseDeadLetterResponse:
        async def release(tx: Transaction, letter_id: UUID) -> None:
            await dead_letters.parked(tx, letter_id)
            await dead_letters.close(tx, letter_id, "RELEASED", f"{tx.caller.subject}: {request.reason}")

        return await self._calls.write(
            request,
            parse_name("deadLetters", request.name),
            release,
            lambda _: pb.ReleaseDeadLetterResponse(),
            pb.ReleaseDeadLetterResponse,
        )


async def _replayed(tx: Transaction, letter_id: UUID) -> None:
    await dead_letters.close(tx, letter_id, "REPLAYED", tx.caller.subject)


async def _parked(tx: Transaction, after: Key | None, count: int) -> Sequence[Any]:
    key = (letters.c.park_time, letters.c.id)
    query = select(letters).where(letters.c.state == "PARKED").order_by(*key).limit(count)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
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
