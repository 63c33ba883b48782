"""How long texts come to be on paper, without drawing them: a rule that the same text meets or fails on every machine."""

import re
from collections.abc import Iterable

CHARACTERS_A_LINE = 27
"""A line of the body text holds 27 Chinese characters, and more Latin ones."""
MOST_LINES = 3_600
"""Some 165 pages, drawn in half a second (ADR 37)."""


_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")
_CODE_POINT_WIDTH = 6
"""Of ``〔U+2A6A5〕``, which stands for a character that no font has."""


def printed_lines(texts: Iterable[str]) -> int:
    """The lines that the texts take, each beginning on a line of its own; never fewer than are printed, roughly."""
    return sum(1 + _width(line) // CHARACTERS_A_LINE for text in texts for line in text.split("\n"))


def _width(line: str) -> int:
    """In characters; those that may be printed by their code point count as wide as that is."""
    return len(line) + (_CODE_POINT_WIDTH - 1) * len(_BEYOND_BASIC_PLANE.findall(line))
