"""What no field of a request may hold, whatever its method: looked for in one walk, before anything else reads the message.

- Control characters in a text, line feed and tab excepted: PostgreSQL stores no NUL, and the others have no place in what
  people write to each other.
- A number that its enum does not know.
- A time outside of the years 1900 to 2999: what is not a time at all, or so far away that adding a period to it fails.
- A text that is not in NFC is put into it: letters with their marks are one character from here on, whoever wrote them.
- More parts than ``MOST_PARTS``, so that what follows is bounded too: limits of lists multiply.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from unicodedata import is_normalized, normalize

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.kernel.clock import FIRST_YEAR, LAST_YEAR
from services.common.kernel.errors import DomainError, invalid

MOST_PARTS = 2000
"""Messages and items of lists in one request, all levels together. The largest terms have 1,400, the largest record 600."""

TOO_MANY_PARTS = "TOO_MANY_PARTS"

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FIRST_SECOND = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
_LAST_SECOND = int(datetime(LAST_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
_MOST_NANOS = 999_999_999


def require_fields(message: Message) -> None:
    """Raises UNPRINTABLE_CHARACTER, UNKNOWN_VALUE, TIME_OUT_OF_RANGE or TOO_MANY_PARTS (INVALID), naming the field."""
    _Walk().message(message)


def within_years(value: date) -> bool:
    """Whether a date lies where periods can be added to it."""
    return FIRST_YEAR <= value.year <= LAST_YEAR


class _Walk:
    """Through one message, counting its parts."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST_PARTS

    def message(self, message: Message) -> None:
        for field, value in message.ListFields():
            if (check := _CHECKS[field]) is not None:
                try:
                    check(self, value)
                except DomainError as refusal:
                    raise _under(field.name, refusal) from None
            if field.type == FieldDescriptor.TYPE_STRING:
                _compose(message, field, value)
            elif field.message_type is not None and field.message_type.GetOptions().map_entry:
                _compose_values(value)

    def count(self, parts: int) -> None:
        self._left -= parts
        if self._left < 0:
            zh, en = f"内容过多，最多 {MOST_PARTS} 项", f"too many parts in one request: at most {MOST_PARTS}"
            raise invalid(TOO_MANY_PARTS, zh, en)


Check = Callable[[_Walk, Any], None]


def _message(walk: _Walk, value: Message) -> None:
    walk.count(1)
    walk.message(value)


def _item(walk: _Walk, value: Message) -> None:
    walk.message(value)  # counted with its list


def _text(_walk: _Walk, value: str) -> None:
    if found := _CONTROL.search(value):
        named = f"U+{ord(found.group()):04X}"
        zh, en = f"文字中不能有控制字符 {named}", f"no text may hold the control character {named}"
        raise invalid("UNPRINTABLE_CHARACTER", zh, en)


def _time(_walk: _Walk, value: Timestamp) -> None:
    if not (_FIRST_SECOND <= value.seconds <= _LAST_SECOND and 0 <= value.nanos <= _MOST_NANOS):
        raise invalid(
            "TIME_OUT_OF_RANGE",
            f"时间应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间",
            f"a time lies in the years {FIRST_YEAR} to {LAST_YEAR}",
        )


def _number_of(enum: EnumDescriptor) -> Check:
    known = frozenset(enum.values_by_number)

    def check(_walk: _Walk, value: int) -> None:
        if value not in known:
            raise invalid("UNKNOWN_VALUE", "该选项不存在", f"{enum.name} has no value of the number {value}")

    return check


def _each(check: Check | None) -> Check:
    def checked(walk: _Walk, values: Any) -> None:
        walk.count(len(values))
        if check is None:
            return
        for index, item in enumerate(values):
            try:
                check(walk, item)
            except DomainError as refusal:
                raise _under(f"[{index}]", refusal) from None

    return checked


def _entries(key: Check | None, value: Check | None) -> Check:
    def checked(walk: _Walk, entries: Any) -> None:
        walk.count(len(entries))
        for name in entries:
            if key is not None:
                key(walk, name)
            if value is not None:
                value(walk, entries[name])

    return checked


def _compose(message: Message, field: FieldDescriptor, value: Any) -> None:
    if not field.is_repeated:
        if not is_normalized("NFC", value):
            setattr(message, field.name, normalize("NFC", value))
        return
    for index, item in enumerate(value):
        if not is_normalized("NFC", item):
            value[index] = normalize("NFC", item)


def _compose_values(entries: Any) -> None:
    for name in list(entries):
        if isinstance(entries[name], str) and not is_normalized("NFC", entries[name]):
            entries[name] = normalize("NFC", entries[name])


def _under(part: str, refusal: DomainError) -> DomainError:
    inner = refusal.field
    field = f"{part}{inner}" if inner.startswith("[") or not inner else f"{part}.{inner}"
    return DomainError(refusal.kind, refusal.reason, refusal.zh, refusal.en, field=field)


def _check(field: FieldDescriptor) -> Check | None:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return _entries(_single(kind.fields_by_name["key"]), _single(kind.fields_by_name["value"]))
    single = _single(field)
    return _each(_item if single is _message else single) if field.is_repeated else single


def _single(field: FieldDescriptor) -> Check | None:
    if field.message_type is not None:
        return _time if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name else _message
    if field.enum_type is not None:
        return _number_of(field.enum_type)
    return _text if field.type == FieldDescriptor.TYPE_STRING else None


class _Checks(dict[FieldDescriptor, Check | None]):
    """How a field is checked, found out once. Bytes and numbers may be anything: None."""

    def __missing__(self, field: FieldDescriptor) -> Check | None:
        self[field] = _check(field)
        return self[field]


_CHECKS = _Checks()
