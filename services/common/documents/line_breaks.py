"""Where a line of Chinese may break (GB/T 15834-2011, section 5.1): a text in lines of a width, in linear time.

No line begins with a mark that closes or ends with one that opens; a number stays with its unit, a date and the year of a
case number are whole, —— and …… are not split. What would begin a line wrongly takes the character before it along.
"""

import re
from collections.abc import Callable, Iterator

NEVER_FIRST = frozenset("，。、；：？！）》〉』」】〕］｝”’％%‰℃·々～,.;:?!)]}>")
"""Marks that do not begin a line."""
NEVER_LAST = frozenset("（《〈『「【〔［｛“‘¥￥([{<")
"""Marks that do not end a line."""

_UNITS = "个月|%|‰|℃|元|角|分|年|月|日|时|秒|份|期|条|款|项|号|页|人|户|天|次|件"
_WHOLE = re.compile(
    rf"""
    \d{{4}}年\d{{1,2}}月\d{{1,2}}日(?:\d{{1,2}}时(?:\d{{1,2}}分)?)?
    | [（(〔\[]\d{{4}}[）)〕\]]
    | —+ | …+
    | (?=\d*[^\W\d_\u2E80-\uFFEF]) [^\W_\u2E80-\uFFEF]+ (?:['’_-]?[^\W_\u2E80-\uFFEF]+)*
    | \+?[\dA-Z]*\*[\d*A-Z]*
    | \d[\d,.]*(?:{_UNITS})?
    | [ \t]+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_LATIN = re.compile(r"[^\W_\u2E80-\uFFEF]")
Measure = Callable[[str], float]
"""The width of one character."""


def lines(text: str, width: float, measure: Measure, indent: float = 0.0) -> list[str]:
    """The text (without line feeds) in lines that fit the width; the first one is shorter by the indent.

    Spaces at the end of a line are dropped. Only a piece that is wider than a whole line is broken anywhere.
    """
    done: list[str] = []
    current, used, room = "", 0.0, width - indent
    for piece in _fitting(text, width, measure):
        if current and used + sum(map(measure, piece.rstrip())) > room:
            done.append(current.rstrip())
            current, used, room = "", 0.0, width
        added = piece if current else piece.lstrip()
        current += added
        used += sum(map(measure, added))
    return [*done, current.rstrip()] if current.strip() or not done else done


def _fitting(text: str, width: float, measure: Measure) -> Iterator[str]:
    """The pieces, those that are too wide for any line cut."""
    for piece in pieces(text):
        if sum(map(measure, piece)) <= width:
            yield piece
        else:
            yield from _cut(piece, width, measure)


def _cut(piece: str, width: float, measure: Measure) -> Iterator[str]:
    start, used = 0, 0.0
    for at, character in enumerate(piece):
        wide = measure(character)
        if used + wide > width and at > start:
            end = _fair(piece, start, at)
            yield piece[start:end]
            used = sum(map(measure, piece[end:at]))
            start = end
        used += wide
    yield piece[start:]


def _fair(piece: str, start: int, at: int) -> int:
    """The last place up to ``at`` where no mark comes to stand wrongly; ``at`` itself when there is none near."""
    for end in range(at, max(start, at - 8), -1):
        if piece[end] not in NEVER_FIRST and piece[end - 1] not in NEVER_LAST:
            return end
    return at


def pieces(text: str) -> Iterator[str]:
    """The text in what a line may hold whole; a line may break between any two of them."""
    current = ""
    for found in _WHOLE.finditer(text):
        token = found[0]
        if current and not _stays_with(current, token):
            yield current
            current = ""
        current += token
    if current:
        yield current


def _stays_with(before: str, token: str) -> bool:
    if token.isspace() or token[0] in NEVER_FIRST:
        return True
    last = before.rstrip()[-1:]
    if last in NEVER_LAST:
        return True
    # Marks between Latin letters or digits belong to the word: an address, a number of a document.
    return before[-1:] == last and last in "/.:@+&#=_-" and bool(_LATIN.match(token))
