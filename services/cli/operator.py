"""Whoever operates a suite, at its terminal: signed in with a code, and the operator's face of every service with clocks."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from comity.common.v1.operations_service_pb2_grpc import OperationsServiceStub
from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.cli.actor import patiently
from services.common.rpc.bearer import carrying
from services.common.rpc.client import answered, open_channel

WITH_CLOCKS = ("intake", "mediation", "court_link", "notify")
"""The services that count time limits."""
_CALL_SECONDS = 20.0
PATIENCE_SECONDS = 10.0
"""A person waits at the terminal; the command may be run again."""

AskCode = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Operator:
    """A signed-in administrator of the platform, with a stub for each service that has clocks."""

    token: str
    rooms: Mapping[str, Any]

    async def call(self, service: str, method: str, request: Any, seconds: float = _CALL_SECONDS) -> Any:
        """One call, asked again while the service is away. Raises DomainError."""
        room, metadata = self.rooms[service], (carrying(self.token),)
        return await patiently(
            lambda: answered(getattr(room, method)(request, timeout=seconds, metadata=metadata)), PATIENCE_SECONDS
        )


async def signed_in(
    addresses: Mapping[str, str], contact: str, ask_code: AskCode, resources: AsyncExitStack
) -> Operator:
    """Signs the account of this mail address or telephone in; opens none. ``resources`` closes the channels.

    Raises DomainError: PROFILE_REQUIRED when nobody has an account under the contact.
    """

    async def channel(service: str) -> Any:
        return await resources.enter_async_context(open_channel(addresses[service]))

    identity = IdentityServiceStub(await channel("identity"))
    start = pb.StartSignInRequest(request_id=str(uuid4()), contact=contact)
    sent = await patiently(lambda: answered(identity.StartSignIn(start, timeout=_CALL_SECONDS)))
    complete = pb.CompleteSignInRequest(challenge=sent.challenge.name, code=await ask_code())
    done = await answered(identity.CompleteSignIn(complete, timeout=_CALL_SECONDS))
    return Operator(done.access_token.token, {name: OperationsServiceStub(await channel(name)) for name in WITH_CLOCKS})
