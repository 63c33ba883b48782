"""Names wherever one is taken in: the one spelling in which each is kept, and what a name may not hold.

A name will stand in documents, certificates and mails, on one line. It is composed (NFC), with ``·`` between its parts
whatever dot was typed, letters and digits of ASCII where full-width ones were, and no blanks but single ones inside.
"""

import re
from collections.abc import Callable

from services.common.kernel.characters import composed, narrow_letters, one_interpunct, require_seen
from services.common.kernel.errors import invalid

RequirePrintable = Callable[[str, str], object]
"""Raises UNPRINTABLE_CHARACTER (INVALID) naming the characters and the field: text, path of the field."""

LONGEST = 100
"""Characters of a name, once it is in its one spelling."""

_BLANKS = re.compile(" +")
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_AROUND_INTERPUNCT = re.compile(rf"(?<=[{_HAN}]) ?· ?(?=[{_HAN}])")


def normal_name(text: str, field: str, require_printable: RequirePrintable) -> str:
    """The name in its one spelling. Raises NAME_REQUIRED for nothing but blanks, and what ``normal_line`` raises."""
    found = normal_line(text, field, require_printable)
    if not found:
        raise invalid("NAME_REQUIRED", "请填写姓名或名称", "a name is needed", field=field)
    return found


def normal_line(text: str, field: str, require_printable: RequirePrintable) -> str:
    """One line in its one spelling; it may be empty.

    Raises MALFORMED_REQUEST, and UNPRINTABLE_CHARACTER for what does not show or no font prints on one line (INVALID).
    """
    if not text:
        return ""
    found = one_spelling(text)
    if len(found) > LONGEST:
        zh = f"最多{LONGEST}个字，现有{len(found)}个字，请缩短"
        en = f"at most {LONGEST} characters are taken, and these are {len(found)}: shorten it"
        raise invalid("MALFORMED_REQUEST", zh, en, field=field)
    require_line(found, field, require_printable)
    return found


def one_spelling(text: str) -> str:
    """The spelling alone, whatever is in it: the same text twice gives the same."""
    if text.isascii():
        return _BLANKS.sub(" ", text).strip(" ")
    joined = _BLANKS.sub(" ", one_interpunct(narrow_letters(composed(text)))).strip(" ")
    return composed(_AROUND_INTERPUNCT.sub("·", joined))


def require_line(text: str, field: str, require_printable: RequirePrintable) -> None:
    """Raises UNPRINTABLE_CHARACTER for what does not show or no font prints on one line; it may be empty."""
    require_seen(text, field)
    require_printable(text.replace("\n", "\x00"), field)
