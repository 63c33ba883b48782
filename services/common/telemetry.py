"""Logs and metrics (traces are in ``traces``). One JSON line per record; personal data never gets that far: only ids and
codes are logged."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram, start_http_server

from services.common.traces import context

CALLS = Counter("comity_calls_total", "RPCs answered", ["method", "code"])
CALL_SECONDS = Histogram("comity_call_seconds", "Time to answer", ["method"])
EVENTS_PUBLISHED = Counter("comity_events_published_total", "Events acknowledged by the broker")
EVENTS_APPLIED = Counter("comity_events_applied_total", "Events applied", ["source"])
EVENTS_WAITING_SECONDS = Gauge(
    "comity_events_waiting_seconds", "Age of the oldest event waiting for what is away", ["source"]
)
OUTBOX_OLDEST_SECONDS = Gauge("comity_outbox_oldest_seconds", "Age of the oldest unpublished event")
DEAD_LETTERS = Counter("comity_dead_letters_total", "Messages parked", ["source"])
NOT_READY = Gauge("comity_not_ready", "1 while a part that the service stands on does not work", ["part", "reason"])
DEAD_LETTERS_PARKED = Gauge("comity_dead_letters_parked", "Messages that nobody has dealt with yet", ["source"])
JOBS = Counter("comity_jobs_total", "Background jobs ended", ["kind", "result"])
JOBS_FAILED = Gauge("comity_jobs_failed", "Jobs given up that nobody has dealt with yet", ["kind"])
JOBS_WAITING_SECONDS = Gauge(
    "comity_jobs_waiting_seconds", "How long the longest has waited for what is away", ["kind"]
)
JOBS_OLDEST_SECONDS = Gauge("comity_jobs_oldest_seconds", "By how much the oldest due job is late", ["kind"])
DEADLINES_FAILING = Gauge("comity_deadlines_failing", "Time limits whose consequence cannot be carried out")
DEADLINES_UNSURE = Gauge(
    "comity_deadlines_unsure", "Time limits past a provisional day, whose consequence waits for the year's calendar"
)
CALENDAR_DAYS_LEFT = Gauge("comity_calendar_days_left", "Days until the published calendar ends", ["calendar"])
DEADLINES_LAPSED = Counter("comity_deadlines_lapsed_total", "Time limits that ended with nothing done", ["rule"])
DRAWINGS = Counter("comity_drawings_total", "Papers asked for, by what became of that", ["result"])
WORKERS_KILLED = Counter("comity_workers_killed_total", "Worker processes killed over their time limit", ["limit"])
ROWS_REMOVED = Counter("comity_rows_removed_total", "Rows removed when their time was over", ["table"])

for _counter, _values in (
    (DRAWINGS, ("found", "joined", "drawn", "refused", "too_large")),
    (WORKERS_KILLED, ("clock", "processor")),
):
    for _value in _values:
        _counter.labels(_value)  # From 0 on: an alert sees the first one too.

_SECRET_KEYS = ("token", "secret", "password", "code", "proof", "authorization", "email", "phone", "contact", "url")


def _redact(_logger: object, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in record:
        if any(part in key.lower() for part in _SECRET_KEYS) and key not in ("status_code", "reason_code"):
            record[key] = "***"
    return record


def _name_trace(_logger: object, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace_id := context.trace_id():
        record["trace_id"] = trace_id
    return record


def _cut_details(_logger: object, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """PostgreSQL puts the row that it refuses into the DETAIL of its error, its driver the argument into its message: names
    and contacts, which no log is for."""
    trace = record.get("exception")
    if isinstance(trace, str):
        record["exception"] = _DETAIL.sub(r"\1 left out", trace)
    return record


_DETAIL = re.compile(r"(DETAIL:|invalid input for query argument \$\d+[^:\n]*:).*")


def set_up_logging(service: str, level: str) -> None:
    """JSON lines on standard output for our own records and those of libraries."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _cut_details,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    handler.addFilter(_wanted)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(service=service)


def _wanted(record: logging.LogRecord) -> bool:
    """Not what asyncpg leaves of a connection that was lost while it was opened and nobody waited for it any more: the event
    loop tells of it at whatever time the remains are collected, and that the database is away is said once, in words.
    """
    lost = record.exc_info and isinstance(record.exc_info[1], ConnectionError)
    return not (lost and record.name == "asyncio" and record.getMessage().startswith("Future exception was never"))


def serve_metrics(listen: str) -> None:
    """The Prometheus page on ``host:port``; nothing when empty."""
    if listen:
        host, port = listen.rsplit(":", 1)
        try:
            start_http_server(int(port), addr=host.strip("[]"))
        except OSError:
            raise SystemExit(f"Cannot start: {listen} is taken or cannot be bound; set COMITY_METRICS_LISTEN") from None
