"""What a name has to be wherever one is taken in: it will stand in documents, certificates and mails, on one line."""

from collections.abc import Callable

from services.common.kernel.errors import invalid

RequirePrintable = Callable[[str, str], object]
"""Raises UNPRINTABLE_CHARACTER (INVALID) naming the characters and the field: text, path of the field."""


def require_name(text: str, field: str, require_printable: RequirePrintable) -> None:
    """Raises NAME_REQUIRED for nothing but white space, UNPRINTABLE_CHARACTER for what no font prints on one line."""
    if not text.strip():
        raise invalid("NAME_REQUIRED", "请填写姓名或名称", "a name is needed", field=field)
    require_line(text, field, require_printable)


def require_line(text: str, field: str, require_printable: RequirePrintable) -> None:
    """Raises UNPRINTABLE_CHARACTER for what no font prints on one line; it may be empty."""
    require_printable(text.replace("\n", "\x00"), field)
