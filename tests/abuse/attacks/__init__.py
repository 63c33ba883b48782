"""Attacks, a file each: ``SERVICE`` is what is attacked, ``TITLE`` says how, ``attack`` goes on until it is cancelled.

A file may also have ``prepare(visited)``, which gives a ``Scene``: what this attack needs beside what anybody can have,
who sees it, and what is looked at afterwards. Every file here is found by ``make abuse`` and by the tests. An attack is
bounded in what it holds and sends at once, ends by itself, and talks to loopback only.
"""

import asyncio
import pkgutil
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

import grpc

from services.common.rpc.errors import refusal_of
from tests.abuse.elsewhere import relayed
from tests.abuse.honest import Act

Metadata = tuple[tuple[str, str], ...]
ELSEWHERE = "127.0.0.9"
"""Where attacks come from for which the network address counts; the honest caller is at 127.0.0.1."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an attack has left behind: figures to be told, and what must not be."""

    figures: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What is made before an attack by people who take part in something."""

    given: Mapping[str, Any] = field(default_factory=dict)
    """For the attacker, which is a process of its own: JSON."""
    act: Act | None = None
    """What the honest caller does, where asking the attacked service for one's own is not what would suffer."""
    found: Callable[[], Found] = lambda: Found("")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the services are, and what anybody can have: an account."""

    addresses: Mapping[str, str]
    account: Metadata
    """The call metadata of somebody who signed up."""
    house: Mapping[str, str]
    """Names that anybody signed up may read: ``intake``, ``mediation``."""
    given: Mapping[str, Any]
    """What the scene gives."""
    resources: AsyncExitStack
    answers: Counter[str] = field(default_factory=Counter)
    """How often calls were answered, by the reason of their refusal."""
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a connection stands: what follows is the attack."""

    async def channel(self, service: str, place: str = "") -> grpc.aio.Channel:
        """One more connection, which stands; with a ``place`` from that network address."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        address = self.addresses[service]
        if place:
            address = await self.resources.enter_async_context(relayed(address, place))
        channel = grpc.aio.insecure_channel(address, options=options)
        await self.resources.enter_async_context(channel)
        await channel.channel_ready()
        self.connected.set()
        return channel

    async def once(self, call: Callable[[], Any]) -> Any:
        """One call, whatever is answered: the answer, or None of a refusal."""
        try:
            answer = await call()
        except grpc.aio.AioRpcError as error:
            self.answers[refusal_of(error).reason] += 1
            return None
        self.answers["OK"] += 1
        return answer

    async def again_and_again(self, call: Callable[[], Any], pause: float = 0.0) -> None:
        """One lane of calls, with a pause after each."""
        while True:
            await self.once(call)
            await asyncio.sleep(pause)


Attack = Callable[[Target], Awaitable[None]]


def names() -> list[str]:
    """Every attack there is."""
    return sorted(each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))


def named(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
