"""A block of text in lines by the Chinese rules, justified, that may go on over the next page."""

from dataclasses import dataclass, replace

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from services.common.documents import typefaces
from services.common.documents.line_breaks import lines

BLACK = Color(0, 0, 0)
_LEAST_LINES = 2
"""That stand together at the end and at the beginning of a page."""
_WIDEST_GAP = 0.25
"""How much of the type's size a justified line may add between two characters; a line with more to fill stays ragged."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Sizes in points. ``first`` indents the first line, ``left`` and ``right`` the whole; ``align`` is justify, left,
    center or right.
    """

    size: float
    leading: float
    font: str = typefaces.SERIF
    align: str = "justify"
    first: float = 0.0
    left: float = 0.0
    right: float = 0.0
    before: float = 0.0
    after: float = 0.0
    color: Color = BLACK


class TextBlock(Flowable):  # type: ignore[misc]
    """One paragraph. A line feed in its text breaks the line."""

    def __init__(self, text: str, style: TextStyle, ready: tuple[str, ...] = (), *, goes_on: bool = False):
        """``ready``: lines that were broken before; ``goes_on``: what follows them stands on another page."""
        super().__init__()
        self.text = text
        self.style = style
        self._ready = ready
        self._goes_on = goes_on
        self._broken: tuple[float, tuple[str, ...]] | None = None
        self.spaceBefore, self.spaceAfter = style.before, style.after

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self.width = available_width
        self.height = len(self.lines(available_width)) * self.style.leading
        return self.width, self.height

    def lines(self, width: float) -> tuple[str, ...]:
        """Those of this width, broken once."""
        if self._ready:
            return self._ready
        if self._broken is None or self._broken[0] != width:
            self._broken = (width, tuple(self._break(width)))
        return self._broken[1]

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Two blocks, unless a line would stand alone before or after the page's end."""
        all_lines = self.lines(available_width)
        fitting = int(available_height // self.style.leading)
        if len(all_lines) - fitting == 1:
            fitting -= 1
        if fitting < _LEAST_LINES or fitting >= len(all_lines):
            return []
        return self._halves(all_lines, fitting)

    def cut_before_end(self, width: float) -> list["TextBlock"]:
        """All but the last two lines, and these; nothing where that would leave a line alone."""
        all_lines = self.lines(width)
        return self._halves(all_lines, len(all_lines) - _LEAST_LINES) if len(all_lines) >= 2 * _LEAST_LINES else []

    def _halves(self, all_lines: tuple[str, ...], fitting: int) -> list["TextBlock"]:
        head = TextBlock("", replace(self.style, after=0.0), all_lines[:fitting], goes_on=True)
        rest = TextBlock("", replace(self.style, first=0.0, before=0.0), all_lines[fitting:], goes_on=self._goes_on)
        return [head, rest]

    def draw(self) -> None:
        style, found = self.style, self.lines(self.width)
        # The optical middle of Chinese type lies a third of its size above the baseline.
        baseline = self.height - style.leading / 2 - style.size * 0.36
        self.canv.setFillColor(style.color)
        ends = self._ends(found)
        for number, line in enumerate(found):
            first = style.first if number == 0 else 0.0
            self._draw_line(line, baseline, first, last=number in ends)
            baseline -= style.leading

    def _draw_line(self, line: str, baseline: float, first: float, *, last: bool) -> None:
        style = self.style
        room = self.width - style.left - style.right - first
        free = room - typefaces.width(line, style.font, style.size)
        x, gap = style.left + first, 0.0
        if style.align == "right":
            x += free
        elif style.align == "center":
            x += free / 2
        elif style.align == "justify" and not last and len(line) > 1:
            gap = free / (len(line) - 1)
            gap = gap if gap <= _WIDEST_GAP * style.size else 0.0
        typefaces.draw(self.canv, x, baseline, line, style.font, style.size, gap)

    def _break(self, width: float) -> list[str]:
        style = self.style
        measure = typefaces.measure(style.font, style.size)
        room = width - style.left - style.right
        found: list[str] = []
        self._last: set[int] = set()
        for number, line in enumerate(self.text.split("\n")):
            found += lines(line, room, measure, style.first if number == 0 else 0.0)
            self._last.add(len(found) - 1)
        return found

    def _ends(self, found: tuple[str, ...]) -> set[int]:
        """The lines that end a paragraph, which are not stretched."""
        if self._ready:
            return set() if self._goes_on else {len(found) - 1}
        return self._last
