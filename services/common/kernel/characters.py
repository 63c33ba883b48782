"""Characters that are written in several ways: which of them are one, and which do not show at all."""

import re
import unicodedata

from services.common.kernel.errors import invalid

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LETTERS = {code: ascii_code for code, ascii_code in _FULL_WIDTH.items() if chr(ascii_code).isalnum()}
_DASHES = dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_INTERPUNCTS = dict.fromkeys(map(ord, "\u0387\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\uff65\uff0e"), "·")
# Blanks other than the one of ASCII, format characters (zero-width, bidirectional, tags), separators, variation selectors,
# fillers: drawn as nothing, or only changing what stands beside. A name with one looks like a name without it.
_UNSEEN = re.compile(
    "[\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)


def narrow(text: str) -> str:
    """ASCII for every full-width form of it (ＡＢＣ１２３＠（）), as input methods write them."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def narrow_letters(text: str) -> str:
    """The same for letters and digits alone: full-width marks belong into Chinese text."""
    return text if text.isascii() else text.translate(_LETTERS)


def plain_dashes(text: str) -> str:
    """One hyphen for every dash, minus and hyphen."""
    return text if text.isascii() else text.translate(_DASHES)


def one_interpunct(text: str) -> str:
    """``·`` for every dot that people set between the parts of a name (间隔号, GB/T 15834 4.13)."""
    return text if text.isascii() else text.translate(_INTERPUNCTS)


def composed(text: str) -> str:
    """NFC: letters with their marks as one character."""
    return unicodedata.normalize("NFC", text)


def require_seen(text: str, field: str) -> None:
    """Raises UNPRINTABLE_CHARACTER (INVALID) naming the first character that does not show, and the field."""
    if found := _UNSEEN.search(text):
        named = f"U+{ord(found.group()):04X}"
        zh = f"文字中有看不见的字符 {named}，请删去后重新输入"
        en = f"the text holds the invisible character {named}: take it out and try again"
        raise invalid("UNPRINTABLE_CHARACTER", zh, en, field=field)
