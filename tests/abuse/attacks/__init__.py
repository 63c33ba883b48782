"""Attacks, a file each: ``SERVICE`` is what is attacked, ``TITLE`` says how, ``attack`` goes on until it is cancelled.

Every file here is found by ``make abuse``. An attack is bounded in what it holds and sends at once, and talks to loopback
only.
"""

import asyncio
import contextlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

import grpc

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where the services are, and what anybody can have: an account."""

    addresses: Mapping[str, str]
    account: Metadata
    """The call metadata of somebody who signed up."""
    house: Mapping[str, str]
    """Names that anybody signed up may read: ``intake``, ``mediation``."""
    resources: AsyncExitStack
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a connection stands: what follows is the attack."""

    async def channel(self, service: str) -> grpc.aio.Channel:
        """One more connection, which stands."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.aio.insecure_channel(self.addresses[service], options=options)
        await self.resources.enter_async_context(channel)
        await channel.channel_ready()
        self.connected.set()
        return channel


Attack = Callable[[Target], Awaitable[None]]


def names() -> list[str]:
    """Every attack there is."""
    return sorted(each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))


def named(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


async def again_and_again(call: Callable[[], Any], pause: float = 0.0) -> None:
    """One lane of calls, whatever is answered, with a pause after each."""
    while True:
        with contextlib.suppress(grpc.aio.AioRpcError):
            await call()
        await asyncio.sleep(pause)
