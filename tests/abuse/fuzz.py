"""Random and mutated requests of every method of every service, as many callers: answered or refused, never INTERNAL.

Bounded, and the same again for the same seed (as far as what is called; answers depend on what came before).
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

from tests.abuse.mutations import Mutations
from tests.integration.rpc.refusals import refusal_in
from tests.kit.suite import SERVICES
from tests.scenarios.probing import Method, methods

LANES = 6
_SECONDS = 30.0
_DOCUMENTED = {
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAVAILABLE,
}

Metadata = tuple[tuple[str, str], ...]
Caller = Callable[[], Awaitable[Metadata]]


@dataclass(frozen=True, slots=True)
class World:
    """What is attacked: a channel for each service, callers by name, real resources by collection."""

    channels: Mapping[str, grpc.aio.Channel]
    callers: Mapping[str, Caller]
    names: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Findings:
    """What was answered, and what should never be."""

    seed: int
    codes: Counter[str] = field(default_factory=Counter)
    methods: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        codes = ", ".join(f"{code} {count}" for code, count in self.codes.most_common())
        return f"seed {self.seed}: {sum(self.codes.values())} calls of {len(self.methods)} methods: {codes}"


_END_A_CALLER = frozenset({"SignOut", "SignOutEverywhere", "RevokeRole"})
"""What ends the tokens that everything else is asked with; after one of them nothing but UNAUTHENTICATED would be seen."""


async def fuzz(world: World, seed: int, calls: int, services: Sequence[str] = SERVICES) -> Findings:
    """So many calls of each service."""
    findings = Findings(seed)
    for service in services:
        known = [each for each in methods() if each.server == service and each.descriptor.name not in _END_A_CALLER]
        await asyncio.gather(
            *(_lane(world, known, f"{seed}/{service}/{lane}", calls // LANES, findings) for lane in range(LANES))
        )
    return findings


async def _lane(world: World, known: Sequence[Method], seed: str, calls: int, findings: Findings) -> None:
    chance = random.Random(seed)
    mutations = Mutations(chance.getrandbits(64), world.names)
    admitted = {method.label: sorted(world.callers) for method in known}
    for number in range(calls):
        method = known[number % len(known)] if number < len(known) else chance.choice(known)
        callers = admitted[method.label]
        name = chance.choice(callers)
        body = mutations.request(method.descriptor)
        metadata = await world.callers[name]()
        code, fault = await _called(world.channels[method.server], method, body, metadata)
        if code == grpc.StatusCode.PERMISSION_DENIED.name and len(callers) > 1:
            callers.remove(name)  # who may never ask is asked as once, and leaves more for those who may
        findings.codes[code] += 1
        findings.methods.add(method.label)
        if fault:
            findings.faults.append(f"{method.label} as {name}: {fault}: {body[:200].hex()}")


async def _called(channel: grpc.aio.Channel, method: Method, body: bytes, metadata: Metadata) -> tuple[str, str]:
    """The code, and what is wrong with the answer."""
    try:
        await _answered(channel, method, body, metadata)
    except grpc.aio.AioRpcError as error:
        try:
            refusal = refusal_in(error)
        except AssertionError as leak:
            return error.code().name, str(leak)
        undocumented = "" if refusal.code in _DOCUMENTED else f"{refusal.code.name} {refusal.reason}"
        return refusal.code.name, undocumented
    return "OK", ""


async def _answered(channel: grpc.aio.Channel, method: Method, body: bytes, metadata: Metadata) -> Any:
    if method.descriptor.server_streaming:
        return [each async for each in channel.unary_stream(method.path)(body, metadata=metadata, timeout=_SECONDS)]
    return await channel.unary_unary(method.path)(body, metadata=metadata, timeout=_SECONDS)
