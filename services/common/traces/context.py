"""The trace that what is done now belongs to: a W3C ``traceparent``, carried along whether or not spans are recorded.

It comes with a call, an event or a job and goes out with whatever these lead to. ``tracestate`` and baggage are not
carried: they hold free text of whoever calls.
"""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar

KEY = "traceparent"
"""In the metadata of a call."""
EVENT_HEADER = "ce-traceparent"
"""With an event (CloudEvents Distributed Tracing extension, in the NATS binding)."""

_VERSION_00_LENGTH = 55
_FORM = re.compile(
    "(?P<version>(?!ff)[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})"
    "-(?P<flags>[0-9a-f]{2})(-.*)?"
)
_NONE = ""

_current: ContextVar[str] = ContextVar("traceparent", default=_NONE)


def current() -> str:
    """The ``traceparent`` of what is done now; empty when there is none."""
    return _current.get()


def enter(traceparent: str) -> None:
    """From here on, in this task and those it starts, everything belongs to this trace (or to none, when empty)."""
    _current.set(traceparent)


def trace_id() -> str:
    """The 32 hexadecimal digits of the present trace; empty when there is none."""
    return _current.get()[3:35]


def valid(value: object) -> str:
    """The value as version 00 of the format; empty when it is no ``traceparent`` (W3C Trace Context, section 3.2)."""
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found["version"] == "00" and len(found[0]) != _VERSION_00_LENGTH):
        return _NONE
    return f"00-{found['trace']}-{found['span']}-{found['flags']}"


def receive(metadata: Iterable[tuple[str, object]] | None) -> None:
    """Enters the trace that the caller of this server names, if it names one."""
    for key, value in metadata or ():
        if key == KEY:
            enter(valid(value))
            return


def of_event(headers: Mapping[str, str] | None) -> str:
    """What the publisher sent."""
    return valid(headers[EVENT_HEADER]) if headers and EVENT_HEADER in headers else _NONE


def outgoing() -> tuple[tuple[str, str], ...]:
    """What goes with a call to another service."""
    traceparent = _current.get()
    return ((KEY, traceparent),) if traceparent else ()
