"""Spans recorded by OpenTelemetry and sent to a collector by OTLP over gRPC. Imported only when a collector is set.

Spans wait in a bounded queue for a thread of their own; while the collector is away the oldest are dropped. Everything
is said here and not by ``OTEL_`` variables, but for the key that a collector may want (``OTEL_EXPORTER_OTLP_HEADERS``).
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from services.common.traces.spans import Kind

log = structlog.get_logger()

QUEUE = 2048
BATCH = 512
DELAY_MILLISECONDS = 2000
EXPORT_SECONDS = 3.0
CLOSE_SECONDS = 1.0

_KINDS = {kind: trace.SpanKind[kind.name] for kind in Kind}


class OtlpSpan:
    """A span of OpenTelemetry."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        known = span.get_span_context()
        self.traceparent = f"00-{known.trace_id:032x}-{known.span_id:016x}-{known.trace_flags & 1:02x}"

    def set(self, attribute: str, value: str | int) -> None:
        self._span.set_attribute(attribute, value)

    def fail(self, reason: str) -> None:
        self._span.set_status(trace.StatusCode.ERROR, reason or None)

    def end(self) -> None:
        self._span.end()


class OtlpRecorder:
    """Records what the parent says; of traces that begin here a share, chosen by trace id alike in every service."""

    def __init__(self, service: str, endpoint: str, ratio: float) -> None:
        """``endpoint`` is ``http://host:port``, or ``https://`` for TLS with the roots of the system."""
        resource = {"service.namespace": "comity", "service.name": service, "service.version": version("comity")}
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(ratio)), resource=Resource(resource), shutdown_on_exit=False
        )
        self._exporter = _Exporter(service, endpoint)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=QUEUE,
                schedule_delay_millis=DELAY_MILLISECONDS,
                max_export_batch_size=BATCH,
                export_timeout_millis=EXPORT_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("comity")

    def begin(self, kind: Kind, name: str, parent: str, attributes: Mapping[str, str]) -> OtlpSpan:
        """``parent`` is a valid ``traceparent``; empty begins a trace."""
        span = self._tracer.start_span(name, _remote(parent), _KINDS[kind], attributes)
        return OtlpSpan(span)

    def close(self) -> None:
        """Sends what waits; nothing to a collector that was away just now, and never for longer than a second."""
        if self._exporter.away:
            self._exporter.shutdown()
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)


class _Exporter(SpanExporter):
    """Says once that the collector is away and once that it is back, where OpenTelemetry would complain every time."""

    def __init__(self, service: str, endpoint: str) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._log = log.bind(service=service, collector=endpoint)
        self._inner = OTLPSpanExporter(endpoint, insecure=endpoint.startswith("http://"), timeout=EXPORT_SECONDS)
        self.away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._inner.export(spans)
        except Exception:
            result = SpanExportResult.FAILURE
        away = result is not SpanExportResult.SUCCESS
        if away != self.away:
            self._log.warning("traces_not_sent" if away else "traces_sent_again")
        self.away = away
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


def _remote(parent: str) -> Context:
    if not parent:
        return Context()
    _, trace_id, span_id, flags = parent.split("-")
    known = trace.SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=trace.TraceFlags(int(flags, 16) & 1)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(known), Context())
