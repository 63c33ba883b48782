"""The one server builder: health, access, validation, limits, reflection and drain are the same everywhere."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.common.kernel.clock import Clock
from services.common.rpc.access import OPEN_REQUEST_BYTES, Rule, rules
from services.common.rpc.gate import Gate
from services.common.rpc.lanes import Lanes
from services.common.rpc.not_ready import NOT_READY_KEY
from services.common.rpc.tokens import TokenVerifier
from services.common.surroundings import Surroundings

log = structlog.get_logger()

IN_WORDS_BYTES = 512 * 1024
DRAIN_SECONDS = 10.0
HEALTH_SECONDS = 1.0
_OPTIONS = [
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 200),
    ("grpc.max_connection_age_ms", 10 * 60 * 1000),
    ("grpc.max_connection_age_grace_ms", 30 * 1000),
    ("grpc.so_reuseport", 0),
    # What a call brings is taken in before anybody asks for it, and the window grows with what comes: of one that is
    # refused without a look at its message, this much is.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 256 * 1024),
]


_HEALTH = "/grpc.health.v1.Health/Check"
"""Without ``Watch``: a stream that anybody may hold open for nothing. Who asks for it is told that there is none, as the
health protocol provides for."""
_PROBED = Rule(
    anyone=True,
    person=False,
    roles=frozenset(),
    services=frozenset(),
    always=True,
    request_bytes=OPEN_REQUEST_BYTES,
)


@dataclass(frozen=True, slots=True)
class Exposed:
    """One gRPC service: its descriptor and the generated function that adds its servicer."""

    descriptor: ServiceDescriptor
    add: Callable[[Any, grpc.aio.Server], None]
    servicer: Any


class Server:
    """A gRPC server that is ready only while its surroundings are. Each part of them has a health state of its name."""

    def __init__(
        self,
        listen: str,
        exposed: Sequence[Exposed],
        tokens: TokenVerifier,
        surroundings: Surroundings,
        *,
        reflect: bool,
        concurrent_calls: int,
        clock: Clock,
    ) -> None:
        table = rules(each.descriptor for each in exposed)
        table = dict(table) | {_HEALTH: _PROBED}
        self.listen = listen
        self._surroundings = surroundings
        self._health = _Health(surroundings)
        gate = Gate(table, tokens, surroundings, Lanes(concurrent_calls, clock))
        self._server = grpc.aio.server(interceptors=[gate], options=[*_OPTIONS, _largest(table.values())])
        for each in exposed:
            each.add(each.servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if reflect:
            names = [each.descriptor.full_name for each in exposed]
            reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], self._server)
        self.port = self._bind(listen)

    def _bind(self, listen: str) -> int:
        try:
            return self._server.add_insecure_port(listen)
        except RuntimeError:
            raise SystemExit(f"Cannot start: {listen} is taken or cannot be bound; set COMITY_LISTEN") from None

    async def run(self) -> None:
        """Serves until cancelled; then says NOT_SERVING, lets calls under way finish, and stops.

        Raises Unfit when the service must not go on.
        """
        await self._look()  # Before the first call is taken: what fits is then open, what is unfit never was.
        await self._server.start()
        log.info("listening", port=self.port)
        try:
            while True:
                await asyncio.sleep(HEALTH_SECONDS)
                await self._look()
        finally:
            await asyncio.shield(self._drain())

    async def _look(self) -> None:
        try:
            await self._surroundings.look()
        finally:
            causes = self._surroundings.causes
            for part in self._surroundings.parts:
                await self._health.set(part, _status(part not in causes))
            await self._health.set("", _status(self._surroundings.ready))

    async def _drain(self) -> None:
        await self._health.enter_graceful_shutdown()
        await self._server.stop(DRAIN_SECONDS)


def _largest(table: Iterable[Rule]) -> tuple[str, int]:
    """The gate refuses in words what is too large for its method. What is far too large for every method gRPC refuses by
    itself: it never holds more of a message, nor of what a compressed one becomes."""
    return "grpc.max_receive_message_length", max(IN_WORDS_BYTES, *(2 * rule.request_bytes for rule in table))


def _status(ready: bool) -> health_pb2.HealthCheckResponse.ServingStatus:
    return health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING


class _Health(health.aio.HealthServicer):  # type: ignore[misc]  # comes without types
    """The standard service, whose answers also say why: see ``NOT_READY_KEY``."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> Any:
        said = [f"{part}: {cause.reason}: {cause.en}" for part, cause in self._surroundings.causes.items()]
        context.set_trailing_metadata(tuple((NOT_READY_KEY, line) for line in said))
        return await super().Check(request, context)
