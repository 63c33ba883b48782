"""How long texts come to be on paper, without drawing them: a rule that the same text meets or fails on every machine."""

from collections.abc import Iterable

CHARACTERS_A_LINE = 27
"""A line of the body text holds 27 Chinese characters, and more Latin ones."""
MOST_LINES = 3_600
"""Some 165 pages, drawn in half a second (ADR 37)."""


def printed_lines(texts: Iterable[str]) -> int:
    """The lines that the texts take, each beginning on a line of its own; never fewer than are printed, roughly."""
    return sum(1 + len(line) // CHARACTERS_A_LINE for text in texts for line in text.split("\n"))
