"""Repeatable writes (AIP-155): the first answer to a request id is kept and given again; another body is refused.

The row is claimed before the use case runs, so that copies of one request arriving together wait for the first.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

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


async def claim(driver: asyncpg.Connection, asked: Claim, caller: str, now: datetime) -> bytes | None:
    """None when the request is new; otherwise the bytes of its first answer.

    Raises REQUEST_ID_REUSED (ALREADY_EXISTS) when the id came before with another method or body.
    """
    body_hash = asked.body_hash
    if await driver.fetchval(_CLAIM, caller, asked.request_id, asked.method, body_hash, now):
        return None
    (first,) = await driver.fetch(_FIRST, caller, asked.request_id)
    if first["method"] != asked.method or first["body_hash"] != body_hash:
        raise DomainError(
            ErrorKind.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            "该请求编号已用于另一请求",
            "this request id was used for another request",
            field="request_id",
        )
    return bytes(first["response"])


_CLAIM = """
    INSERT INTO replies (caller, request_id, method, body_hash, response, create_time)
    VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT DO NOTHING RETURNING true
    """
_FIRST = "SELECT method, body_hash, response FROM replies WHERE caller = $1 AND request_id = $2"
