"""Attacks on codes, bounded, by somebody with a channel to identity and nothing else: each gives its figures."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from comity.identity.v1 import identity_service_pb2 as pb

_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Figures:
    """``asked`` calls, of them ``answered`` and ``refused``, with the reasons by gRPC status."""

    asked: int
    answered: int
    refused: dict[str, int]


async def flood(identity: Any, contacts: list[str]) -> Figures:
    """Asks for a code to each of these contacts."""
    answered, refused = 0, {}
    for contact in contacts:
        try:
            await _ask(identity, contact)
            answered += 1
        except grpc.aio.AioRpcError as error:
            refused[error.code().name] = refused.get(error.code().name, 0) + 1
    return Figures(len(contacts), answered, refused)


async def lock_out(identity: Any, contact: str, askings: int) -> Figures:
    """Asks for codes to one contact and burns the five tries of each challenge; whether the owner gets in is for others."""
    answered, refused = 0, {}
    for _ in range(askings):
        try:
            challenge = await _ask(identity, contact)
        except grpc.aio.AioRpcError as error:
            refused[error.code().name] = refused.get(error.code().name, 0) + 1
            continue
        answered += 1
        for guess in range(6):
            try:
                request = pb.CompleteSignInRequest(challenge=challenge, code=f"{guess:06d}")
                await identity.CompleteSignIn(request, timeout=_SECONDS)
            except grpc.aio.AioRpcError as error:
                refused[error.code().name] = refused.get(error.code().name, 0) + 1
    return Figures(askings, answered, refused)


async def _ask(identity: Any, contact: str) -> str:
    request = pb.StartSignInRequest(request_id=str(uuid4()), contact=contact)
    return str((await identity.StartSignIn(request, timeout=_SECONDS)).challenge.name)
