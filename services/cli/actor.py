"""Somebody who uses the suite: signs in with a code, acts under a token, proves a signature with another code."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any, TypeVar
from uuid import uuid4

import grpc
from comity.identity.v1 import identity_service_pb2 as pb
from google.protobuf.message import Message

from services.cli.addresses import Services
from services.cli.journal import Journal
from services.cli.mailbox import Mailbox
from services.common.kernel.clock import Clock, SystemClock
from services.common.kernel.errors import DomainError, ErrorKind, changed_meanwhile
from services.common.kernel.ids import derived_id
from services.common.rpc.bearer import carrying
from services.common.rpc.client import answered
from services.common.rpc.errors import refusal_of

T = TypeVar("T")
M = TypeVar("M", bound=Message)

PATIENCE_SECONDS = 60.0
_CALL_SECONDS = 20.0
_RENEW_BEFORE_SECONDS = 60.0
_CODES = 6
_CODE_SECONDS = 10.0
_NEW_CODE_HELPS = ("CODE_NOT_ACCEPTED", "CLAIM_NOT_ACCEPTED", "TRIES_EXHAUSTED")


async def patiently(call: Callable[[], Awaitable[T]], seconds: float = PATIENCE_SECONDS) -> T:
    """The answer, asking again with growing pauses while the other side is unavailable or busy."""
    end, pause = time.monotonic() + seconds, 0.05
    while True:
        try:
            return await call()
        except DomainError as error:
            if not error.passing or time.monotonic() > end:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 1.0)


class Actor:
    """One person with a mail address. Request ids follow from ``run`` and the step: a repeated run repeats them."""

    def __init__(
        self,
        services: Services,
        mailbox: Mailbox,
        run: str,
        display_name: str,
        email: str,
        locale: str,
        clock: Clock | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.services = services
        self.display_name = display_name
        self.email = email
        self.locale = locale
        self.account = ""
        self.identity_number = ""
        self._mailbox = mailbox
        self._run = run
        self._clock = clock or SystemClock()
        self._journal = journal or Journal()
        self._proving = asyncio.Lock()
        self._device = ""
        self._token = ""
        self._expires = 0.0

    def request_id(self, step: str) -> str:
        """The same step of the same run always has the same id."""
        return str(derived_id(self._run, self.email, step))

    async def register(self, identity_number: str = "") -> None:
        """Is somebody with an account and a token; the first time the account is opened."""
        self.identity_number = identity_number
        await self.metadata()

    async def sign_in(self) -> None:
        """Asks for a code, reads it in the mail, exchanges it for a token; with its first code it opens its account."""
        identity = self.services.identity

        async def ask() -> pb.Challenge:
            start = pb.StartSignInRequest(request_id=str(uuid4()), contact=self.email, device=self._device)
            sent: pb.StartSignInResponse = await patiently(
                lambda: answered(identity.StartSignIn(start, timeout=_CALL_SECONDS))
            )
            return sent.challenge

        async def give(challenge: str, code: str) -> pb.CompleteSignInResponse:
            complete = pb.CompleteSignInRequest(
                challenge=challenge,
                code=code,
                device=self._device,
                profile=pb.Profile(
                    display_name=self.display_name, locale=self.locale, identity_number=self.identity_number
                ),
            )
            return await patiently(lambda: answered(identity.CompleteSignIn(complete, timeout=_CALL_SECONDS)))

        response = await self._with_code(ask, give)
        self._keep(response.access_token)
        self.account, self._device = response.account.name, response.device

    async def _with_code(
        self, ask: Callable[[], Awaitable[pb.Challenge]], give: Callable[[str, str], Awaitable[T]]
    ) -> T:
        """What ``give`` makes of a challenge and its code, with a new challenge when one is lost or no longer good.

        A service that dies may take a code with it, or the answer to one that is used up by then.
        """
        for left in reversed(range(_CODES)):
            before, now = self._mailbox.mark(), self._clock.now()
            challenge = await ask()
            sent_before = challenge.send_time.ToDatetime(tzinfo=UTC) < now
            try:
                code = self._mailbox.newest_code_for(self.email) if sent_before else ""
                code = code or await self._mailbox.code_for(self.email, before, _CODE_SECONDS)
                return await give(challenge.name, code)
            except TimeoutError:
                if not left:
                    raise
            except DomainError as error:
                if error.reason not in _NEW_CODE_HELPS or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def call(self, method: Any, request: Any) -> Any:
        """One RPC under the actor's token; while a service is away the same request is sent again.

        That is safe: a write carries its request id, and the first answer is given again. What an earlier life of the
        program sent under the id goes first; if it was refused, nothing was done, and the request may be another.
        """
        if self._journal.was_stale(request):
            raise changed_meanwhile()
        earlier = self.earlier(request)
        if earlier is not None and earlier != request:
            try:
                return await self._send(method, earlier)
            except DomainError as refusal:
                if refusal.kind in (ErrorKind.CONFLICT, ErrorKind.UNAVAILABLE):
                    raise
        return await self._send(method, request)

    def earlier(self, request: M) -> M | None:
        """What an earlier life of the program sent under the request's id."""
        return self._journal.earlier(request)

    async def _send(self, method: Any, request: Any) -> Any:
        self._journal.keep(request)
        try:
            return await patiently(lambda: self._call(method, request))
        except DomainError as refusal:
            if refusal.reason == "STALE_VERSION":
                self._journal.keep(request, stale=True)
            raise

    async def _call(self, method: Any, request: Any) -> Any:
        return await answered(method(request, timeout=_CALL_SECONDS, metadata=await self.metadata()))

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        if self._seconds_left() < _RENEW_BEFORE_SECONDS:
            await self.refresh()
        return (carrying(self._token), ("accept-language", self.locale))

    async def refresh(self) -> None:
        """A token with the roles held now: renewed while the old one lives, otherwise by signing in."""
        await (self._renew() if self._seconds_left() > 0 else self.sign_in())

    def _seconds_left(self) -> float:
        return self._expires - self._clock.now().timestamp()

    async def _renew(self) -> None:
        """A fresh token for the old one; after eight hours a code is needed again."""
        metadata = (carrying(self._token),)
        call = self.services.identity.RenewAccessToken(
            pb.RenewAccessTokenRequest(), timeout=_CALL_SECONDS, metadata=metadata
        )
        try:
            self._keep((await answered(call)).access_token)
        except DomainError as error:
            if error.kind is not ErrorKind.UNAUTHENTICATED:
                raise
            await self.sign_in()

    def _keep(self, token: pb.AccessToken) -> None:
        self._token, self._expires = token.token, float(token.expire_time.seconds)

    def session(self) -> dict[str, Any]:
        """What a later run of the program needs to go on under the same sign-in."""
        return {"token": self._token, "expires": self._expires, "account": self.account, "device": self._device}

    def resume(self, session: dict[str, Any]) -> None:
        """Goes on under an earlier sign-in, as long as it lasts."""
        self._token, self._expires, self.account = session["token"], session["expires"], session["account"]
        self._device = session.get("device", "")

    async def download(self, method: Any, request: Any) -> bytes:
        """The bytes of a streamed document; a stream that breaks off is read again from its beginning."""
        return await patiently(lambda: self._download(method, request))

    async def _download(self, method: Any, request: Any) -> bytes:
        stream = method(request, timeout=_CALL_SECONDS, metadata=await self.metadata())
        try:
            return b"".join([response.chunk.data async for response in stream])
        except grpc.aio.AioRpcError as error:
            raise refusal_of(error) from error

    async def claim(self, invitation: str) -> None:
        """Takes the place that an invitation holds open."""
        await self.metadata()  # a sign-in now would put its own code into the mailbox
        identity = self.services.identity

        async def ask() -> pb.Challenge:
            start = pb.StartInvitationClaimRequest(request_id=str(uuid4()), invitation=invitation)
            sent: pb.StartInvitationClaimResponse = await self.call(identity.StartInvitationClaim, start)
            return sent.challenge

        async def give(challenge: str, code: str) -> None:
            accept = pb.AcceptInvitationRequest(
                request_id=self.request_id(f"accept {invitation} {challenge}"),
                invitation=invitation,
                challenge=challenge,
                code=code,
                identity_number=self.identity_number,
            )
            await self.call(identity.AcceptInvitation, accept)

        await self._with_code(ask, give)

    async def prove(self, subject: str, digest: bytes) -> str:
        """A proof for signing exactly this document. One at a time: a mail does not say which proof its code is for."""
        async with self._proving:
            return await self._prove(subject, digest)

    async def _prove(self, subject: str, digest: bytes) -> str:
        await self.metadata()
        identity = self.services.identity

        async def ask() -> pb.Challenge:
            start = pb.StartProofRequest(request_id=str(uuid4()), subject=subject, digest=digest)
            sent: pb.StartProofResponse = await self.call(identity.StartProof, start)
            return sent.challenge

        async def give(challenge: str, code: str) -> str:
            complete = pb.CompleteProofRequest(challenge=challenge, code=code)
            return str((await self.call(identity.CompleteProof, complete)).proof)

        return await self._with_code(ask, give)
