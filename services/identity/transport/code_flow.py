"""What every call about a code does alike: send after the commit, count tries in a transaction of their own."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import structlog
from google.protobuf.message import Message

from services.common.kernel.errors import DomainError
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.storage.database import Database
from services.identity.application.codes import Codes, GivenCode, Issued, check
from services.identity.domain import errors
from services.identity.domain.challenge import Challenge, Purpose
from services.identity.gateways.code_sender import CodeSender
from services.identity.storage.challenges import SENT
from services.identity.storage.transaction import IdentityTransaction
from services.identity.transport import translate
from services.identity.transport.refused_lately import RefusedLately

log = structlog.get_logger()
C = TypeVar("C")
M = TypeVar("M", bound=Message)

TOO_MANY_CODES = "TOO_MANY_CODES"
Start = Callable[[IdentityTransaction, Codes, C], Awaitable[tuple[Issued, ...]]]


class CodeFlow:
    """Runs the use cases that ask for codes, and checks the codes that come back."""

    def __init__(
        self,
        calls: Calls[IdentityTransaction],
        database: Database[IdentityTransaction],
        codes: Codes,
        sender: CodeSender,
        refused: RefusedLately,
    ) -> None:
        self._calls = calls
        self._database = database
        self._codes = codes
        self._sender = sender
        self._refused = refused

    async def ask(self, request: Any, command: C, start: Start[C], response: type[M]) -> M:
        """Commits the challenges, then sends their codes. A repeated request id gets the first answer and no second code.

        The challenges fill the fields of the response, in their order.

        Raises CODE_NOT_SENT (UNAVAILABLE) when notify cannot send; then nothing is left and the same request may be
        made again.
        """
        issued: list[Issued] = []

        async def use_case(tx: IdentityTransaction, given: C) -> None:
            issued.extend(await start(tx, self._codes, given))

        def answer(_: None) -> M:
            fields = [field.name for field in response.DESCRIPTOR.fields]
            return response(**dict(zip(fields, (translate.challenge(each.challenge) for each in issued), strict=True)))

        answered = await self._calls.write(request, command, use_case, answer, response)
        for each in issued:
            if each.code:
                await self._send(each, UUID(request.request_id))
        return answered

    async def ask_unknown(self, asker: str, request: Any, command: C, start: Start[C], response: type[M]) -> M:
        """The same for somebody known by nothing but ``asker``: being refused again within a second costs one read."""
        if refusal := self._refused.standing(asker):
            asked_before = await self._calls.read(lambda tx: tx.answered(UUID(request.request_id)))
            if not asked_before:
                raise refusal
        try:
            return await self.ask(request, command, start, response)
        except DomainError as refusal:
            if refusal.reason == TOO_MANY_CODES:
                self._refused.keep(asker, refusal)
            raise

    async def check(self, challenge: UUID, code: str, purpose: Purpose) -> Challenge:
        """The challenge whose code this is. Raises CODE_NOT_ACCEPTED or TRIES_EXHAUSTED; the try stays counted."""
        account = None if purpose is Purpose.SIGN_IN else current_principal().account_id
        given = GivenCode(challenge=challenge, code=code, purpose=purpose, account=account)
        outcome = await self._calls.read(lambda tx: check(tx, self._codes.keeper, given))
        return outcome.require_right()

    async def _send(self, issued: Issued, request_id: UUID) -> None:
        """What could not be sent for the first time is void; what was sent before stays good."""
        try:
            await self._sender.send(issued)
        except DomainError as error:
            log.warning("code_not_sent", reason=error.reason, code=str(issued.challenge.code.id))
            async with self._database.transaction(current_principal()) as tx:
                for bucket in issued.taken:
                    await tx.buckets.give_back(bucket)
                self._refused.forget()
                if not issued.anew:
                    return
                await tx.challenges.void(issued.challenge.code.id)
                await tx.forget_answer(request_id)
            raise errors.code_not_sent() from error
        await self._database.statement(SENT, issued.challenge.code.id)
