"""Aggregates as JSON, by their type hints: the part of a row that no query looks into.

How a type is read and written is worked out once per type; a case with its people takes some ten microseconds each way.
"""

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

_Function = Callable[[Any], Any]
_COLUMNS = frozenset({"id", "organisation_id", "version", "head", "events"})


def to_json(value: Any) -> Any:
    """A JSON value of a dataclass, an enum, a UUID, a time, bytes, a tuple or a plain value."""
    return _writer(value.__class__)(value)


def from_json(kind: Any, data: Any) -> Any:
    """The value of a type hint back from its JSON. A field the data lacks takes its default."""
    return _reader(kind)(data)


def fields_from_json(kind: type, data: dict[str, Any]) -> dict[str, Any]:
    """The constructor arguments that the data holds."""
    return {name: read(data[name]) for name, read in _readers(kind) if name in data}


@cache
def hints(kind: type) -> dict[str, Any]:
    """The kept fields of a dataclass; an aggregate's own columns and its unsaved events are not kept here."""
    found = typing.get_type_hints(kind)
    columns = _COLUMNS if issubclass(kind, Aggregate) else frozenset()
    return {field.name: found[field.name] for field in dataclasses.fields(kind) if field.name not in columns}


def _itself(value: Any) -> Any:
    return value


_WRITERS: tuple[tuple[type | tuple[type, ...], _Function], ...] = (
    (Enum, lambda value: value.name),
    (UUID, str),
    (date, lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    (bytes, bytes.hex),
    ((tuple, list), lambda value: [to_json(item) for item in value]),
)


@cache
def _writer(kind: type) -> _Function:
    if dataclasses.is_dataclass(kind):
        names = tuple(hints(kind))
        return lambda value: {name: to_json(getattr(value, name)) for name in names}
    return next((write for kinds, write in _WRITERS if issubclass(kind, kinds)), _itself)


@cache
def _readers(kind: type) -> tuple[tuple[str, _Function], ...]:
    return tuple((name, _reader(hint)) for name, hint in hints(kind).items())


@cache
def _reader(kind: Any) -> _Function:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        read = _reader(next(each for each in typing.get_args(kind) if each is not types.NoneType))
        return lambda data: None if data is None else read(data)
    if typing.get_origin(kind) is tuple:
        return _tuple_reader(typing.get_args(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return lambda data: kind(**fields_from_json(kind, data))
    return _scalar_reader(kind)


def _tuple_reader(items: tuple[Any, ...]) -> _Function:
    if items[-1] is Ellipsis:
        read = _reader(items[0])
        return lambda data: tuple(read(item) for item in data)
    reads = tuple(_reader(item) for item in items)
    return lambda data: tuple(read(item) for read, item in zip(reads, data, strict=True))


_READERS: dict[type, _Function] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    timedelta: lambda data: timedelta(seconds=data),
    bytes: bytes.fromhex,
}


def _scalar_reader(kind: Any) -> _Function:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda data: kind[data]
    return _READERS.get(kind, _itself)
