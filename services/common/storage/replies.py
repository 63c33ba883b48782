"""Repeatable writes (AIP-155): the first answer to a request id is kept and given again; another body is refused.

The row is claimed before the use case runs, so that copies of one request arriving together wait for the first. When
its answer is no longer kept (``retention``), a repeat is refused and never done again.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.common.kernel.errors import DomainError, ErrorKind, precondition


@dataclass(frozen=True, slots=True)
class Claim:
    """The write that a transaction serves: its request id, the message it came in, and that message's bytes."""

    request_id: UUID
    method: str
    body: bytes

    @property
    def body_hash(self) -> bytes:
        return hashlib.sha256(self.body).digest()


def claiming(asked: Claim, caller: str, now: datetime) -> str:
    """The statement that claims the request, for the round trip that begins: nothing in it can end a literal.

    Its tag is ALREADY_CLAIMED when the request came before.
    """
    if not _NAMES.fullmatch(caller + asked.method):
        raise ValueError("a caller and a method are names")
    return f"""
        INSERT INTO replies (caller, request_id, method, body_hash, response, create_time)
        VALUES ('{caller}', '{asked.request_id}', '{asked.method}', '\\x{asked.body_hash.hex()}', '', '{now.isoformat()}')
        ON CONFLICT DO NOTHING
        """  # noqa: S608 - names, a UUID, hexadecimal digits and a time


ALREADY_CLAIMED = "INSERT 0 0"

_NAMES = re.compile(r"[A-Za-z0-9_./-]*")


async def first_answer(driver: asyncpg.Connection, asked: Claim, caller: str) -> bytes:
    """The bytes of the request's first answer.

    Raises REQUEST_ID_REUSED (ALREADY_EXISTS) when the id came before with another method or body; REQUEST_ID_EXPIRED
    (FAILED_PRECONDITION) when it came so long ago that its answer is no longer kept.
    """
    (first,) = await driver.fetch(_FIRST, caller, asked.request_id)
    if not first["body_hash"]:
        raise precondition(
            "REQUEST_ID_EXPIRED",
            "该请求早已处理，答复已不再保存：请查询结果；新的请求请使用新的编号",
            "this request was made long ago and its answer is no longer kept: read what became of it, and use a new id "
            "for a new request",
            field="request_id",
        )
    if first["method"] != asked.method or first["body_hash"] != asked.body_hash:
        raise DomainError(
            ErrorKind.ALREADY_EXISTS,
            "REQUEST_ID_REUSED",
            "该请求编号已用于另一请求",
            "this request id was used for another request",
            field="request_id",
        )
    return bytes(first["response"])


_FIRST = "SELECT method, body_hash, response FROM replies WHERE caller = $1 AND request_id = $2"
