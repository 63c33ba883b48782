"""What will be printed is refused on entry when no font prints it: at signing it would be a dead end."""

from google.protobuf.message import Message

from services.common.kernel.names import RequirePrintable


def require_all_printable(check: RequirePrintable, message: Message, path: str) -> None:
    """Every text in a message, however deep."""
    for field, value in message.ListFields():
        where = f"{path}.{field.name}" if path else field.name
        items = enumerate(value) if field.is_repeated else [(None, value)]
        for index, item in items:
            place = where if index is None else f"{where}[{index}]"
            if isinstance(item, Message):
                require_all_printable(check, item, place)
            elif isinstance(item, str):
                check(item, place)
