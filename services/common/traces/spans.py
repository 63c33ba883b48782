"""Spans around what a service does: a call answered, an event published or reacted to, a job run.

While no collector is set nothing is recorded, OpenTelemetry is not even imported, and the present trace is only carried
along. A span holds codes and names of methods, subjects and kinds; never an id of ours, a person's name or a text.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from enum import Enum
from typing import Any, Protocol

from services.common.traces import context

REASON = "comity.reason"
"""Why something was refused, put off or tried again: a reason code, or the type of an unforeseen error."""
_FAULTS = frozenset({2, 4, 12, 13, 14, 15})
"""gRPC codes that are the server's fault (OpenTelemetry's conventions for gRPC): the others are answers."""
_OK = 0
_PROBES = "/grpc."
"""Health is asked for every second, and belongs to nothing."""
_NOT_RECORDED = nullcontext()


class Kind(Enum):
    """Which side of an exchange a span is."""

    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"
    INTERNAL = "INTERNAL"


class Span(Protocol):
    """Something under way."""

    @property
    def traceparent(self) -> str:
        """The span as what it leads to names it."""
        ...

    def set(self, attribute: str, value: str | int) -> None: ...

    def fail(self, reason: str) -> None: ...

    def end(self) -> None: ...


class Recorder(Protocol):
    """Makes spans and sends them somewhere."""

    def begin(self, kind: Kind, name: str, parent: str, attributes: Mapping[str, str]) -> Span: ...

    def close(self) -> None: ...


class _Process:
    """Like logs and metrics, one for the whole process."""

    recorder: Recorder | None = None


_span: ContextVar[Span | None] = ContextVar("span", default=None)


def record(service: str, endpoint: str, ratio: float) -> None:
    """Records from here on, this share of the traces that begin here; nothing when ``endpoint`` is empty."""
    if endpoint:
        # Five megabytes of modules that nobody needs who does not record.
        from services.common.traces.otlp import OtlpRecorder  # noqa: PLC0415

        _Process.recorder = OtlpRecorder(service, endpoint, ratio)


def stop() -> None:
    """Sends what is left, within a second, and records no more."""
    recorder, _Process.recorder = _Process.recorder, None
    if recorder is not None:
        recorder.close()


def serving(method: str, call: Any) -> Any:
    """The handler of a method (``/package.Service/Method``), with a span around it if any are recorded."""
    recorder = _Process.recorder
    if recorder is None or method.startswith(_PROBES):
        return call
    name, attributes = _named(method)

    async def traced(request: Any, rpc: Any) -> Any:
        with _spanning(recorder, Kind.SERVER, name, context.current(), attributes) as span:
            response = await call(request, rpc)
            _answered(span, rpc)
            return response

    return traced


def publishing(subject: str, headers: dict[str, str]) -> AbstractContextManager[object]:
    """Around sending one event, whose headers then name this span."""
    recorder = _Process.recorder
    return _NOT_RECORDED if recorder is None else _publishing(recorder, subject, headers)


def reacting(subject: str, headers: Mapping[str, str] | None) -> AbstractContextManager[object]:
    """Around what is done about one event: it belongs to the trace of the event."""
    parent = context.of_event(headers)
    recorder = _Process.recorder
    if recorder is None:
        context.enter(parent)
        return _NOT_RECORDED
    return _spanning(recorder, Kind.CONSUMER, f"process {subject}", parent, _messaging("process", subject))


def working(kind: str, traceparent: str | None) -> AbstractContextManager[object]:
    """Around one try of a job: it belongs to the trace that queued it."""
    parent = traceparent or ""
    recorder = _Process.recorder
    if recorder is None:
        context.enter(parent)
        return _NOT_RECORDED
    return _spanning(recorder, Kind.INTERNAL, f"job {kind}", parent, {"comity.job": kind})


def refused(reason: str) -> None:
    """The present span ends with this reason; a refusal in words is an answer and no fault."""
    span = _span.get()
    if span is not None:
        span.set(REASON, reason)


def failed(reason: str) -> None:
    """What the present span stands for was not done, for this reason."""
    span = _span.get()
    if span is not None:
        span.set(REASON, reason)
        span.fail(reason)


@contextmanager
def _spanning(recorder: Recorder, kind: Kind, name: str, parent: str, attributes: Mapping[str, str]) -> Iterator[Span]:
    """Not by OpenTelemetry's own context manager: that records the text of exceptions, which may hold names."""
    before, outer = context.current(), _span.get()
    span = recorder.begin(kind, name, parent, attributes)
    context.enter(span.traceparent)
    _span.set(span)
    try:
        yield span
    except Exception as error:
        span.fail(type(error).__name__)
        raise
    finally:
        span.end()
        context.enter(before)
        _span.set(outer)


@contextmanager
def _publishing(recorder: Recorder, subject: str, headers: dict[str, str]) -> Iterator[None]:
    parent, attributes = context.of_event(headers), _messaging("publish", subject)
    with _spanning(recorder, Kind.PRODUCER, f"publish {subject}", parent, attributes) as span:
        headers[context.EVENT_HEADER] = span.traceparent
        yield


def _named(method: str) -> tuple[str, dict[str, str]]:
    name = method.removeprefix("/")
    service, _, short = name.partition("/")
    return name, {"rpc.system": "grpc", "rpc.service": service, "rpc.method": short}


def _messaging(operation: str, subject: str) -> dict[str, str]:
    return {
        "messaging.system": "nats",
        "messaging.operation.name": operation,
        "messaging.destination.name": subject,
    }


def _answered(span: Span, rpc: Any) -> None:
    set_code = rpc.code()  # nothing when all went well
    code = set_code.value[0] if set_code else _OK
    span.set("rpc.grpc.status_code", code)
    if code in _FAULTS:
        span.fail("")
