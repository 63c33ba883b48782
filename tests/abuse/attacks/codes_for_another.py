"""A stranger starts sign-ins for somebody's address and guesses the codes, while that person signs in."""

import asyncio
from uuid import uuid4

from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub

from services.cli.visit import Visit
from tests.abuse.attacks import ELSEWHERE, Scene, Target
from tests.abuse.codes import lock_out
from tests.abuse.honest import SigningIn

SERVICE = "identity"
TITLE = "sign-ins started and codes guessed for somebody else"
LANES = 4


async def prepare(visited: Visit) -> Scene:
    owner = SigningIn(visited, f"owner.{uuid4().hex[:8]}@sample.invalid")
    await owner.sign_in()
    return Scene({"contact": owner.mail}, owner.act())


async def attack(target: Target) -> None:
    identity = IdentityServiceStub(await target.channel(SERVICE, ELSEWHERE))  # type: ignore[no-untyped-call]

    async def lane() -> None:
        while True:
            figures = await lock_out(identity, target.given["contact"], 1)
            target.answers.update({"asked": figures.answered, **figures.refused})

    await asyncio.gather(*(lane() for _ in range(LANES)))
