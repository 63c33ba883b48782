"""Attacks on codes, bounded, by somebody with a channel to identity and nothing else: each gives its figures."""

from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import grpc
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.rpc.errors import refusal_of

_SECONDS = 20.0


@dataclass(slots=True)
class Figures:
    """``asked`` codes, of them ``answered``; what was refused, by its reason."""

    asked: int
    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    async def count(self, call: Awaitable[Any]) -> Any:
        """The answer, or None of a refusal."""
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            self.refused[refusal_of(error).reason] += 1
            return None


async def flood(identity: Any, contacts: list[str]) -> Figures:
    """Asks for a code to each of these contacts."""
    figures = Figures(len(contacts))
    for contact in contacts:
        figures.answered += await _ask(identity, contact, figures) is not None
    return figures


async def lock_out(identity: Any, contact: str, askings: int) -> Figures:
    """Asks for codes to one contact and burns the five tries of each challenge; whether the owner gets in is for others."""
    figures = Figures(askings)
    for _ in range(askings):
        challenge = await _ask(identity, contact, figures)
        if challenge is None:
            continue
        figures.answered += 1
        for guess in range(6):
            request = pb.CompleteSignInRequest(challenge=challenge, code=f"{guess:06d}")
            await figures.count(identity.CompleteSignIn(request, timeout=_SECONDS))
    return figures


async def _ask(identity: Any, contact: str, figures: Figures) -> str | None:
    request = pb.StartSignInRequest(request_id=str(uuid4()), contact=contact)
    answer = await figures.count(identity.StartSignIn(request, timeout=_SECONDS))
    return None if answer is None else str(answer.challenge.name)
