"""The boxes a document leaves free for signatures, and where on which page they came to lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from services.common.documents import typefaces
from services.common.documents.frame import RULE, TEXT_WIDTH
from services.common.documents.text_block import TextBlock, TextStyle

_GUTTER = 8 * mm
AREA_WIDTH = (TEXT_WIDTH - _GUTTER) / 2
AREA_HEIGHT = 22 * mm
_CAPTION = TextStyle(14, 19, align="left")


@dataclass(frozen=True, slots=True)
class AreaRequest:
    """A box for one slot: ``slot`` is the field's name, ``caption`` what stands above the box (申请人：张三)."""

    slot: str
    caption: str


@dataclass(frozen=True, slots=True)
class FieldArea:
    """Where a slot came to lie: the page counted from 0 and the box (left, bottom, right, top) in points."""

    slot: str
    page: int
    box: tuple[int, int, int, int]


class AreaRow(Flowable):  # type: ignore[misc]
    """Up to two boxes side by side; drawing them tells the collector where they are."""

    def __init__(self, requests: Sequence[AreaRequest], collector: list[FieldArea]) -> None:
        super().__init__()
        self._requests = requests
        self._collector = collector
        self._captions = [TextBlock(typefaces.shown(request.caption), _CAPTION) for request in requests]

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        captions = max(each.wrap(AREA_WIDTH, available_height)[1] for each in self._captions)
        return TEXT_WIDTH, AREA_HEIGHT + captions + 5 * mm

    def draw(self) -> None:
        for index, (request, caption) in enumerate(zip(self._requests, self._captions, strict=True)):
            left = index * (AREA_WIDTH + _GUTTER)
            self._draw_box(left)
            caption.drawOn(self.canv, left, AREA_HEIGHT + 3 * mm)
            x, y = self.canv.absolutePosition(left, 2 * mm)
            box = (round(x), round(y), round(x + AREA_WIDTH), round(y + AREA_HEIGHT))
            self._collector.append(FieldArea(request.slot, self.canv.getPageNumber() - 1, box))

    def _draw_box(self, left: float) -> None:
        self.canv.saveState()
        self.canv.setStrokeColor(RULE)
        self.canv.setFillColor(Color(1, 1, 1))
        self.canv.setLineWidth(0.6)
        self.canv.rect(left, 2 * mm, AREA_WIDTH, AREA_HEIGHT, stroke=1, fill=1)
        self.canv.restoreState()
