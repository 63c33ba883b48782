"""Repeatable writes (AIP-155): the first answer to a request id is kept and given again; another body is refused.

The row is claimed before the use case runs, so that copies of one request arriving together wait for the first.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common.kernel.errors import DomainError, ErrorKind


@dataclass(frozen=True, slots=True)
class Claim:
    """The write that a transaction serves: its request id, the message it came in, and that message's bytes."""

    request_id: UUID
    method: str
    body: bytes

    @property
    def body_hash(self) -> bytes:
        return hashlib.sha256(self.body).digest()


async def claim(
    connection: AsyncConnection, asked: Claim, caller: str, viewer: str, organisations: str, now: datetime
) -> bytes | None:
    """Sets the viewer and claims the request in one statement.

    None when the request is new; otherwise the bytes of its first answer. Raises REQUEST_ID_REUSED (ALREADY_EXISTS)
    when the id came before with another method or body.
    """
    values = {
        "viewer": viewer,
        "organisations": organisations,
        "by": caller,
        "id": asked.request_id,
        "method": asked.method,
        "body_hash": asked.body_hash,
        "now": now,
    }
    if (await connection.execute(_CLAIM, values)).rowcount == 1:
        return None
    first = (await connection.execute(_FIRST, {"by": caller, "id": asked.request_id})).one()
    if first.method != asked.method or first.body_hash != values["body_hash"]:
        raise DomainError(
            ErrorKind.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            "该请求编号已用于另一请求",
            "this request id was used for another request",
            field="request_id",
        )
    return bytes(first.response)


# The viewer is set while the row is made, before row-level security looks at it.
_CLAIM = text(
    """
    WITH seen AS MATERIALIZED (
        SELECT set_config('comity.viewer', :viewer, true) AS viewer,
            set_config('comity.organisations', :organisations, true) AS organisations
    )
    INSERT INTO replies (caller, request_id, method, body_hash, response, create_time)
    SELECT CAST(:by AS text), CAST(:id AS uuid), CAST(:method AS text), CAST(:body_hash AS bytea), ''::bytea,
        CAST(:now AS timestamptz)
    FROM seen WHERE seen.viewer IS NOT NULL AND seen.organisations IS NOT NULL
    ON CONFLICT DO NOTHING
    """
)
_FIRST = text("SELECT method, body_hash, response FROM replies WHERE caller = :by AND request_id = :id")
