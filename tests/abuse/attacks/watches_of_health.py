"""Two hundred watches of health, which anybody may ask for, and as many checks without a message."""

import asyncio

from tests.abuse.attacks import Target

SERVICE = "identity"
TITLE = "200 watches and 200 checks of health"
_EACH = 200
_ANEW_SECONDS = 5.0


async def attack(target: Target) -> None:
    channels = [await target.channel(SERVICE) for _ in range(4)]

    async def hold(index: int) -> None:
        await asyncio.sleep(_ANEW_SECONDS * index / (2 * _EACH))
        channel = channels[index % len(channels)]
        if index % 2:
            await target.again_and_again(channel.stream_unary("/grpc.health.v1.Health/Check"), _ANEW_SECONDS)
        await target.again_and_again(
            lambda: channel.unary_stream("/grpc.health.v1.Health/Watch")(b"").read(), _ANEW_SECONDS
        )

    await asyncio.gather(*(hold(index) for index in range(2 * _EACH)))
