"""Repeatable writes (AIP-155): the first answer to a request id is kept and given again; another body is refused.

The row is claimed before the use case runs, so that copies of one request arriving together wait for the first.
"""

import hashlib
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage.tables import replies
from services.common.storage.transaction import Transaction


async def claim(tx: Transaction, request_id: UUID, method: str, body: bytes) -> bytes | None:
    """None when the request is new; otherwise the bytes of its first answer.

    Raises REQUEST_ID_REUSED (ALREADY_EXISTS) when the id came before with another method or body.
    """
    body_hash = hashlib.sha256(body).digest()
    row = {
        "caller": tx.caller.subject,
        "request_id": request_id,
        "method": method,
        "body_hash": body_hash,
        "response": b"",
        "create_time": tx.now,
    }
    claimed = await tx.connection.execute(_CLAIM, row)
    if claimed.rowcount == 1:
        return None
    first = (await tx.connection.execute(_by_key(tx, request_id))).one()
    if first.method != method or first.body_hash != body_hash:
        raise DomainError(
            ErrorKind.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            "该请求编号已用于另一请求",
            "this request id was used for another request",
            field="request_id",
        )
    return bytes(first.response)


async def keep(tx: Transaction, request_id: UUID, response: bytes) -> None:
    """Stores the answer in the transaction that made it true."""
    values = {"by": tx.caller.subject, "id": request_id, "response": response}
    await tx.connection.execute(_KEEP, values)


def _by_key(tx: Transaction, request_id: UUID):  # type: ignore[no-untyped-def]
    mine = (replies.c.caller == tx.caller.subject) & (replies.c.request_id == request_id)
    return select(replies.c.method, replies.c.body_hash, replies.c.response).where(mine)


# Built once: building and hashing a statement costs more than running it.
_CLAIM = insert(replies).on_conflict_do_nothing()
_KEEP = text("UPDATE replies SET response = :response WHERE caller = :by AND request_id = :id")
