"""What every write leaves beside its own rows, in one statement: the event log, the outbox and the stored answer.

One round trip instead of three: a filing is bound by round trips (measured in ``make bench``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

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


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer of the request that this transaction serves."""

    caller: str
    request_id: UUID
    response: bytes


def values(
    logged: Sequence[dict[str, Any]],
    queued: Sequence[dict[str, Any]],
    answer: Answer | None,
    now: datetime,
) -> dict[str, Any]:
    """The parameters of ``STATEMENT``: columns as arrays, facts of the whole transaction once."""
    return {
        **{f"logged_{name}": [row[name] for row in logged] for name in _LOGGED},
        **{f"queued_{name}": [row[name] for row in queued] for name in _QUEUED},
        "now": now,
        "answered_by": answer.caller if answer else None,
        "answered_id": answer.request_id if answer else None,
        "response": answer.response if answer else None,
    }


def _arrays(prefix: str, columns: dict[str, str]) -> str:
    return ", ".join(f"CAST(:{prefix}_{name} AS {kind}[])" for name, kind in columns.items())


STATEMENT = text(
    f"""
    WITH logged AS (
        INSERT INTO event_log ({", ".join(_LOGGED)}, occur_time)
        SELECT {", ".join(f"row.{name}" for name in _LOGGED)}, CAST(:now AS timestamptz)
        FROM unnest({_arrays("logged", _LOGGED)}) AS row({", ".join(_LOGGED)})
    ), queued AS (
        INSERT INTO outbox (event_id, subject, headers, payload, create_time)
        SELECT row.event_id, row.subject, CAST(row.headers AS jsonb), row.payload, CAST(:now AS timestamptz)
        FROM unnest({_arrays("queued", _QUEUED)}) WITH ORDINALITY AS row({", ".join(_QUEUED)}, place)
        ORDER BY row.place
    )
    UPDATE replies SET response = CAST(:response AS bytea)
    WHERE caller = CAST(:answered_by AS text) AND request_id = CAST(:answered_id AS uuid)
    """  # noqa: S608 - made of the names above
)
