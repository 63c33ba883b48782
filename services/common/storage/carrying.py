"""What a stored JSON value holds and this code does not know is carried over when it is saved again.

Replicas of two versions work on one database while an upgrade rolls: the older one reads what it knows of a row that
the newer one wrote, and must not erase the rest. Records in a list are found again by what identifies them, else by
being unchanged, else by their place in a list that has not become shorter.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

from services.common.storage.codec import hints

_Carrier = Callable[[Any, Any], Any]


def with_unknown(kind: Any, before: Any, after: Any) -> Any:
    """``after``, the JSON to be stored of a value of the type hint, with what ``before``, as loaded, has beyond the type."""
    if before is None or after is None or before == after:
        return after
    carry = _carrier(kind)
    return after if carry is None else carry(before, after)


@cache
def _carrier(kind: Any) -> _Carrier | None:
    """None for what holds no record."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return _carrier(next(each for each in typing.get_args(kind) if each is not types.NoneType))
    if typing.get_origin(kind) is tuple:
        return _tuple_carrier(typing.get_args(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _record_carrier(kind)
    return None


def _record_carrier(kind: type) -> _Carrier:
    known = hints(kind)

    def carry(before: Any, after: Any) -> Any:
        nested = {name: with_unknown(hint, before.get(name), after[name]) for name, hint in known.items()}
        unknown = {name: value for name, value in before.items() if name not in known}
        return {**unknown, **after, **nested}

    return carry


def _tuple_carrier(items: tuple[Any, ...]) -> _Carrier | None:
    carriers = [_carrier(item) for item in items if item is not Ellipsis]
    if not any(carriers):
        return None
    if items[-1] is not Ellipsis:
        return lambda before, after: [
            with_unknown(item, *pair) for item, pair in zip(items, zip(before, after, strict=True), strict=True)
        ]
    item = items[0]
    return lambda before, after: [with_unknown(item, found, each) for found, each in _pairs(before, after)]


def _pairs(before: list[Any], after: list[Any]) -> list[tuple[Any, Any]]:
    """Each record with what it was, or None for a new one."""
    left = dict(enumerate(before))
    found: dict[int, Any] = {}
    for same in (_same_content, _same_identity):
        for place, each in enumerate(after):
            match = next((key for key, old in left.items() if place not in found and same(old, each)), None)
            if match is not None:
                found[place] = left.pop(match)
    if len(after) >= len(before):
        found |= {place: old for place, old in left.items() if place not in found and not _differ(old, after[place])}
    return [(found.get(place), each) for place, each in enumerate(after)]


def _same_identity(old: Any, new: Any) -> bool:
    names = _identifying(old, new)
    return bool(names) and all(old[name] == new[name] for name in names)


def _differ(old: Any, new: Any) -> bool:
    """Whether they are certainly not the same."""
    return any(old[name] != new[name] for name in _identifying(old, new))


def _identifying(old: Any, new: Any) -> list[str]:
    both = isinstance(old, dict) and isinstance(new, dict)
    return [name for name in _IDENTIFYING if name in old and name in new] if both else []


_IDENTIFYING = ("id", "party", "account", "slot")
"""Fields by which records of ours are told apart."""


def _same_content(old: Any, new: Any) -> bool:
    """Whether all that this code knows of it is as it was."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(name in old and _same_content(old[name], value) for name, value in new.items())
    if isinstance(new, list) and isinstance(old, list) and len(old) == len(new):
        return all(_same_content(*pair) for pair in zip(old, new, strict=True))
    return bool(old == new)
