"""Pages of lists (AIP-158), the same for every list: what a token is, where a page ends, where the next one goes on.

A page ends when it has as many rows as were asked for, or as many bytes as a response shall have: rows have no bounded
size. A token is the sort key of the last row shown, with the name of its list; opaque to the caller, and of no value.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from services.common.kernel.errors import DomainError, invalid
from services.common.rpc.fields import within_years

M = TypeVar("M", bound=Message)
Key = tuple[Any, ...]
"""The values by which a list is sorted: UUIDs, times (aware UTC), texts."""

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
RESPONSE_BYTES = 1024 * 1024
"""After these a page ends, at least one row long."""
READ_BYTES = 8 * 1024 * 1024
"""The same of what was read to be shown in part."""
_AT_ONCE = 20
"""Rows made ready in one step of the event loop."""
_LONGEST_TOKEN = 2000
_LONGEST_TEXT = 300
_BETWEEN = "\x00"


@dataclass(frozen=True, slots=True)
class Asked:
    """So many rows at most, after the row with this key (None: from the beginning)."""

    size: int
    after: Key | None


class Paging:
    """One list. ``field`` is where its response holds the rows, ``kinds`` are those of its key, ``key`` tells a row's.

    ``step`` is how many rows are read at once, less where a row may be large.
    """

    def __init__(self, field: str, kinds: Sequence[type], key: Callable[[Any], Key], step: int = LARGEST_SIZE + 1):
        self._field = field
        self._kinds = tuple(kinds)
        self._key = key
        self._step = step

    def asked(self, request: Any) -> Asked:
        """What a request asks for. Raises MALFORMED_PAGE_TOKEN (INVALID) for a token that is not of this list."""
        size = min(request.page_size, LARGEST_SIZE) if request.page_size else DEFAULT_SIZE
        return Asked(size, self._key_of(request.page_token) if request.page_token else None)

    async def fill(
        self,
        response: M,
        asked: Asked,
        rows: Callable[[Key | None, int], Awaitable[Sequence[Any]]],
        show: Callable[[Any], Message],
        shorten: Callable[[Any], None] = lambda _: None,
    ) -> M:
        """The response with its rows and ``next_page_token``.

        ``rows`` reads so many of them after a key; fewer mean that there are no more. ``show`` makes the message of one,
        ``shorten`` takes out what a list does not tell.
        """
        shown = getattr(response, self._field)
        after, left, unread = asked.after, RESPONSE_BYTES, READ_BYTES
        while True:
            wanted = min(asked.size - len(shown) + 1, self._step)
            found = await rows(after, wanted)
            for number, row in enumerate(found, 1):
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn too
                message = show(row)
                unread -= message.ByteSize()
                shorten(message)
                left -= message.ByteSize()
                if len(shown) == asked.size or (shown and min(left, unread) < 0):
                    response.next_page_token = self._token(after or ())  # type: ignore[attr-defined]
                    return response
                shown.append(message)
                after = self._key(row)
            if len(found) < wanted:
                return response

    def _token(self, key: Key) -> str:
        values = [value.isoformat() if isinstance(value, datetime) else str(value) for value in key]
        return base64.urlsafe_b64encode(_BETWEEN.join([self._field, *values]).encode()).decode().rstrip("=")

    def _key_of(self, token: str) -> Key:
        try:
            if len(token) > _LONGEST_TOKEN:
                raise _malformed()
            text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
            field, *values = text.split(_BETWEEN)
            if field != self._field:
                raise _malformed()
            return tuple(_READ[kind](value) for kind, value in zip(self._kinds, values, strict=True))
        except (ValueError, binascii.Error):
            raise _malformed() from None


def _malformed() -> DomainError:
    return invalid(
        "MALFORMED_PAGE_TOKEN",
        "分页标记无效，请从第一页重新开始",
        "this page token is not of this list: begin again without one",
        field="page_token",
    )


def _uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text:
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.utcoffset() != timedelta(0) or not within_years(value):
        raise ValueError(text)
    return value.astimezone(UTC)


def _text(text: str) -> str:
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        raise ValueError(text)
    return text


_READ: Mapping[type, Callable[[str], Any]] = {UUID: _uuid, datetime: _moment, str: _text}
