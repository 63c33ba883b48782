"""What no text of a request may hold, whatever its field: control characters, line feed and tab excepted.

PostgreSQL stores no NUL, and the others have no place in what people write to each other.
"""

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.common.kernel.errors import invalid

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def require_texts(message: Message, path: str = "") -> None:
    """Raises UNPRINTABLE_CHARACTER (INVALID) naming the first such character and its field."""
    for field, value in message.ListFields():
        for where, item in _items(field, value, f"{path}{field.name}"):
            if isinstance(item, Message):
                require_texts(item, f"{where}.")
            elif isinstance(item, str) and (found := _CONTROL.search(item)):
                named = f"U+{ord(found.group()):04X}"
                zh, en = f"文字中不能有控制字符 {named}", f"no text may hold the control character {named}"
                raise invalid("UNPRINTABLE_CHARACTER", zh, en, field=where)


def _items(field: FieldDescriptor, value: Any, path: str) -> list[tuple[str, Any]]:
    """Every text and message of a field, with its path. Bytes and numbers are no text."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return [(path, part) for entry in value.items() for part in entry]
    if field.message_type is None and field.type != FieldDescriptor.TYPE_STRING:
        return []
    if field.is_repeated:
        return [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    return [(path, value)]
