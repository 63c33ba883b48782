"""What every use case repeats: the transaction, the request id, the stored answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from google.protobuf.message import Message

from services.common.kernel.errors import DomainError
from services.common.kernel.steps import breathe
from services.common.rpc.failures import refusal_for_failure
from services.common.rpc.gate import current_principal
from services.common.rpc.pages import Key, Paging
from services.common.storage.database import Database
from services.common.storage.failures import FAILURES
from services.common.storage.replies import Claim
from services.common.storage.transaction import Transaction

T = TypeVar("T", bound=Transaction)
R = TypeVar("R")
C = TypeVar("C")
M = TypeVar("M", bound=Message)

UseCase = Callable[[T, C], Awaitable[R]]
Rows = Callable[[T, Key | None, int], Awaitable[Sequence[Any]]]


class Calls(Generic[T]):
    """Runs use cases for a servicer. ``write`` is repeatable by request id; ``read`` leaves no trace."""

    def __init__(self, database: Database[T]) -> None:
        self._database = database

    async def write(
        self, request: Any, command: C, use_case: UseCase[T, C, R], answer: Callable[[R], M], response: type[M]
    ) -> M:
        """Opens the transaction, answers a repeated request id as the first time, keeps the answer.

        ``answer`` translates the result; it runs inside the transaction, so the stored answer is what was true then.
        """
        try:
            asked = Claim(UUID(request.request_id), request.DESCRIPTOR.full_name, _body(request))
            async with self._database.transaction(current_principal(), asked) as tx:
                if tx.first_answer is not None:
                    return response.FromString(tx.first_answer)
                done = await use_case(tx, command)
                await breathe()
                answered = answer(done)
                tx.keep_answer(asked.request_id, answered.SerializeToString())
                return answered
        except FAILURES as error:
            raise await refusal_for_failure(error, self._database.surroundings) or error from error

    async def read(self, query: Callable[[T], Awaitable[R]]) -> R:
        """Runs a query as the caller."""
        try:
            async with self._database.transaction(current_principal()) as tx:
                return await query(tx)
        except FAILURES as error:
            raise await refusal_for_failure(error, self._database.surroundings) or error from error

    async def page(
        self,
        paging: Paging,
        request: Any,
        response: M,
        rows: Rows[T],
        show: Callable[[Any], Message],
        shorten: Callable[[Any], None] = lambda _: None,
    ) -> M:
        """The page of a list that the request asks for, read as the caller: see ``Paging.fill``.

        ``rows(tx, after, count)`` reads so many after the row with that key. Raises MALFORMED_PAGE_TOKEN.
        """
        asked = paging.asked(request)  # First of all, whatever else the request says.

        async def filled(tx: T) -> M:
            return await paging.fill(response, asked, lambda after, count: rows(tx, after, count), show, shorten)

        return await self.read(filled)


@dataclass(frozen=True, slots=True)
class Prepared(Generic[R]):
    """What was made for a write before its transaction, or why it was not: told in the transaction (``given``), where a
    repeated request finds its first answer.
    """

    _made: R | None
    _refusal: DomainError | None

    @classmethod
    async def by(cls, making: Awaitable[R]) -> "Prepared[R]":
        try:
            return cls(await making, None)
        except DomainError as refusal:
            return cls(None, refusal)

    def given(self) -> R:
        if self._refusal is not None:
            raise self._refusal
        return cast(R, self._made)


def _body(request: Message) -> bytes:
    return request.SerializeToString(deterministic=True)
