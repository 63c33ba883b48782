"""The fonts of a document, loaded once per process and only when the first document is rendered.

reportlab draws a character it has no glyph for silently as nothing; therefore every text is asked about first. The
small fonts hold everyday characters (GB 2312, Latin, Greek, signs); a rare one in a name falls back to the full
regular weight, then to a font of Latin letters, then to one of Han characters that registers of people hold. A Han
character beyond all of them is printed by its code point, 〔U+2A6A5〕: nobody's name is refused for it, and no other
character looks like it.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.resources import as_file, files
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from services.common.kernel.errors import invalid

SERIF = "ComitySerif"
REGULAR = "ComityRegular"
BOLD = "ComityBold"
FULL = "ComityFull"
LATIN = "ComityLatin"
RARE = "ComityRare"
_FILES = {
    SERIF: "NotoSerifSC-Regular-common.ttf",
    REGULAR: "NotoSansSC-Regular-common.ttf",
    BOLD: "NotoSansSC-Bold-common.ttf",
    FULL: "NotoSansSC-Regular-full.ttf",
    LATIN: "NotoSans-Regular-latin.ttf",
    RARE: "ComityRareHan.ttf",
}
_FALLBACKS = (FULL, LATIN, RARE)
# Format characters (bidirectional overrides, zero-width joiners), controls, surrogates, private use and unassigned code
# points can make a text look different from what it is; none belongs into a document that is signed.
_NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# The blocks of Han characters (Unicode 15.1), in whatever version the interpreter knows them.
_HAN_BEYOND = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002a6df\U0002a700-\U0002b739\U0002b740-\U0002b81d"
    "\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0\U0002ebf0-\U0002ee5d\U00030000-\U0003134a\U00031350-\U000323af]"
)
_lock = Lock()


def register(name: str) -> None:
    """Makes a font known to reportlab under its own name; later calls cost nothing."""
    with _lock:
        _load(name)


def unprintable(text: str) -> list[str]:
    """The characters of the text that no font prints, each once, in order. A line feed is printable."""
    common = coverage(REGULAR)
    suspects = dict.fromkeys(char for char in text if ord(char) not in common and char != "\n")
    if not suspects:
        return []
    return [char for char in suspects if not _told(char) and (_is_never(char) or _fallback(char) is None)]


def require_printable(text: str, field: str = "") -> str:
    """The text itself, or UNPRINTABLE_CHARACTER (INVALID) that names the characters and the field."""
    refused = unprintable(text)
    if not refused:
        return text
    named = "、".join(_named(char) for char in refused[:5])
    raise invalid("UNPRINTABLE_CHARACTER", f"以下字符无法打印：{named}", f"no font prints {named}", field=field)


def shown(text: str) -> str:
    """The text as it is printed: by its code point what no font has a glyph for."""
    return _HAN_BEYOND.sub(
        lambda found: f"〔U+{ord(found.group()):X}〕" if _told(found.group()) else found.group(), text
    )


def runs(text: str, font: str = REGULAR) -> list[tuple[str, str]]:
    """The text as ``shown``, in pieces, each with the font that prints it; all of them are registered."""
    text = shown(text)
    register(font)
    common = coverage(font)
    pieces: list[tuple[str, str]] = []
    for char in text:
        name = font if char == "\n" or ord(char) in common else _fallback(char) or FULL
        if pieces and pieces[-1][1] == name:
            pieces[-1] = (pieces[-1][0] + char, name)
        else:
            register(name)
            pieces.append((char, name))
    return pieces


def markup(text: str, font: str = REGULAR) -> str:
    """The text as inert reportlab markup for a paragraph in the font; a line feed becomes a break."""
    inert = ((escape(part).replace("\n", "<br/>"), name) for part, name in runs(text, font))
    return "".join(part if name == font else f'<font name="{name}">{part}</font>' for part, name in inert)


def _fallback(char: str) -> str | None:
    """The first of the larger fonts that prints the character, None when none does."""
    return next((name for name in _FALLBACKS if ord(char) in coverage(name)), None)


def _is_never(char: str) -> bool:
    return unicodedata.category(char) in _NEVER


def _told(char: str) -> bool:
    """Whether it is a Han character without a glyph: its code point is printed."""
    return _HAN_BEYOND.fullmatch(char) is not None and _fallback(char) is None


def measure(font: str, size: float) -> Callable[[str], float]:
    """The width of a character in points, in the font that prints it; asked once per character, font and size."""
    return _widths(font, size).__getitem__


def width(text: str, font: str, size: float) -> float:
    """Of a text without line feeds, in points."""
    return sum(map(measure(font, size), text))


def draw(canvas: Any, x: float, y: float, text: str, font: str, size: float, gap: float = 0.0) -> None:
    """The text from this point on, with a gap after each character."""
    for part, name in runs(text, font):
        line = canvas.beginText(x, y)
        line.setFont(name, size)
        line.setCharSpace(gap)
        line.textOut(part)
        canvas.drawText(line)
        x += sum(map(measure(name, size), part)) + gap * len(part)


class _Widths(dict[str, float]):
    """Of the characters of one font in one size, in points."""

    def __init__(self, font: str, size: float) -> None:
        super().__init__()
        self._font, self._size = font, size

    def __missing__(self, char: str) -> float:
        ((_, name),) = runs(char, self._font)
        face = _load(name).face
        self[char] = found = float(face.charWidths.get(ord(char), face.defaultWidth)) * self._size / 1000
        return found


@lru_cache(maxsize=64)
def _widths(font: str, size: float) -> _Widths:
    return _Widths(font, size)


@cache
def coverage(name: str) -> frozenset[int]:
    """The code points a font has a glyph for."""
    register(name)
    return frozenset(_load(name).face.charToGlyph) - {0, 0xD}


@cache
def _load(name: str) -> TTFont:
    with as_file(files("services.common.documents.fonts") / _FILES[name]) as path:
        font = _Readable(name, str(path))
    # reportlab shares embedded files by PostScript name; the two regular files carry the same one.
    font.face.name = name.encode()
    pdfmetrics.registerFont(font)
    return font


class _Readable(TTFont):  # type: ignore[misc]
    """A font whose text can be read back from the file: reportlab writes characters beyond the basic plane by their number
    where the format wants UTF-16 (ISO 32000-1, 9.10.3), and readers then show another character."""

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, written in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(written.content, str):
                written.content = _BEYOND_BASIC_PLANE.sub(_as_utf_16, written.content)


def _as_utf_16(found: "re.Match[str]") -> str:
    return f"<{chr(int(found.group(1), 16)).encode('utf-16-be').hex().upper()}>"


_BEYOND_BASIC_PLANE = re.compile(r"<([0-9A-F]{5,6})>")


def _named(char: str) -> str:
    shown = f"{char} " if unicodedata.category(char) not in _NEVER else ""
    return f"{shown}U+{ord(char):04X}"
