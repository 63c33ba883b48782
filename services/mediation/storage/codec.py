"""Aggregates as JSON, by their type hints: the part of a row that no query looks into."""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from services.common.kernel.events import Aggregate


def to_json(value: Any) -> Any:
    """A JSON value of a dataclass, an enum, a UUID, a time, bytes, a tuple or a plain value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in hints(type(value))}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return value


_WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.name),
    (UUID, str),
    (date, lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    (bytes, bytes.hex),
)


def from_json(kind: Any, data: Any) -> Any:
    """The value of a type hint back from its JSON. A field the data lacks takes its default."""
    optional, kind = _strip_optional(kind)
    if data is None and optional:
        return None
    if typing.get_origin(kind) is tuple:
        items = typing.get_args(kind)
        if items[-1] is Ellipsis:
            return tuple(from_json(items[0], item) for item in data)
        return tuple(from_json(item_kind, item) for item_kind, item in zip(items, data, strict=True))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return kind(**fields_from_json(kind, data))
    return _scalar(kind, data)


def fields_from_json(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    """The constructor arguments that the data holds."""
    return {name: from_json(hint, data[name]) for name, hint in hints(kind).items() if name in data}


@cache
def hints(kind: type) -> dict[str, Any]:
    """The kept fields of a dataclass; an aggregate's own columns and its unsaved events are not kept here."""
    found = typing.get_type_hints(kind)
    columns = _COLUMNS if issubclass(kind, Aggregate) else frozenset()
    return {field.name: found[field.name] for field in dataclasses.fields(kind) if field.name not in columns}


_COLUMNS = frozenset({"id", "organisation_id", "version", "head", "events"})


def _scalar(kind: Any, data: Any) -> Any:
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return kind[data]
        if kind is UUID:
            return UUID(data)
        if kind in (datetime, date):
            return kind.fromisoformat(data)
        if kind is timedelta:
            return timedelta(seconds=data)
        if kind is bytes:
            return bytes.fromhex(data)
    return data


def _strip_optional(kind: Any) -> tuple[bool, Any]:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return True, next(each for each in typing.get_args(kind) if each is not types.NoneType)
    return False, kind
