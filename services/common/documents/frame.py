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
MARGIN_LEFT, MARGIN_TOP = 28 * mm, 37 * mm
TEXT_WIDTH, TEXT_HEIGHT = 156 * mm, 225 * mm
MARGIN_BOTTOM = HEIGHT - MARGIN_TOP - TEXT_HEIGHT
"""The page of an official paper (GB/T 9704-2012, 5.2): a text of 156 by 225 mm."""
_FURNITURE = 9.0

INK = Color(0.13, 0.13, 0.15)
GREY = Color(0.42, 0.42, 0.45)
RULE = Color(0.75, 0.75, 0.78)
SAMPLE_INK = Color(0.72, 0.11, 0.11)
SAMPLE_SHADE = Color(0.94, 0.94, 0.95)
SAMPLE_LABEL = "样本 SAMPLE"
TRANSLATION_LABEL = "译文（仅供参考） Translation, for information"
_SMALLEST = 0.6
"""A line that is made smaller keeps this part of its size."""


class Language(Enum):
    """The language a document is made in; its value is the BCP 47 tag."""

    ZH = "zh-CN"
    EN = "en"


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What identifies a document on each of its pages.

    ``title`` is the sort of document as printed (人民调解协议书), ``number`` its number, ``issuer`` the organisation,
    ``made_at`` the aware UTC time the document carries as its date. ``sample`` labels a document of made-up data on every
    page; ``translation`` one that is for information only.
    """

    title: str
    number: str
    issuer: str
    language: Language
    made_at: datetime
    sample: bool = False
    translation: bool = False

    def require_printable(self) -> None:
        """UNPRINTABLE_CHARACTER for the first text of the frame that cannot be printed."""
        for field in ("title", "number", "issuer"):
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
            self._draw_labels()
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

    def _draw_footer(self, number: int, total: int) -> None:
        frame, baseline = self._frame, 20 * mm
        self._rule(baseline + 5 * mm)
        shown = f"第 {number} 页　共 {total} 页" if frame.language is Language.ZH else f"Page {number} of {total}"
        self._text(MARGIN_LEFT, baseline, f"{frame.title}　{frame.number}", TEXT_WIDTH - 34 * mm)
        self._text(MARGIN_LEFT + TEXT_WIDTH, baseline, shown, 34 * mm, right=True)

    def _draw_labels(self) -> None:
        """What kind of copy this is, above the text."""
        frame, bottom = self._frame, HEIGHT - 24 * mm
        if frame.sample:
            self._draw_sample_label(bottom)
        if frame.translation:
            text = TRANSLATION_LABEL
            self._text(MARGIN_LEFT + TEXT_WIDTH, bottom + 0.9 * mm, text, TEXT_WIDTH / 2 - 15 * mm, right=True)

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
        self.line(MARGIN_LEFT, height, MARGIN_LEFT + TEXT_WIDTH, height)
        self.restoreState()

    def _text(self, x: float, y: float, text: str, width: float, *, right: bool = False) -> None:
        self.saveState()
        self.setFillColor(GREY)
        draw_line(self, x, y, text, size=_FURNITURE, width=width, right=right)
        self.restoreState()


def shade_sample(canvas: Canvas) -> None:
    """The large label behind the text of a sample; drawn first, so that it hides nothing, and read as no text at all."""
    canvas.saveState()
    canvas._code.append("/Span <</ActualText ()>> BDC")
    canvas.setFillColor(SAMPLE_SHADE)
    canvas.setFont(typefaces.BOLD, 92)
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    canvas.drawCentredString(0, -32, SAMPLE_LABEL)
    canvas._code.append("EMC")
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
    """One line of text starting (or ending) at x: smaller when it is too long, with an ellipsis when that is not enough."""
    text = typefaces.shown(text)
    size = max(size * min(1.0, width / (typefaces.width(text, font, size) or 1.0)), size * _SMALLEST)
    while typefaces.width(text, font, size) > width and len(text) > 1:
        text = text.rstrip("…")[:-1] + "…"
    if right:
        x -= typefaces.width(text, font, size)
    typefaces.draw(canvas, x, y, text, font, size)
