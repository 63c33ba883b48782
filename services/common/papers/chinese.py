"""How a Chinese paper writes days, moments, amounts and ordinals (documents of courts and committees)."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.common.kernel.money import EXPONENTS, Money

_DIGITS = "〇一二三四五六七八九"
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_FULL_GROUP = 1000
"""From this on a group of four digits has no zero at its front."""
_GROUPS = ("", "万", "亿", "万亿")
_STOPS = " .;,、，；。．"
_NAMES = {"CNY": "人民币", "USD": "美元", "EUR": "欧元", "JPY": "日元", "HKD": "港元"}


def day(value: str | date) -> str:
    """``2026年12月11日``, of an ISO date."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.year}年{value.month}月{value.day}日"


def closing_day(value: str | date) -> str:
    """``二〇二六年十二月十一日``, as a court dates its papers (人民法院诉讼文书格式标准)."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    year = "".join(_DIGITS[int(digit)] for digit in str(value.year))
    return f"{year}年{number(value.month)}月{number(value.day)}日"


def moment(value: str, zone: str) -> str:
    """``2026年11月28日9时30分``, of an ISO time in UTC, as it was in the zone."""
    local = _local(value, zone)
    return f"{day(local.date())}{local.hour}时{local.minute:02d}分"


def day_of(value: str, zone: str) -> str:
    """The day in the zone of an ISO time in UTC."""
    return day(_local(value, zone).date())


def closing_day_of(value: str, zone: str) -> str:
    """As ``closing_day``, of an ISO time in UTC."""
    return closing_day(_local(value, zone).date())


def number(value: int) -> str:
    """``十一``, ``二十``, ``一百零五``: of 1 to 9999."""
    written = _grouped(value, "零一二三四五六七八九", ("", "十", "百", "千"))
    return written.removeprefix("一") if written.startswith("一十") else written


def amount(value: dict[str, Any]) -> str:
    """``人民币5000.00元（大写：伍仟元整）``, of ``{"currency": …, "minor_units": …}``."""
    money = Money(value["currency"], value["minor_units"])
    name = _NAMES[money.currency]
    if money.currency == "CNY":
        return f"{name}{money.decimal()}元（大写：{capitals(money)}）"
    return f"{money.decimal()}{name}（{money.currency}，大写：{name}{capitals(money)}）"


def figures(value: dict[str, Any]) -> str:
    """``5000.00元``: in tables, whose sum stands below in both forms."""
    money = Money(value["currency"], value["minor_units"])
    return f"{money.decimal()}{'元' if money.currency == 'CNY' else _NAMES[money.currency]}"


def capitals(money: Money) -> str:
    """The amount in capital numerals (支付结算办法, annex 1), without the currency's name.

    A zero is written before 角 when the digit of 元 is zero. Raises ValueError for nothing and less.
    """
    if money.minor_units <= 0:
        raise ValueError("only an amount above zero has capitals")
    whole, rest = divmod(money.minor_units, 10 ** EXPONENTS[money.currency])
    tenth, hundredth = divmod(rest, 10) if EXPONENTS[money.currency] else (0, 0)
    written = f"{_whole(whole)}元" if whole else ""
    if not rest:
        return written + "整"
    if written and (whole % 10 == 0 or not tenth):
        written += "零"
    written += f"{_CAPITALS[tenth]}角" if tenth else ""
    return written + (f"{_CAPITALS[hundredth]}分" if hundredth else "整")


def _whole(value: int) -> str:
    written, gap = "", False
    for place in range(3, -1, -1):
        group = value // 10 ** (4 * place) % 10_000
        if not group:
            gap = bool(written)
            continue
        if written and (gap or group < _FULL_GROUP):
            written += "零"
        written += _grouped(group, _CAPITALS, _PLACES) + _GROUPS[place]
        gap = False
    return written


def _grouped(value: int, digits: str, places: tuple[str, ...]) -> str:
    """Of 1 to 9999; zeros in a row are one, at the end none."""
    written = ""
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            written += digits[digit] + places[place]
        elif written and not written.endswith(digits[0]):
            written += digits[0]
    return written.rstrip(digits[0])


def _local(value: str, zone: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone))


def utc(value: str) -> datetime:
    """The aware time of an ISO time (``2026-11-28T01:30:00Z``)."""
    return datetime.fromisoformat(value)


def sentence(text: str) -> str:
    """The text with one full stop at its end."""
    return f"{clause(text)}。"


def clause(text: str) -> str:
    """The text without a full stop at its end, to stand within a sentence."""
    return text.strip().rstrip(_STOPS)


def without_empty(parts: list[str], join: str = "，") -> str:
    """The parts that there are."""
    return join.join(part for part in parts if part)


FILTERS = {
    "day": day,
    "day_of": day_of,
    "closing_day": closing_day,
    "closing_day_of": closing_day_of,
    "moment": moment,
    "number": number,
    "amount": amount,
    "figures": figures,
    "sentence": sentence,
    "clause": clause,
    "listed": without_empty,
}
"""By the names that templates use."""
