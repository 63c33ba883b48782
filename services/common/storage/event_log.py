"""The event log: what happened to each aggregate, hash-chained, insert and select only.

``hash`` covers the row and the hash before it, so a changed, deleted or reordered row shows at that row; the
aggregate's own row keeps version and head, so a cut tail shows too. ``content_digest`` says what the aggregate's rows hold
after the event (``content``), so that they cannot be changed behind the log. ``audit`` looks at all of it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = bytes(32)


def chained_hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
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
        row["content_digest"],
    ):
        digest.update(len(part).to_bytes(4))
        digest.update(part)
    return digest.digest()


def _instant(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").encode()
