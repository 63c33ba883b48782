"""The server of every service around methods of a test's own: what is tried is what stands before a servicer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
from comity.common.v1 import dossier_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import intake_service_pb2_grpc as pbg
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.rpc.server import Exposed, Server
from services.common.rpc.tokens import TokenVerifier
from services.common.surroundings import Surroundings
from tests.kit.clock import FakeClock
from tests.kit.tokens import TokenIssuer, bearer

SERVICE = "/comity.intake.v1.IntakeService"
LABORIOUS = "matters/laborious"
DOSSIER = 40
"""Chunks of the dossier, each of ``CHUNK_BYTES``: more than flow control lets through to who does not read."""
CHUNK_BYTES = 256 * 1024
STREAMS = 200
"""What the server takes on one connection."""


class Servicer(pbg.IntakeServiceServicer):
    """GetMatter answers at once, of ``LABORIOUS`` after a second's work; ListMatters when ``released`` is set."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.waiting = 0

    async def GetMatter(self, request: Any, context: Any) -> pb.GetMatterResponse:
        end = time.thread_time() + (1.0 if request.name == LABORIOUS else 0.0)
        while time.thread_time() < end:
            pass
        return pb.GetMatterResponse()

    async def ListMatters(self, request: Any, context: Any) -> pb.ListMattersResponse:
        self.waiting += 1
        await self.released.wait()
        return pb.ListMattersResponse()

    async def ReadMatterDossier(self, request: Any, context: Any) -> AsyncIterator[pb.ReadMatterDossierResponse]:
        for _ in range(DOSSIER):
            yield pb.ReadMatterDossierResponse(chunk=dossier_pb2.Chunk(data=bytes(CHUNK_BYTES)))


@dataclass
class Guarded:
    """A running server, and those who call it."""

    port: int
    servicer: Servicer
    issuer: TokenIssuer
    stack: AsyncExitStack
    honest: grpc.aio.Channel
    account: UUID = field(default_factory=uuid4)

    async def channel(self) -> grpc.aio.Channel:
        """One more connection."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{self.port}", options=options)
        return await self.stack.enter_async_context(channel)

    async def channels(self, streams: int) -> list[grpc.aio.Channel]:
        """Connections for so many streams, one for each of them in the list."""
        opened = [await self.channel() for _ in range(-(-streams // (STREAMS // 2)))]
        return [opened[index % len(opened)] for index in range(streams)]

    def as_person(self, account: UUID | None = None) -> Any:
        return bearer(self.issuer.person(account or self.account))

    def as_service(self, name: str = "mediation") -> Any:
        return bearer(self.issuer.service(name))

    async def get(self, caller: Any = None, name: str = "") -> Any:
        """What an honest person asks."""
        stub = pbg.IntakeServiceStub(self.honest)  # type: ignore[no-untyped-call]
        return await stub.GetMatter(pb.GetMatterRequest(name=name), metadata=caller or self.as_person(), timeout=30)

    def wait(self, caller: Any) -> Any:
        """A call that is answered when the servicer is released."""
        stub = pbg.IntakeServiceStub(self.honest)  # type: ignore[no-untyped-call]
        return stub.ListMatters(pb.ListMattersRequest(), metadata=caller, timeout=60)

    async def dossier(self) -> int:
        """The bytes that an honest service reads."""
        stub = pbg.IntakeServiceStub(self.honest)  # type: ignore[no-untyped-call]
        request = pb.ReadMatterDossierRequest(matter="matters/1", digest=bytes(32))
        stream = stub.ReadMatterDossier(request, metadata=self.as_service("mediation"), timeout=30)
        return sum([len(each.chunk.data) async for each in stream])

    async def health(self) -> int:
        stub = health_pb2_grpc.HealthStub(self.honest)
        return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=30)).status)


@asynccontextmanager
async def guarded(clock: FakeClock, *, reflect: bool = False, ceiling: int = 400) -> AsyncIterator[Guarded]:
    """Serves until left."""
    issuer, servicer, surroundings = TokenIssuer(clock), Servicer(), Surroundings()
    surroundings.begun.set()
    exposed = Exposed(
        pb.DESCRIPTOR.services_by_name["IntakeService"], pbg.add_IntakeServiceServicer_to_server, servicer
    )
    tokens = TokenVerifier(issuer.key_set, clock)
    async with AsyncExitStack() as stack:
        server = Server(
            "127.0.0.1:0", [exposed], tokens, surroundings, reflect=reflect, concurrent_calls=ceiling, clock=clock
        )
        running = asyncio.create_task(server.run())
        stack.callback(running.cancel)
        honest = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{server.port}"))
        await honest.channel_ready()
        yield Guarded(server.port, servicer, issuer, stack, honest)
        servicer.released.set()
