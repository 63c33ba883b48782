"""Numbers of court cases (案号): the one spelling in which each is kept, and by what two spellings are one number.

``(2026)苏0102民特1号``, ``〔2026〕苏０１０２民特1号`` and ``（2026）苏0102 民特 1号`` are one. Its brackets are round and
full-width (法〔2015〕137号).
"""

import re

from services.common.kernel.characters import composed, narrow, plain_dashes
from services.common.kernel.errors import invalid
from services.common.kernel.names import RequirePrintable, require_line

_OPENING = dict.fromkeys(map(ord, "([{〔【〖「［"), "（")
_CLOSING = dict.fromkeys(map(ord, ")]}〕】〗」］"), "）")
_BLANKS = re.compile(r"\s+")
_APART = "|"
_BETWEEN_FIGURES = re.compile(r"(?<=[0-9])[\W_]+(?=[0-9])")
_HAN = "\u3400-\u9fff"
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}（）]) | (?=[{_HAN}（）])")


def normal_docket_number(text: str, field: str, require_printable: RequirePrintable) -> str:
    """The number in its one spelling. Raises DOCKET_NUMBER_MALFORMED, UNPRINTABLE_CHARACTER (INVALID)."""
    require_line(text.strip(), field, require_printable)
    found = _spelled(text)
    if not docket_key(found):
        raise invalid(
            "DOCKET_NUMBER_MALFORMED",
            "请填写案号，如（2026）苏0102民特1号",
            "give the number of the case, e.g. （2026）苏0102民特1号",
            field=field,
        )
    return found


def docket_key(number: str) -> str:
    """What every spelling of one number has in common: its letters and digits, and where one figure ends and the next
    begins: 1-11 is not 11-1."""
    apart = _BETWEEN_FIGURES.sub(_APART, _spelled(number).casefold())
    return "".join(char for char in apart if char.isalnum() or char == _APART).strip(_APART)


def _spelled(text: str) -> str:
    folded = plain_dashes(narrow(composed(text))).translate(_OPENING).translate(_CLOSING)
    return _BESIDE_HAN.sub("", _BLANKS.sub(" ", folded).strip())
