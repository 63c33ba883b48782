"""Characters that are written in several ways: which of them are one, and which do not show at all."""

import unicodedata

from services.common.kernel.errors import invalid

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LETTERS = {code: ascii_code for code, ascii_code in _FULL_WIDTH.items() if chr(ascii_code).isalnum()}
_DASHES = dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_INTERPUNCTS = dict.fromkeys(map(ord, "\u0387\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\uff65\uff0e"), "·")
# Drawn as nothing, or only changing what stands beside: a name with one looks like a name without it.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_UNSEEN_CATEGORIES = frozenset({"Cf", "Zl", "Zp"})
_VARIANTS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x1810))


def narrow(text: str) -> str:
    """ASCII for every full-width form of it (ＡＢＣ１２３＠（）), as input methods write them."""
    return text.translate(_FULL_WIDTH)


def narrow_letters(text: str) -> str:
    """The same for letters and digits alone: full-width marks belong into Chinese text."""
    return text.translate(_LETTERS)


def plain_dashes(text: str) -> str:
    """One hyphen for every dash, minus and hyphen."""
    return text.translate(_DASHES)


def one_interpunct(text: str) -> str:
    """``·`` for every dot that people set between the parts of a name (间隔号, GB/T 15834 4.13)."""
    return text.translate(_INTERPUNCTS)


def composed(text: str) -> str:
    """NFC: letters with their marks as one character."""
    return unicodedata.normalize("NFC", text)


def require_seen(text: str, field: str) -> None:
    """Raises UNPRINTABLE_CHARACTER (INVALID) naming the first character that does not show, and the field."""
    for char in text:
        if _unseen(char):
            named = f"U+{ord(char):04X}"
            zh = f"文字中有看不见的字符 {named}，请删去后重新输入"
            en = f"the text holds the invisible character {named}: take it out and try again"
            raise invalid("UNPRINTABLE_CHARACTER", zh, en, field=field)


def _unseen(char: str) -> bool:
    space = char != " " and unicodedata.category(char) == "Zs"
    variant = any(ord(char) in each for each in _VARIANTS)
    return space or variant or char in _UNSEEN or unicodedata.category(char) in _UNSEEN_CATEGORIES
