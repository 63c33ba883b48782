"""A document from structured text: headings, paragraphs, tables, boxes for signatures, one attached data file.

The same calls give the same bytes, on any machine, in any year; what was frozen once is still stored, never made again.
Every text given here is inert: markup in a party's name prints as it was typed.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

from services.common.documents import frame as page
from services.common.documents import typefaces
from services.common.documents.attachment import Attachment
from services.common.documents.frame import FramedCanvas, Language, PageFrame
from services.common.documents.signature_area import AREA_HEIGHT, AreaRequest, AreaRow, FieldArea

_LEADING = 1.6
_CELL_SIZE = 9.5
_CELL_PADDING = 3
_ALIGNMENTS = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}


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

    def __init__(self, frame: PageFrame) -> None:
        frame.require_printable()
        self._frame = frame
        self._parts: list[Flowable] = []
        self._areas: list[FieldArea] = []
        self._attachment: Attachment | None = None
        typefaces.register(typefaces.REGULAR)
        typefaces.register(typefaces.BOLD)
        self._print_title()

    def heading(self, text: str) -> None:
        """A heading that never stands alone at the foot of a page."""
        self._parts.append(CondPageBreak(26 * mm))
        self._parts.append(self._paragraph(text, "heading", _style(12.5, typefaces.BOLD, before=11, after=5)))

    def paragraph(self, text: str, *, field: str = "", bold: bool = False, small: bool = False) -> None:
        """A paragraph; a line feed in the text breaks the line."""
        font = typefaces.BOLD if bold else typefaces.REGULAR
        style = _style(8.5, font, after=3, color=page.GREY) if small else _style(10.5, font, after=5)
        self._lines(text, field, style)

    def clause(self, label: str, text: str, *, field: str = "") -> None:
        """A numbered provision: its label stands in the margin of the text."""
        typefaces.require_printable(label, field)
        style = _style(10.5, typefaces.REGULAR, after=5, indent=20 * mm)
        self._lines(text, field, style, label)

    def facts(self, rows: Sequence[tuple[str, str]], *, field: str = "") -> None:
        """Labels and values, one pair a row."""
        cells = [
            [
                self._paragraph(label, field, _style(10, typefaces.REGULAR, color=page.GREY)),
                self._paragraph(value, field, _style(10, typefaces.REGULAR)),
            ]
            for label, value in rows
        ]
        if cells:
            self._parts.append(_grid(cells, [38 * mm, page.TEXT_WIDTH - 38 * mm], []))
            self._parts.append(Spacer(1, 6))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, field: str = "") -> None:
        """A ruled table whose heading row returns on every page it runs over."""
        head = [self._cell(column.title, column, typefaces.BOLD, field) for column in columns]
        widths = [page.TEXT_WIDTH * column.share / sum(each.share for each in columns) for column in columns]
        body = [
            [
                self._body_cell(text, column, width, field)
                for text, column, width in zip(row, columns, widths, strict=True)
            ]
            for row in rows
        ]
        rules: list[tuple[Any, ...]] = [
            *(("ALIGN", (at, 1), (at, -1), column.align.upper()) for at, column in enumerate(columns)),
            ("FONTSIZE", (0, 1), (-1, -1), _CELL_SIZE),
            ("LEADING", (0, 1), (-1, -1), _CELL_SIZE * _LEADING),
            ("TEXTCOLOR", (0, 1), (-1, -1), page.INK),
            ("LINEABOVE", (0, 0), (-1, 0), 0.9, page.INK),
            ("LINEBELOW", (0, 0), (-1, 0), 0.6, page.INK),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, page.RULE),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
        ]
        self._parts.append(_grid([head, *body], widths, rules, heading_rows=1, padding=_CELL_PADDING))
        self._parts.append(Spacer(1, 8))

    def signature_areas(self, title: str, requests: Sequence[AreaRequest], *, field: str = "") -> None:
        """A heading and boxes for signatures, two a row; a row never breaks over a page nor leaves its heading."""
        self._parts.append(CondPageBreak(AREA_HEIGHT + 24 * mm))
        self.heading(title)
        for request in requests:
            typefaces.require_printable(request.caption, field)
        for first in range(0, len(requests), 2):
            self._parts.append(AreaRow(requests[first : first + 2], self._areas))

    def space(self, millimetres: float) -> None:
        self._parts.append(Spacer(1, millimetres * mm))

    def attach(self, attachment: Attachment) -> None:
        """Embeds the one data file of the document; a second call replaces the first."""
        self._attachment = attachment

    def render(self) -> RenderedDocument:
        """The finished document. Call once."""
        target = io.BytesIO()
        template = BaseDocTemplate(target, pagesize=(page.WIDTH, page.HEIGHT), allowSplitting=1)
        body = Frame(
            page.MARGIN_SIDE,
            page.MARGIN_BOTTOM,
            page.TEXT_WIDTH,
            page.HEIGHT - page.MARGIN_TOP - page.MARGIN_BOTTOM,
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

    def _print_title(self) -> None:
        frame = self._frame
        label = "编号" if frame.language is Language.ZH else "No."
        self._parts.append(self._paragraph(frame.title, "title", _style(18, typefaces.BOLD, align="center", after=6)))
        number = _style(9.5, typefaces.REGULAR, align="center", after=10, color=page.GREY)
        self._parts.append(self._paragraph(f"{label} {frame.number}", "number", number))

    def _lines(self, text: str, field: str, style: ParagraphStyle, label: str = "") -> None:
        """A part for each line of the text: one of many lines over many pages would be set anew for each page."""
        lines = text.split("\n")
        for number, line in enumerate(lines):
            last = number == len(lines) - 1
            shown = self._paragraph(line, field, style if last else _without_space_after(style), label)
            self._parts.append(shown if line or label else Spacer(1, style.leading))
            label = ""

    def _cell(self, text: str, column: Column, font: str, field: str) -> Paragraph:
        return self._paragraph(text, field, _style(_CELL_SIZE, font, align=column.align))

    def _body_cell(self, text: str, column: Column, width: float, field: str) -> Paragraph | str:
        """A short text in one font is handed to the table as it is, which costs a tenth of a paragraph."""
        pieces = typefaces.runs(text)
        if len(pieces) == 1 and pieces[0][1] == typefaces.REGULAR and "\n" not in text:
            typefaces.require_printable(text, field)
            if stringWidth(text, typefaces.REGULAR, _CELL_SIZE) < width - 2 * _CELL_PADDING:
                return text
        return self._cell(text, column, typefaces.REGULAR, field)

    @staticmethod
    def _paragraph(text: str, field: str, style: ParagraphStyle, label: str = "") -> Paragraph:
        typefaces.require_printable(text, field)
        return Paragraph(typefaces.markup(text, style.fontName), style, bulletText=label or None)


@cache
def _style(
    size: float,
    font: str,
    *,
    align: str = "left",
    before: float = 0,
    after: float = 0,
    color: Color = page.INK,
    indent: float = 0,
) -> ParagraphStyle:
    """``indent``: how far the text stands in; a label in the margin is bold."""
    return ParagraphStyle(
        name="",
        fontName=font,
        fontSize=size,
        leading=size * _LEADING,
        alignment=_ALIGNMENTS[align],
        spaceBefore=before,
        spaceAfter=after,
        textColor=color,
        leftIndent=indent,
        bulletFontName=typefaces.BOLD,
        bulletFontSize=size,
        wordWrap="CJK",
    )


@cache
def _without_space_after(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(name="", parent=style, spaceAfter=0)


def _grid(
    cells: list[list[Paragraph | str]],
    widths: list[float],
    rules: list[tuple[Any, ...]],
    *,
    heading_rows: int = 0,
    padding: float = 0,
) -> Table:
    layout = [
        ("FONTNAME", (0, 0), (-1, -1), typefaces.REGULAR),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), padding),
        ("RIGHTPADDING", (0, 0), (-1, -1), padding),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
    return Table(cells, widths, repeatRows=heading_rows, style=layout + rules, hAlign="LEFT", splitInRow=1)
