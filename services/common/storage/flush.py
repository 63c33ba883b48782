"""What every write leaves beside its own rows, in one statement: event log, outbox, jobs and the stored answer.

One round trip instead of four: a filing is bound by round trips (measured in ``make bench``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

_LOGGED = {
    "event_id": "uuid",
    "aggregate_type": "text",
    "aggregate_id": "uuid",
    "version": "bigint",
    "organisation_id": "uuid",
    "type": "text",
    "payload": "bytea",
    "actor": "text",
    "authority": "text",
    "rule_version": "text",
    "previous_hash": "bytea",
    "hash": "bytea",
}
_QUEUED = {"event_id": "uuid", "subject": "text", "headers": "text", "payload": "bytea"}
_JOBS = {"id": "uuid", "kind": "text", "payload": "text", "run_time": "timestamptz", "traceparent": "text"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer of the request that this transaction serves."""

    caller: str
    request_id: UUID
    response: bytes


def values(
    logged: Sequence[dict[str, Any]],
    queued: Sequence[dict[str, Any]],
    jobs: Sequence[dict[str, Any]],
    answer: Answer | None,
    now: datetime,
) -> list[object]:
    """The parameters of ``STATEMENT``: columns as arrays, facts of the whole transaction once."""
    return [
        now,
        *([row[name] for row in logged] for name in _LOGGED),
        *([row[name] for row in queued] for name in _QUEUED),
        *([row[name] for row in jobs] for name in _JOBS),
        *((answer.caller, answer.request_id, answer.response) if answer else (None, None, None)),
    ]


_places = count(2)


def _rows(columns: dict[str, str]) -> str:
    """The parameters as a table called ``row``, numbered in its order by ``place``."""
    arrays = ", ".join(f"${next(_places)}::{kind}[]" for kind in columns.values())
    return f"unnest({arrays}) WITH ORDINALITY AS row({', '.join(columns)}, place)"


_LOG_ROWS, _OUTBOX_ROWS, _JOB_ROWS = _rows(_LOGGED), _rows(_QUEUED), _rows(_JOBS)
_CALLER, _REQUEST_ID, _RESPONSE = (f"${next(_places)}" for _ in range(3))

STATEMENT = f"""
    WITH logged AS (
        INSERT INTO event_log ({", ".join(_LOGGED)}, occur_time)
        SELECT {", ".join(f"row.{name}" for name in _LOGGED)}, $1::timestamptz FROM {_LOG_ROWS}
    ), queued AS (
        INSERT INTO outbox (event_id, subject, headers, payload, create_time)
        SELECT row.event_id, row.subject, row.headers::jsonb, row.payload, $1 FROM {_OUTBOX_ROWS} ORDER BY row.place
    ), jobs AS (
        INSERT INTO jobs (id, kind, payload, state, run_time, attempts, create_time, traceparent)
        SELECT row.id, row.kind, row.payload::jsonb, 'QUEUED', row.run_time, 0, $1, row.traceparent FROM {_JOB_ROWS}
        ON CONFLICT (id) DO NOTHING
    )
    UPDATE replies SET response = {_RESPONSE} WHERE caller = {_CALLER} AND request_id = {_REQUEST_ID}
    """  # noqa: S608 - made of the names above
