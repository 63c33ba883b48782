"""What a newer version wrote survives being saved by an older one."""

from dataclasses import dataclass
from typing import Any

import pytest

from services.common.storage.carrying import with_unknown
from services.common.storage.codec import from_json, to_json


@dataclass(frozen=True, kw_only=True)
class Address:
    street: str


@dataclass(frozen=True, kw_only=True)
class Guest:
    id: str
    name: str
    address: Address | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    text: str


@dataclass(frozen=True, kw_only=True)
class House:
    name: str
    address: Address
    guests: tuple[Guest, ...] = ()
    lines: tuple[Line, ...] = ()
    corner: tuple[Line, int] = (Line(text=""), 0)


NEWER: dict[str, Any] = {
    "name": "样本",
    "floors": 3,
    "address": {"street": "样本路", "lane": "7"},
    "guests": [
        {"id": "a", "name": "甲", "address": None, "guardian": "丙"},
        {"id": "b", "name": "乙", "address": {"street": "样本街", "lane": "8"}, "guardian": "丁"},
    ],
    "lines": [{"text": "one", "mark": 1}, {"text": "two", "mark": 2}],
    "corner": [{"text": "x", "mark": 3}, 4],
}


def saved(**changes: Any) -> dict[str, Any]:
    """What an older version writes of it, with these fields changed."""
    return dict(with_unknown(House, NEWER, {**to_json(from_json(House, NEWER)), **changes}))


def test_nothing_is_lost_that_is_not_known() -> None:
    assert saved() == NEWER


def test_a_change_of_what_is_known_takes_nothing_else_along() -> None:
    changed = saved(name="新", address={"street": "新路"})
    assert changed == {**NEWER, "name": "新", "address": {"street": "新路", "lane": "7"}}


def test_a_record_is_found_again_by_its_id_wherever_it_stands_now() -> None:
    new = {"id": "c", "name": "新", "address": None}
    second = {"id": "b", "name": "改名", "address": {"street": "新街"}}
    found = saved(guests=[new, second])["guests"]
    assert found == [new, {**second, "address": {"street": "新街", "lane": "8"}, "guardian": "丁"}]


@pytest.mark.parametrize(
    ("lines", "marks"),
    [
        (["two"], [2]),
        (["two", "one"], [2, 1]),
        (["one", "changed"], [1, 2]),
        (["one", "two", "three"], [1, 2, None]),
        (["one", "changed", "three"], [1, 2, None]),
        (["three"], [None]),
    ],
)
def test_a_record_without_an_id_is_found_by_its_content_or_its_place(lines: list[str], marks: list[int | None]) -> None:
    found = saved(lines=[{"text": text} for text in lines])["lines"]
    assert [each.get("mark") for each in found] == marks


def test_a_record_that_takes_the_place_of_another_inherits_nothing() -> None:
    found = saved(guests=[NEWER["guests"][0], {"id": "c", "name": "新", "address": None}])["guests"]
    assert found[1] == {"id": "c", "name": "新", "address": None}


def test_what_is_taken_away_is_gone() -> None:
    assert saved(guests=[])["guests"] == []
    kept = saved(guests=[{"id": "b", "name": "乙", "address": None}])["guests"]
    assert kept == [{"id": "b", "name": "乙", "address": None, "guardian": "丁"}]


def test_places_of_a_fixed_tuple_keep_what_is_not_known() -> None:
    assert saved(corner=[{"text": "y"}, 5])["corner"] == [{"text": "y", "mark": 3}, 5]
