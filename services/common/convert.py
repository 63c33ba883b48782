"""Between protobuf messages and plain dataclasses, by field name.

A dataclass field and the message field of the same name correspond: enums by name, ``datetime`` to Timestamp, ``date``
to an ISO 8601 string, tuples to repeated fields, nested dataclasses to nested messages, and a UUID to a resource name
whose collection the service's ``Converter`` knows from the field's name. What differs is written in ``translate``.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.kernel.clock import FIRST_YEAR, LAST_YEAR
from services.common.kernel.errors import DomainError, invalid
from services.common.kernel.ids import parse_name, resource_name

T = TypeVar("T")
M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=Enum)


class Converter:
    """Knows the resource names of one service.

    ``references``: field name to collection (``{"matter": "matters"}``). ``names``: message name to the collection of
    its own ``name`` field, which corresponds to the attribute ``id``.
    """

    def __init__(self, references: Mapping[str, str], names: Mapping[str, str]) -> None:
        self._references = dict(references)
        self._names = dict(names)
        self._plans: dict[tuple[Any, Any, str], list[tuple[str, _Reader]]] = {}

    def write(self, value: object, message: type[M]) -> M:
        """A message from a dataclass. Fields that the dataclass lacks, or has as None, stay unset."""
        built = message()
        self._fill(built, value)
        return built

    def read(self, kind: type[T], message: Message, collection: str = "", **given: object) -> T:
        """A dataclass from a message; ``given`` supplies fields that the message does not have (the caller, say).

        ``collection`` is that of the message's own ``name``, which becomes the field ``id``.

        Raises MALFORMED_NAME, MALFORMED_ID or MALFORMED_DATE (INVALID), or what the dataclass itself raises, with the
        path of the field.
        """
        key = (kind, message.DESCRIPTOR, collection)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._plan(*key)
        for name, read in plan:
            if name not in given:
                given[name] = read(message)
        return kind(**given)

    def _plan(self, kind: Any, descriptor: Any, collection: str) -> list[tuple[str, "_Reader"]]:
        """How each field of the dataclass is read. Made once: a message may have thousands of parts of one kind."""
        fields = descriptor.fields_by_name
        plan: list[tuple[str, _Reader]] = []
        for name, hint in _hints(kind).items():
            if name == "id" and "name" in fields:
                plan.append(
                    (name, lambda message: parse_name(collection or self._names[descriptor.name], message.name))
                )
            elif name in fields:
                plan.append((name, self._field_reader(fields[name], hint)))
        return plan

    def _field_reader(self, field: FieldDescriptor, hint: Any) -> "_Reader":
        name = field.name
        optional, kind = _strip_optional(hint)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            return lambda message: dict(getattr(message, name))
        if field.is_repeated:
            return _all_of(name, self._item_reader(field, typing.get_args(kind)[0]))
        one = _one_of(name, self._item_reader(field, kind))
        if not optional:
            return one
        if field.message_type is not None:
            return lambda message: one(message) if message.HasField(name) else None
        return lambda message: one(message) if getattr(message, name) else None

    def _item_reader(self, field: FieldDescriptor, kind: Any) -> "_Reader | None":
        """None for what is taken as it is. A refusal does not know where the value stood."""
        if field.message_type is not None:
            if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
                return lambda value: value.ToDatetime(tzinfo=UTC)
            return lambda value: self.read(kind, value)
        if kind is UUID:
            collection = self._references.get(field.name)
            return (lambda value: parse_name(collection, value, "")) if collection else _uuid
        if kind is date:
            return _date
        if isinstance(kind, type) and issubclass(kind, Enum) and field.enum_type is not None:
            return _members(field.enum_type, kind).__getitem__
        return None

    def _fill(self, message: Message, value: object) -> None:
        for field in message.DESCRIPTOR.fields:
            attribute = "id" if field.name == "name" and message.DESCRIPTOR.name in self._names else field.name
            item = getattr(value, attribute, None)
            if item is None:
                continue
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                getattr(message, field.name).update(item)
            elif field.is_repeated:
                self._fill_repeated(message, field, item)
            elif field.message_type is not None:
                self._fill_message(getattr(message, field.name), item)
            else:
                setattr(message, field.name, self._scalar(field, item, message))

    def _fill_repeated(self, message: Message, field: Any, items: Any) -> None:
        target = getattr(message, field.name)
        for item in items:
            if field.message_type is not None:
                self._fill_message(target.add(), item)
            else:
                target.append(self._scalar(field, item, message))

    def _fill_message(self, target: Message, item: object) -> None:
        if isinstance(item, datetime) and isinstance(target, Timestamp):
            target.FromDatetime(item)
        elif isinstance(item, Message):
            target.CopyFrom(item)
        else:
            target.SetInParent()
            self._fill(target, item)

    def _scalar(self, field: Any, item: object, message: Message) -> object:
        if isinstance(item, Enum):
            return enum_number(field.enum_type, item) if field.enum_type is not None else item.value
        if isinstance(item, UUID):
            if field.name == "name":
                return resource_name(self._names[message.DESCRIPTOR.name], item)
            collection = self._references.get(field.name)
            return resource_name(collection, item) if collection else str(item)
        return item.isoformat() if isinstance(item, date) else item


_Reader = Callable[[Any], object]


def _one_of(name: str, item: _Reader | None) -> _Reader:
    if item is None:
        return attrgetter(name)

    def read(message: Message) -> object:
        try:
            return item(getattr(message, name))
        except DomainError as refusal:
            raise refusal.within(name) from None

    return read


def _all_of(name: str, item: _Reader | None) -> _Reader:
    def read(message: Message) -> object:
        values = getattr(message, name)
        if item is None:
            return tuple(values)
        found: list[object] = []
        try:
            for value in values:
                found.append(item(value))  # noqa: PERF401 - a refusal says at which one
        except DomainError as refusal:
            raise refusal.within(f"{name}[{len(found)}]") from None
        return tuple(found)

    return read


@cache
def enum_number(descriptor: EnumDescriptor, member: Enum) -> int:
    """The number of a Python enum member in the proto enum whose values carry the enum's prefix."""
    return descriptor.values_by_name[_prefix(descriptor) + member.name].number


def enum_member(descriptor: EnumDescriptor, number: int, kind: type[E]) -> E:
    """The Python member of a proto enum number. Raises KeyError for one that is not among them."""
    member: E = _members(descriptor, kind)[number]
    return member


@cache
def _members(descriptor: EnumDescriptor, kind: Any) -> Mapping[int, Any]:
    prefix, members = _prefix(descriptor), kind.__members__
    named = {value.number: value.name.removeprefix(prefix) for value in descriptor.values}
    return {number: members[name] for number, name in named.items() if name in members}


def _prefix(descriptor: EnumDescriptor) -> str:
    return descriptor.values[0].name.removesuffix("UNSPECIFIED")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind} is no dataclass")
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _strip_optional(hint: Any) -> tuple[bool, Any]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        kinds = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
        return True, kinds[0]
    return False, hint


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise invalid("MALFORMED_ID", "编号格式不正确", "this is no id") from None


def _date(value: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = date.min
    if found.isoformat() != value or not FIRST_YEAR <= found.year <= LAST_YEAR:
        zh = f"日期应为 YYYY-MM-DD，在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间"
        en = f"a date is written YYYY-MM-DD and lies in the years {FIRST_YEAR} to {LAST_YEAR}"
        raise invalid("MALFORMED_DATE", zh, en)
    return found
