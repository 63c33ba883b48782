"""Days and moments as people say them, by locale: the filters of the templates. The last day of anything is said in one
way everywhere, with the day counted in and, where it may still move, with that."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from services.common.kernel.house import HOUSE_ZONE

_WEEKDAYS_ZH = "一二三四五六日"
_UNSURE = {
    "zh": "；暂定，放假安排公布后可能改变",
    "en": "; provisional, it may still move",
}
"""Said with a day that was counted by weekends (ADR 30)."""


def filters(locale: str) -> Mapping[str, Callable[..., str]]:
    """By the name that templates use. Days are dates or ISO 8601, moments are aware datetimes."""
    return {"last_day": _LAST_DAYS[locale], **_of_a_moment(locale, _DAYS[locale])}


def _of_a_moment(locale: str, say: Callable[[date], str]) -> Mapping[str, Callable[..., str]]:
    return {
        "day": lambda value: say(_as_date(value)),
        "moment": lambda value: _moment(value, say),
        "until": lambda value: _until(value, locale, say),
        "span": lambda start, end: _span(start, end, locale, say),
    }


def _last_day_zh(day: Any, provisional: bool = False) -> str:
    """``最迟2026年12月28日（星期一，含当日）``; the sentence goes on with what is to be done by then."""
    value = _as_date(day)
    doubt = _UNSURE["zh"] if provisional else ""
    return f"最迟{_plain_zh(value)}（{_weekday_zh(value)}，含当日{doubt}）"


def _last_day_en(day: Any, provisional: bool = False) -> str:
    """``by Monday 28 December 2026 (that day included)``."""
    doubt = _UNSURE["en"] if provisional else ""
    return f"by {_day_en(_as_date(day))} (that day included{doubt})"


_LAST_DAYS: Mapping[str, Callable[..., str]] = {"zh": _last_day_zh, "en": _last_day_en}


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


def _until(value: datetime, locale: str, day: Callable[[date], str]) -> str:
    """A moment before which something must be done; midnight is the end of the day before, as people say it."""
    local = value.astimezone(HOUSE_ZONE)
    if local.time() != time():
        return _moment(value, day)
    last = day(local.date() - timedelta(days=1))
    return f"{last} 24:00" if locale == "zh" else f"the end of {last}"


def _span(start: datetime, end: datetime, locale: str, day: Callable[[date], str]) -> str:
    """From when to when; the day is said once where it is the same."""
    first, last = start.astimezone(HOUSE_ZONE), end.astimezone(HOUSE_ZONE)
    closing = f"{last:%H:%M}" if first.date() == last.date() else _moment(end, day)
    return f"{_moment(start, day)}{' 至 ' if locale == 'zh' else ' to '}{closing}"
