"""A collector of traces: the real OTLP service over real gRPC, which keeps what it is sent."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as pb_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from tests.kit.eventually import eventually


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """A span as it came. ``everything`` is its whole message as text."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str | int]
    failed: bool
    everything: str


@dataclass
class Collector(pb_grpc.TraceServiceServicer):
    """What has come so far."""

    address: str = ""
    spans: list[CollectedSpan] = field(default_factory=list)
    received: bytes = b""

    @property
    def endpoint(self) -> str:
        return f"http://{self.address}"

    async def Export(self, request: pb.ExportTraceServiceRequest, context: Any) -> pb.ExportTraceServiceResponse:
        self.received += request.SerializeToString()
        for resource in request.resource_spans:
            service = str(_plain(resource.resource.attributes).get("service.name", ""))
            self.spans += [_span(service, span) for scope in resource.scope_spans for span in scope.spans]
        return pb.ExportTraceServiceResponse()

    def named(self, name: str) -> list[CollectedSpan]:
        return [span for span in self.spans if span.name == name]

    def children(self, parent: CollectedSpan) -> list[CollectedSpan]:
        return [span for span in self.spans if (span.trace, span.parent) == (parent.trace, parent.id)]

    async def one(self, name: str, seconds: float = 30) -> CollectedSpan:
        """The first span of this name, once it has come."""
        found = await eventually(lambda: self.named(name), seconds)
        return found[0]


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens on loopback until the block is left."""
    collector, server = Collector(), grpc.aio.server()
    pb_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(0)


def _span(service: str, span: trace_pb2.Span) -> CollectedSpan:
    return CollectedSpan(
        service=service,
        name=span.name,
        kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=_plain(span.attributes),
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        everything=str(span),
    )


def _plain(attributes: Iterable[Any]) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in attributes}
