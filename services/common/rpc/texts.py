"""What no text of a request may hold, whatever its field: control characters, line feed and tab excepted.

PostgreSQL stores no NUL, and the others have no place in what people write to each other.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.common.kernel.errors import invalid

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def require_texts(message: Message, path: str = "") -> None:
    """Raises UNPRINTABLE_CHARACTER (INVALID) naming the first such character and its field."""
    for field, value in message.ListFields():
        if (items := _READERS[field]) is None:
            continue
        for where, item in items(f"{path}{field.name}", value):
            if isinstance(item, Message):
                require_texts(item, f"{where}.")
            elif isinstance(item, str) and (found := _CONTROL.search(item)):
                named = f"U+{ord(found.group()):04X}"
                zh, en = f"文字中不能有控制字符 {named}", f"no text may hold the control character {named}"
                raise invalid("UNPRINTABLE_CHARACTER", zh, en, field=where)


Items = Iterable[tuple[str, Any]]
"""Every text and message of a field, with its path."""


def _one(path: str, value: Any) -> Items:
    return ((path, value),)


def _each(path: str, values: Any) -> Items:
    return ((f"{path}[{index}]", value) for index, value in enumerate(values))


def _keys_and_values(path: str, entries: Any) -> Items:
    return ((path, part) for entry in entries.items() for part in entry)


class _Readers(dict[FieldDescriptor, Callable[[str, Any], Items] | None]):
    """How a field is read, found out once. Bytes and numbers are no text: None."""

    def __missing__(self, field: FieldDescriptor) -> Callable[[str, Any], Items] | None:
        self[field] = _reader(field)
        return self[field]


def _reader(field: FieldDescriptor) -> Callable[[str, Any], Items] | None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return _keys_and_values
    if field.message_type is None and field.type != FieldDescriptor.TYPE_STRING:
        return None
    return _each if field.is_repeated else _one


_READERS = _Readers()
