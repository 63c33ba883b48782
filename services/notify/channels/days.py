"""Days and moments as people say them, by locale: the filters of the templates. The last day of anything is said in one
way everywhere, with the day counted in and, where it may still move, with that."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.common.kernel.house import HOUSE_ZONE

_WEEKDAYS_ZH = "一二三四五六日"
_UNSURE = {"zh": "；暂定，放假安排公布后可能改变", "en": "; provisional, it may still move"}
_UNSURE_IN_SHORT = {"zh": "；暂定", "en": "; provisional"}
"""Said with a day that was counted by weekends (ADR 30)."""


def filters(locale: str, *, short: bool) -> Mapping[str, Callable[..., str]]:
    """By the name that templates use. Days are dates or ISO 8601, moments are aware datetimes; ``short`` is for text
    messages."""
    say = _DAYS[locale]
    unsure = (_UNSURE_IN_SHORT if short else _UNSURE)[locale]
    last = _LAST_DAYS[locale]

    def last_day(day: Any, provisional: bool = False) -> str:
        return last(_last_day(day), unsure if provisional else "")

    return {
        "last_day": last_day,
        "day": lambda value: say(_as_date(value)),
        "moment": lambda value: _moment(value, say),
        "span": lambda start, end: _span(start, end, locale, say),
    }


def _last_day(value: Any) -> date:
    """The last whole day before a moment: midnight is the end of the day before, as people say it. A day is itself.

    What ends in the middle of a day is said to end with the day before, so that nobody who reads it comes too late.
    """
    if isinstance(value, datetime):
        return value.astimezone(HOUSE_ZONE).date() - timedelta(days=1)
    return _as_date(value)


def _last_day_zh(day: date, doubt: str) -> str:
    """``最迟2026年12月28日（星期一，含当日）``; the sentence goes on with what is to be done by then."""
    return f"最迟{_plain_zh(day)}（{_weekday_zh(day)}，含当日{doubt}）"


def _last_day_en(day: date, doubt: str) -> str:
    """``by Monday 28 December 2026 (that day included)``."""
    return f"by {_day_en(day)} (that day included{doubt})"


_LAST_DAYS: Mapping[str, Callable[[date, str], str]] = {"zh": _last_day_zh, "en": _last_day_en}


def _as_date(value: Any) -> date:
    """Events name days in ISO 8601."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _plain_zh(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _weekday_zh(value: date) -> str:
    return f"星期{_WEEKDAYS_ZH[value.weekday()]}"


def _day_zh(value: date) -> str:
    return f"{_plain_zh(value)}（{_weekday_zh(value)}）"


def _day_en(value: date) -> str:
    return f"{value:%A} {value.day} {value:%B} {value.year}"


_DAYS: Mapping[str, Callable[[date], str]] = {"zh": _day_zh, "en": _day_en}


def _moment(value: datetime, day: Callable[[date], str]) -> str:
    """A moment in local time, to the minute."""
    local = value.astimezone(HOUSE_ZONE)
    return f"{day(local.date())} {local:%H:%M}"


def _span(start: datetime, end: datetime, locale: str, day: Callable[[date], str]) -> str:
    """From when to when; the day is said once where it is the same."""
    first, last = start.astimezone(HOUSE_ZONE), end.astimezone(HOUSE_ZONE)
    closing = f"{last:%H:%M}" if first.date() == last.date() else _moment(end, day)
    return f"{_moment(start, day)}{' 至 ' if locale == 'zh' else ' to '}{closing}"
