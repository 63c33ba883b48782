"""The visible stamp of a signature: who, as what, when, how. Drawn here once and imported into the signed file."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from services.common.documents import typefaces
from services.common.documents.frame import GREY, INK, draw_line

_MARGIN = 5
_EDGE = Color(0.16, 0.33, 0.56)


def draw_stamp(headline: str, lines: Sequence[str], width: float, height: float) -> bytes:
    """A one-page PDF of the size (points): the headline in bold, the lines below it.

    Raises UNPRINTABLE_CHARACTER. A line too long for the width is shortened with an ellipsis.
    """
    for text in (headline, *lines):
        typefaces.require_printable(text, "stamp")
    typefaces.register(typefaces.REGULAR)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), invariant=1, initialFontName=typefaces.REGULAR)
    canvas.setStrokeColor(_EDGE)
    canvas.setLineWidth(1)
    canvas.rect(0.5, 0.5, width - 1, height - 1)
    room = width - 2 * _MARGIN
    size = min(9.0, (height - 2 * _MARGIN) / (1.35 * (len(lines) + 1.3)))
    baseline = height - _MARGIN - size * 1.1
    canvas.setFillColor(INK)
    draw_line(canvas, _MARGIN, baseline, headline, size=size * 1.15, font=typefaces.BOLD, width=room)
    canvas.setFillColor(GREY)
    for line in lines:
        baseline -= size * 1.35
        draw_line(canvas, _MARGIN, baseline, line, size=size, width=room)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def local_time(when: datetime, zone: ZoneInfo) -> str:
    """The time as people there read it, to the second, with its zone: ``2026-11-21 20:05:09 北京时间 (UTC+8)``."""
    local = when.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {named(local, zone)[0]}"


def named(local: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """What the time of a zone is called in Chinese and English, with its distance from UTC on that day."""
    offset = _offset(local)
    zh, en = _NAMES.get(str(zone), ("当地时间", "local time"))
    return f"{zh} ({offset})", f"{en} ({offset})"


def _offset(local: datetime) -> str:
    """``UTC+8``, ``UTC-3:30``."""
    minutes = int((local.utcoffset() or timedelta(0)).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02d}' if rest else ''}"


_NAMES = {"Asia/Shanghai": ("北京时间", "Beijing time")}
