"""Pages: nothing is lost or shown twice wherever they end, and a token is of its list or refused in words."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from comity.common.v1 import operations_service_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from services.common.kernel.errors import DomainError
from services.common.rpc.pages import READ_BYTES, RESPONSE_BYTES, Key, Paging
from tests.kit.page_tokens import page_token

KEY = (datetime, str, UUID)
_START = datetime(2026, 3, 1, tzinfo=UTC)
Row = tuple[datetime, str, UUID, int]


def paging(step: int = 200) -> Paging:
    return Paging("dead_letters", KEY, lambda row: row[:3], step)


def rows_of(sizes: Sequence[int]) -> list[Row]:
    """Rows in order, some with the same time and name; each is so many bytes long."""
    return [
        (_START + timedelta(days=index // 3), "名" * (index % 3 // 2), UUID(int=index + 1), size)
        for index, size in enumerate(sizes)
    ]


def show(row: Row) -> pb.DeadLetter:
    return pb.DeadLetter(name=str(row[2].int), reason="x" * row[3])


def shorten(message: pb.DeadLetter) -> None:
    message.reason = ""


async def walked(rows: list[Row], paging: Paging, size: int, short: bool) -> list[pb.ListDeadLettersResponse]:
    """Every page, to the last."""

    async def read(after: Key | None, count: int) -> list[Row]:
        return [row for row in rows if after is None or row[:3] > after][:count]

    pages, token = [], ""
    while True:
        asked = paging.asked(pb.ListDeadLettersRequest(page_size=size, page_token=token))
        response = pb.ListDeadLettersResponse()
        pages.append(await paging.fill(response, asked, read, show, shorten if short else lambda _: None))
        token = response.next_page_token
        if not token:
            return pages


@given(
    sizes=st.lists(st.sampled_from([0, 10, 400_000, 1_100_000, 9_000_000]), max_size=30),
    size=st.integers(1, 12),
    step=st.integers(1, 15),
    short=st.booleans(),
)
async def test_every_row_is_on_one_page_and_no_page_is_too_large(
    sizes: list[int], size: int, step: int, short: bool
) -> None:
    rows = rows_of(sizes)
    pages = await walked(rows, paging(step), size, short)
    names = [letter.name for page in pages for letter in page.dead_letters]
    assert names == [str(row[2].int) for row in rows]
    assert all(page.dead_letters for page in pages[:-1]) and (pages[-1].dead_letters or not rows)
    for page in pages:
        assert len(page.dead_letters) <= size
        assert len(page.dead_letters) == 1 or page.ByteSize() <= RESPONSE_BYTES + 4096
        shown = [sizes[int(letter.name) - 1] for letter in page.dead_letters]
        assert len(shown) == 1 or sum(shown) <= READ_BYTES


def _json(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


_GOOD = ("2026-03-01T00:00:00+00:00", "名", str(UUID(int=7)))


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "====",
        "名",
        "A" * 100_000,
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        _json(["x"]),
        _json([1]),
        _json(None),
        _json({}),
        _json([str(UUID(int=7))]),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        page_token("organisations", *_GOOD),
        page_token("dead_letters"),
        page_token("dead_letters", *_GOOD, ""),
        page_token("dead_letters", "yesterday", *_GOOD[1:]),
        page_token("dead_letters", "2026-03-01T00:00:00", *_GOOD[1:]),
        page_token("dead_letters", "0001-01-01T00:00:00+00:00", *_GOOD[1:]),
        page_token("dead_letters", "9999-12-31T23:59:59+00:00", *_GOOD[1:]),
        page_token("dead_letters", "2026-03-01T00:00:00+14:00", *_GOOD[1:]),
        page_token("dead_letters", _GOOD[0], "a\nb", _GOOD[2]),
        page_token("dead_letters", _GOOD[0], "a" * 301, _GOOD[2]),
        page_token("dead_letters", *_GOOD[:2], "x"),
        page_token("dead_letters", *_GOOD[:2], "{" + str(UUID(int=7)) + "}"),
    ],
    ids=lambda token: token[:20],
)
def test_a_token_that_is_not_of_this_list_is_refused_in_words(token: str) -> None:
    with pytest.raises(DomainError) as caught:
        paging().asked(pb.ListDeadLettersRequest(page_token=token))
    assert (caught.value.reason, caught.value.field) == ("MALFORMED_PAGE_TOKEN", "page_token")


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_token_is_understood_or_refused(token: str) -> None:
    refused = []
    try:
        paging().asked(pb.ListDeadLettersRequest(page_token=token))
    except DomainError as refusal:
        refused.append(refusal.reason)
    assert refused in ([], ["MALFORMED_PAGE_TOKEN"])


def test_a_token_of_this_list_is_understood() -> None:
    asked = paging().asked(pb.ListDeadLettersRequest(page_token=page_token("dead_letters", *_GOOD), page_size=7))
    assert asked.size == 7
    assert asked.after == (datetime(2026, 3, 1, tzinfo=UTC), "名", UUID(_GOOD[2]))
