"""A thousand calls of which only the headers come, by nobody and by an account, opened anew some seconds after they end."""

import asyncio

from tests.abuse.attacks import Metadata, Target

SERVICE = "mediation"
TITLE = "1,000 streams without a message"
_STREAMS, _ON_ONE = 1000, 125
_ANEW_SECONDS = 5.0
_METHOD = "/comity.mediation.v1.MediationService/GetCase"


async def attack(target: Target) -> None:
    channels = [await target.channel(SERVICE) for _ in range(_STREAMS // _ON_ONE)]
    callers: tuple[Metadata, ...] = ((), target.account)

    async def hold(index: int) -> None:
        await asyncio.sleep(
            _ANEW_SECONDS * index / _STREAMS
        )  # spread: it is the places that are attacked, not the rate
        call = channels[index % len(channels)].stream_unary(_METHOD)
        await target.again_and_again(lambda: call(metadata=callers[index % 2]), _ANEW_SECONDS)

    await asyncio.gather(*(hold(index) for index in range(_STREAMS)))
