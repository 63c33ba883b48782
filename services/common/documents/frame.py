"""The page every document shares: what stands above and below the text, the sample label, the page count."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from services.common.documents import metadata, typefaces
from services.common.documents.attachment import Attachment, embed

WIDTH, HEIGHT = A4
MARGIN_SIDE = 22 * mm
MARGIN_TOP = 27 * mm
MARGIN_BOTTOM = 24 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN_SIDE
_HALF = TEXT_WIDTH / 2 - 15 * mm

INK = Color(0.13, 0.13, 0.15)
GREY = Color(0.42, 0.42, 0.45)
RULE = Color(0.75, 0.75, 0.78)
SAMPLE_INK = Color(0.72, 0.11, 0.11)
SAMPLE_SHADE = Color(0.94, 0.94, 0.95)
SAMPLE_LABEL = "样本 SAMPLE"


class Language(Enum):
    """The language a document is made in; its value is the BCP 47 tag."""

    ZH = "zh-CN"
    EN = "en"


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What identifies a document on each of its pages.

    ``kind`` is the sort of document as printed (调解协议书), ``title`` what it is called, ``number`` its number,
    ``issuer`` the organisation, ``made_at`` the aware UTC time the document carries as its date. ``sample`` labels a
    document of made-up data on every page.
    """

    kind: str
    title: str
    number: str
    issuer: str
    language: Language
    made_at: datetime
    sample: bool = False

    def require_printable(self) -> None:
        """UNPRINTABLE_CHARACTER for the first text of the frame that cannot be printed."""
        for field in ("kind", "title", "number", "issuer"):
            typefaces.require_printable(getattr(self, field), field)


class FramedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that draws the frame once the number of pages is known."""

    def __init__(self, target: Any, frame: PageFrame, attachment: Attachment | None, **options: Any) -> None:
        options["invariant"] = 1
        options["initialFontName"] = typefaces.REGULAR
        super().__init__(target, **options)
        self._frame = frame
        self._attachment = attachment
        self._finished: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._finished
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self._draw_header()
            self._draw_footer(number, len(pages))
            super().showPage()
        frame = self._frame
        metadata.describe(
            self._doc,
            title=f"{frame.title} {frame.number}",
            author=frame.issuer,
            number=frame.number,
            language=frame.language.value,
            when=frame.made_at,
        )
        self.setViewerPreference("DisplayDocTitle", "true")
        if self._attachment is not None:
            embed(self._doc, self._attachment)
        super().save()

    def _draw_header(self) -> None:
        frame, baseline = self._frame, HEIGHT - 16 * mm
        self._text(MARGIN_SIDE, baseline, frame.issuer, 8.5, GREY)
        self._text(WIDTH - MARGIN_SIDE, baseline, f"{frame.kind}  {frame.number}", 8.5, GREY, right=True)
        self._rule(baseline - 2.5 * mm)
        if frame.sample:
            self._draw_sample_label(baseline - 0.8 * mm)

    def _draw_footer(self, number: int, total: int) -> None:
        frame, baseline = self._frame, 13 * mm
        self._rule(baseline + 4.5 * mm)
        shown = f"第 {number} 页 / 共 {total} 页" if frame.language is Language.ZH else f"Page {number} of {total}"
        self._text(MARGIN_SIDE, baseline, frame.title, 8.5, GREY)
        self._text(WIDTH - MARGIN_SIDE, baseline, shown, 8.5, GREY, right=True)

    def _draw_sample_label(self, bottom: float) -> None:
        width = 27 * mm
        self.saveState()
        self.setStrokeColor(SAMPLE_INK)
        self.setFillColor(Color(1, 1, 1))
        self.rect(WIDTH / 2 - width / 2, bottom - 1 * mm, width, 6 * mm, stroke=1, fill=1)
        self.setFillColor(SAMPLE_INK)
        self.setFont(typefaces.BOLD, 10)
        self.drawCentredString(WIDTH / 2, bottom + 0.9 * mm, SAMPLE_LABEL)
        self.restoreState()

    def _rule(self, height: float) -> None:
        self.saveState()
        self.setStrokeColor(RULE)
        self.setLineWidth(0.5)
        self.line(MARGIN_SIDE, height, WIDTH - MARGIN_SIDE, height)
        self.restoreState()

    def _text(self, x: float, y: float, text: str, size: float, color: Color, *, right: bool = False) -> None:
        self.saveState()
        self.setFillColor(color)
        draw_line(self, x, y, text, size=size, width=_HALF, right=right)
        self.restoreState()


def shade_sample(canvas: Canvas) -> None:
    """The large label behind the text of a sample; drawn first, so that it hides nothing."""
    canvas.saveState()
    canvas.setFillColor(SAMPLE_SHADE)
    canvas.setFont(typefaces.BOLD, 92)
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    canvas.drawCentredString(0, -32, SAMPLE_LABEL)
    canvas.restoreState()


def draw_line(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    font: str = typefaces.REGULAR,
    width: float = TEXT_WIDTH,
    right: bool = False,
) -> None:
    """One line of text starting (or ending) at x, shortened with an ellipsis to the width."""
    while _line_width(canvas, text, size, font) > width and len(text) > 1:
        text = text.rstrip("…")[:-1] + "…"
    if right:
        x -= _line_width(canvas, text, size, font)
    for part, name in typefaces.runs(text, font):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += canvas.stringWidth(part, name, size)


def _line_width(canvas: Canvas, text: str, size: float, font: str) -> float:
    return sum(float(canvas.stringWidth(part, name, size)) for part, name in typefaces.runs(text, font))
