"""The boxes a document leaves free for signatures, and where on which page they came to lie."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from services.common.documents import typefaces
from services.common.documents.frame import GREY, INK, RULE, TEXT_WIDTH, draw_line

AREA_WIDTH = (TEXT_WIDTH - 8 * mm) / 2
AREA_HEIGHT = 22 * mm
_CAPTION_HEIGHT = 7 * mm


@dataclass(frozen=True, slots=True)
class AreaRequest:
    """A box for one slot: ``slot`` is the field's name, ``caption`` what stands above the box (甲方 张三)."""

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

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return TEXT_WIDTH, AREA_HEIGHT + _CAPTION_HEIGHT + 4 * mm

    def draw(self) -> None:
        for index, request in enumerate(self._requests):
            left = index * (AREA_WIDTH + 8 * mm)
            self._draw_box(left, request)
            x, y = self.canv.absolutePosition(left, 2 * mm)
            box = (round(x), round(y), round(x + AREA_WIDTH), round(y + AREA_HEIGHT))
            self._collector.append(FieldArea(request.slot, self.canv.getPageNumber() - 1, box))

    def _draw_box(self, left: float, request: AreaRequest) -> None:
        canvas = self.canv
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setFillColor(Color(1, 1, 1))
        canvas.setLineWidth(0.6)
        canvas.rect(left, 2 * mm, AREA_WIDTH, AREA_HEIGHT, stroke=1, fill=1)
        canvas.setFillColor(INK)
        caption_height = 2 * mm + AREA_HEIGHT + 2 * mm
        draw_line(canvas, left, caption_height, request.caption, size=9.5, font=typefaces.BOLD, width=AREA_WIDTH)
        canvas.setFillColor(GREY)
        canvas.restoreState()
