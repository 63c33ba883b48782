"""Domain values to JSON and back, by their type hints: what a row keeps in its ``content``."""

import dataclasses
import types
import typing
from collections.abc import Hashable
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")


def to_json(value: object) -> Any:
    """Plain JSON: times in ISO 8601, bytes in hexadecimal, enums by value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def from_json(kind: Any, data: Any) -> Any:
    """The value of this type that ``to_json`` wrote."""
    if data is None:
        return None
    kind = _without_none(kind)
    if dataclasses.is_dataclass(kind):
        hints = hints_of(typing.cast("Hashable", kind))
        return typing.cast("Any", kind)(**{name: from_json(hints[name], item) for name, item in data.items()})
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(from_json(inner[0], item) for item in data)
        return tuple(from_json(each, item) for each, item in zip(inner, data, strict=True))
    return _scalar(kind, data)


def _scalar(kind: Any, data: Any) -> Any:
    if kind is UUID:
        return UUID(data)
    if kind is bytes:
        return bytes.fromhex(data)
    if isinstance(kind, type) and issubclass(kind, datetime | date):
        return kind.fromisoformat(data)
    return kind(data) if isinstance(kind, type) and issubclass(kind, Enum) else data


@cache
def hints_of(kind: Hashable) -> dict[str, Any]:
    """The resolved type hints of a dataclass."""
    return typing.get_type_hints(typing.cast("Any", kind))


def _without_none(kind: Any) -> Any:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return next(each for each in typing.get_args(kind) if each is not types.NoneType)
    return kind
