"""A document from structured text: title, headings, paragraphs, tables, boxes for signatures, one attached data file.

Set as official papers are (GB/T 9704-2012): 22 lines of 28 characters in type of 16 points, paragraphs indented by two
characters and justified. The same calls give the same bytes, on any machine, in any year; what was frozen once is still
stored, never made again. Every text given here is inert: markup in a party's name prints as it was typed.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Spacer,
    Table,
)

from services.common.documents import frame as page
from services.common.documents import typefaces
from services.common.documents.attachment import Attachment
from services.common.documents.frame import FramedCanvas, Language, PageFrame
from services.common.documents.signature_area import AreaRequest, AreaRow, FieldArea
from services.common.documents.text_block import TextBlock, TextStyle

SIZE, LEADING = 16.0, page.TEXT_HEIGHT / 22
"""三号 type, 22 lines a page."""
_SMALL, _SMALL_LEADING = 12.0, 18.0
"""Nothing that has legal effect is smaller."""
_CELL_PADDING = 4.0
_ROWS_A_PAGE = 5
"""Of signatures, with lines of text before them."""


class Heading(TextBlock):
    """The text of a heading."""


class Size(Enum):
    """``LARGE``: for who reads large print only, a copy that nobody signs."""

    USUAL = 1.0
    LARGE = 1.4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its share of the text width, and left, center or right."""

    title: str
    share: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The bytes, where the boxes for signatures lie, and the number of pages."""

    content: bytes
    areas: tuple[FieldArea, ...]
    pages: int


class Document:
    """Collects the parts of one document and renders them once."""

    def __init__(self, frame: PageFrame, size: Size = Size.USUAL) -> None:
        frame.require_printable()
        self._frame = frame
        self._scale = size.value
        self._parts: list[Flowable] = []
        self._areas: list[FieldArea] = []
        self._attachment: Attachment | None = None
        # A Latin text has no indent of two characters but space between its paragraphs.
        self.language = frame.language
        self._chinese = frame.language is Language.ZH
        for font in (typefaces.SERIF, typefaces.REGULAR, typefaces.BOLD):
            typefaces.register(font)

    def title(self, text: str, *, size: float = 22.0, after: float = 10.0) -> None:
        """A line of the title; 22 points are 二号, 26 一号."""
        self._add(text, self._style(size, size * 1.4, align="center", after=after))

    def number(self, text: str, *, align: str = "center") -> None:
        """The number below the title; of a court's paper to the right, two characters in."""
        style = self._style(align=align, after=LEADING / 2)
        self._add(text, replace(style, right=2 * style.size if align == "right" else 0.0))

    def heading(self, text: str) -> None:
        """A heading (一、…), in 黑体, that never stands alone at the foot of a page."""
        style = self._style(font=typefaces.BOLD, align="left", before=4)
        self._parts.append(CondPageBreak(4.3 * style.leading))
        self._add(text, replace(style, first=self._indent(style)), Heading)

    def paragraph(self, text: str, *, align: str = "justify", indent: bool = True, bold: bool = False) -> None:
        """A paragraph, indented by two characters; a line feed in the text breaks the line."""
        style = self._style(font=typefaces.BOLD if bold else typefaces.SERIF, align=align)
        style = replace(style, after=0.0 if self._chinese else style.leading / 3)
        self._lines(text, replace(style, first=self._indent(style) if indent and align == "justify" else 0.0))

    def small(self, text: str) -> None:
        """What belongs to the file and not to the text: evidence data, sources."""
        self._lines(text, self._style(_SMALL, _SMALL_LEADING, font=typefaces.REGULAR, align="left", after=2))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A ruled table whose heading row returns on every page it runs over."""
        widths = [page.TEXT_WIDTH * column.share / sum(each.share for each in columns) for column in columns]
        head = [self._cell(column.title, column, typefaces.BOLD) for column in columns]
        body = [[self._cell(text, column) for text, column in zip(row, columns, strict=True)] for row in rows]
        rules: list[tuple[Any, ...]] = [
            ("FONTNAME", (0, 0), (-1, -1), typefaces.SERIF),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ("GRID", (0, 0), (-1, -1), 0.5, page.INK),
        ]
        if rows:
            table = Table([head, *body], widths, repeatRows=1, style=rules, hAlign="LEFT", splitInRow=1)
            self._parts += [Spacer(1, 6), table, Spacer(1, 8)]

    def signature_areas(self, requests: Sequence[AreaRequest]) -> None:
        """Boxes for signatures, two a row, never alone on a page: the last lines of the text go with them.

        Where there are more than fit on a page, the further ones say whose they are.
        """
        rows = [AreaRow(requests[first : first + 2], self._areas) for first in range(0, len(requests), 2)]
        self._parts.append(KeepTogether([*self._last_lines(), *rows[:_ROWS_A_PAGE]]))
        for first in range(_ROWS_A_PAGE, len(rows), _ROWS_A_PAGE):
            said = TextBlock(f"（本页为{self._frame.title}的签署页）", self._style())
            self._parts.append(KeepTogether([said, *rows[first : first + _ROWS_A_PAGE]]))

    def _last_lines(self) -> list[Flowable]:
        """Taken from the end of the text: two lines of a paragraph that has more, else all of it with its heading."""
        if not self._parts or not isinstance(self._parts[-1], TextBlock):
            return []
        last = self._parts.pop()
        if halves := last.cut_before_end(page.TEXT_WIDTH):
            self._parts.append(halves[0])
            return [halves[1]]
        if isinstance(self._parts[-1], Heading):
            return [self._parts.pop(), last]
        return [last]

    def space(self, lines: float) -> None:
        """So many empty lines."""
        self._parts.append(Spacer(1, lines * LEADING))

    def attach(self, attachment: Attachment) -> None:
        """Embeds the one data file of the document; a second call replaces the first."""
        self._attachment = attachment

    def render(self) -> RenderedDocument:
        """The finished document. Call once."""
        target = io.BytesIO()
        template = BaseDocTemplate(target, pagesize=(page.WIDTH, page.HEIGHT), allowSplitting=1)
        body = Frame(
            page.MARGIN_LEFT,
            page.MARGIN_BOTTOM,
            page.TEXT_WIDTH,
            page.TEXT_HEIGHT,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        template.addPageTemplates(PageTemplate(frames=[body], onPage=self._before_page))
        # White space at the end would open a page of its own when the last one is full.
        while self._parts and isinstance(self._parts[-1], Spacer):
            self._parts.pop()
        template.build(self._parts, canvasmaker=self._canvas)
        return RenderedDocument(target.getvalue(), tuple(self._areas), template.page)

    def _canvas(self, target: Any, **options: Any) -> FramedCanvas:
        return FramedCanvas(target, self._frame, self._attachment, **options)

    def _before_page(self, canvas: Any, template: Any) -> None:
        if self._frame.sample:
            page.shade_sample(canvas)

    def _lines(self, text: str, style: TextStyle) -> None:
        """A part for each line of the text: one of many lines over many pages would be set anew for each page."""
        for line in text.split("\n"):
            if line:
                self._add(line, style)
            else:
                self._parts.append(Spacer(1, style.leading))

    def _add(self, text: str, style: TextStyle, kind: type[TextBlock] = TextBlock) -> None:
        self._parts.append(kind(_printed(text), style))

    def _cell(self, text: str, column: Column, font: str = typefaces.SERIF) -> TextBlock:
        style = self._style(_SMALL, _SMALL_LEADING, font=font, align=column.align)
        return TextBlock(_printed(text), style)

    def _indent(self, style: TextStyle) -> float:
        return 2 * style.size if self._chinese else 0.0

    def _style(self, size: float = SIZE, leading: float = LEADING, **kind: Any) -> TextStyle:
        return TextStyle(size * self._scale, leading * self._scale, **kind)


def _printed(text: str) -> str:
    return typefaces.shown(typefaces.require_printable(text))
