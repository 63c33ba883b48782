"""The fonts of a document, loaded once per process and only when the first document is rendered.

reportlab draws a character it has no glyph for silently as nothing; therefore every text is asked about first. The
small fonts hold everyday characters (GB 2312, Latin, Greek, signs); a rare one in a name falls back to the full
regular weight.
"""

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
_FILES = {
    SERIF: "NotoSerifSC-Regular-common.ttf",
    REGULAR: "NotoSansSC-Regular-common.ttf",
    BOLD: "NotoSansSC-Bold-common.ttf",
    FULL: "NotoSansSC-Regular-full.ttf",
}
# Format characters (bidirectional overrides, zero-width joiners), controls, surrogates, private use and unassigned code
# points can make a text look different from what it is; none belongs into a document that is signed.
_NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
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
    return [char for char in suspects if unicodedata.category(char) in _NEVER or ord(char) not in coverage(FULL)]


def require_printable(text: str, field: str = "") -> str:
    """The text itself, or UNPRINTABLE_CHARACTER (INVALID) that names the characters and the field."""
    refused = unprintable(text)
    if not refused:
        return text
    named = "、".join(_named(char) for char in refused[:5])
    raise invalid("UNPRINTABLE_CHARACTER", f"以下字符无法打印：{named}", f"no font prints {named}", field=field)


def runs(text: str, font: str = REGULAR) -> list[tuple[str, str]]:
    """The text in pieces, each with the font that prints it; both fonts are registered."""
    register(font)
    common = coverage(font)
    pieces: list[tuple[str, str]] = []
    for char in text:
        name = font if char == "\n" or ord(char) in common else FULL
        if pieces and pieces[-1][1] == name:
            pieces[-1] = (pieces[-1][0] + char, name)
        else:
            register(name)
            pieces.append((char, name))
    return pieces


def markup(text: str, font: str = REGULAR) -> str:
    """The text as inert reportlab markup for a paragraph in the font; a line feed becomes a break."""
    shown = ((escape(part).replace("\n", "<br/>"), name) for part, name in runs(text, font))
    return "".join(part if name == font else f'<font name="{name}">{part}</font>' for part, name in shown)


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
        font = TTFont(name, str(path))
    # reportlab shares embedded files by PostScript name; the two regular files carry the same one.
    font.face.name = name.encode()
    pdfmetrics.registerFont(font)
    return font


def _named(char: str) -> str:
    shown = f"{char} " if unicodedata.category(char) not in _NEVER else ""
    return f"{shown}U+{ord(char):04X}"
