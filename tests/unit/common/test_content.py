"""The digest of what an aggregate's rows hold."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, LargeBinary, MetaData, Table, Uuid

from services.common.storage.content import Kind, digest_of_rows

KIND = Kind(
    "things",
    Table("things", MetaData(), Column("id", Uuid), Column("head", LargeBinary)),
    beside={"tries": "counted beside it"},
)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
ROW: dict[str, Any] = {
    "id": UUID(int=1),
    "data": {"name": "王秀兰", "days": 30.0, "party": {"a": 1, "b": [True, None]}},
    "time": NOON,
    "digest": b"\x01\x02",
    "words": ["b", "a"],
}
MEMBERS = [{"account": UUID(int=2), "role": "PARTY"}, {"account": UUID(int=3), "role": "MEDIATOR"}]


def digest(row: dict[str, Any] = ROW, members: Any = MEMBERS) -> bytes:
    return KIND.digest(row, {"members": members})


@pytest.mark.parametrize(
    "same",
    [
        dict(reversed(ROW.items())),
        ROW | {"data": {"party": {"b": [True, None], "a": 1}, "days": 30.0, "name": "王秀兰"}},
        ROW | {"time": NOON.astimezone(timezone(timedelta(hours=8)))},
        ROW | {"added_later": None, "text_added_later": "", "flag_added_later": False},
        ROW | {"version": 7, "head": b"head"},
        ROW | {"tries": 3},
    ],
    ids=["order of columns", "order of keys", "time zone", "empty columns", "place in the log", "columns beside it"],
)
def test_what_is_the_same_to_the_database_has_the_same_digest(same: dict[str, Any]) -> None:
    assert digest(same) == digest()


def test_rows_that_belong_to_it_have_no_order() -> None:
    assert digest(members=MEMBERS[::-1]) == digest()
    assert digest_of_rows(MEMBERS[::-1]) == digest_of_rows(MEMBERS)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": UUID(int=9)},
        {"data": ROW["data"] | {"name": "王秀蘭"}},
        {"data": ROW["data"] | {"further": None}},
        {"time": NOON + timedelta(microseconds=1)},
        {"digest": b"\x01\x03"},
        {"words": ["a", "b"]},
        {"further": "x"},
    ],
)
def test_what_is_not_the_same_has_another(changed: dict[str, Any]) -> None:
    assert digest(ROW | changed) != digest()


def test_a_row_more_less_or_changed_has_another() -> None:
    for members in (MEMBERS[:1], [*MEMBERS, MEMBERS[0]], [MEMBERS[0] | {"role": "RECUSED"}, MEMBERS[1]], []):
        assert digest(members=members) != digest()


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_NUMBERS = st.integers(-(2**63), 2**63 - 1)
_KEPT = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=20,
)
_COLUMNS = _KEPT | st.uuids() | st.binary() | st.datetimes(timezones=st.timezones())


@given(st.lists(st.dictionaries(_TEXTS, _COLUMNS)))
def test_the_digest_is_that_of_the_standard_librarys_json(rows: list[dict[str, Any]]) -> None:
    lines = sorted(_spelled_out({name: value for name, value in row.items() if value}) for row in rows)
    assert digest_of_rows(rows) == hashlib.sha256("\n".join(lines).encode()).digest()


def _spelled_out(row: dict[str, Any]) -> str:
    def spelled(value: Any) -> str:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        return value.hex() if isinstance(value, bytes) else str(value)

    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=spelled)
