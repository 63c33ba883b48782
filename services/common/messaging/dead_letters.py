"""Messages that could not be applied: parked with their reason, listed, replayed, released."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import not_found
from services.common.kernel.ids import derived_id
from services.common.storage.tables import dead_letters
from services.common.storage.transaction import Transaction


async def park(
    tx: Transaction,
    source: str,
    headers: Mapping[str, str],
    subject: str,
    payload: bytes,
    reason: str,
    deliveries: int,
) -> None:
    """Keeps a message that its reaction refuses for good. Parking it again renews the reason."""
    event_id = _event_id(headers, subject, payload)
    row = {
        "id": derived_id(source, event_id),
        "source": source,
        "event_id": event_id,
        "subject": subject,
        "headers": dict(headers),
        "payload": payload,
        "reason": reason[:500],
        "deliveries": deliveries,
        "park_time": tx.now,
        "state": "PARKED",
    }
    renewed = {**{key: row[key] for key in ("reason", "deliveries", "park_time", "state")}, "end_time": None}
    statement = insert(dead_letters).values(row)
    await tx.connection.execute(statement.on_conflict_do_update(index_elements=["source", "event_id"], set_=renewed))


def _event_id(headers: Mapping[str, str], subject: str, payload: bytes) -> UUID:
    try:
        return UUID(headers["ce-id"])
    except (KeyError, ValueError):
        return derived_id(subject, payload.hex())


async def kept(tx: Transaction, letter_id: UUID) -> Any:
    """One message that was parked once, whatever became of it. Raises NOT_FOUND."""
    row = (await tx.connection.execute(select(dead_letters).where(dead_letters.c.id == letter_id))).one_or_none()
    if row is None:
        raise not_found()
    return row


async def parked(tx: Transaction, letter_id: UUID):  # type: ignore[no-untyped-def]
    """One parked message. Raises NOT_FOUND."""
    query = select(dead_letters).where(dead_letters.c.id == letter_id, dead_letters.c.state == "PARKED")
    row = (await tx.connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise not_found()
    return row


async def close(tx: Transaction, letter_id: UUID, state: str, remarks: str) -> None:
    """Ends a parked message as REPLAYED or RELEASED."""
    await tx.connection.execute(
        update(dead_letters).where(dead_letters.c.id == letter_id).values(state=state, remarks=remarks, end_time=tx.now)
    )
