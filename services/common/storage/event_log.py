"""The event log: what happened to each aggregate, hash-chained, insert and select only.

``hash`` covers the row and the hash before it, so a changed, deleted or reordered row shows at that row; the
aggregate's own row keeps version and head, so a cut tail shows too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common.storage.tables import event_log

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Finding:
    """The first row at which the log of an aggregate does not hold."""

    aggregate_id: UUID
    version: int
    problem: str


def chained_hash(previous: bytes, row: dict[str, Any]) -> bytes:
    """SHA-256 over the previous hash and every fact of the row, each part preceded by its length."""
    digest = hashlib.sha256(previous)
    for part in (
        row["event_id"].bytes,
        row["aggregate_type"].encode(),
        row["aggregate_id"].bytes,
        str(row["version"]).encode(),
        row["organisation_id"].bytes,
        row["type"].encode(),
        row["payload"],
        row["actor"].encode(),
        row["authority"].encode(),
        row["rule_version"].encode(),
        _instant(row["occur_time"]),
    ):
        digest.update(len(part).to_bytes(4))
        digest.update(part)
    return digest.digest()


def _instant(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").encode()


async def verify_aggregate(
    connection: AsyncConnection, aggregate_id: UUID, version: int, head: bytes
) -> Finding | None:
    """The first fault of one aggregate's log against its row's version and head; None when all holds."""
    query = select(event_log).where(event_log.c.aggregate_id == aggregate_id).order_by(event_log.c.version)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    return _verify(aggregate_id, rows, version, head)


def _verify(aggregate_id: UUID, rows: Sequence[dict[str, Any]], version: int, head: bytes) -> Finding | None:
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        problem = _problem(row, expected, previous)
        if problem:
            return Finding(aggregate_id, expected, problem)
        previous = row["hash"]
    if len(rows) != version or previous != head:
        return Finding(aggregate_id, len(rows) + 1, "the log ends before the aggregate's head")
    return None


def _problem(row: dict[str, Any], expected: int, previous: bytes) -> str:
    if row["version"] != expected:
        return "a version is missing"
    if row["previous_hash"] != previous:
        return "the row does not follow the one before"
    return "" if chained_hash(previous, row) == row["hash"] else "the row was changed"
