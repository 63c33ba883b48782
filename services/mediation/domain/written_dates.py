"""Days that are written inside a text: those that never were, and those by which something is to be done."""

import re
from collections.abc import Iterator
from datetime import date

from services.common.kernel.characters import narrow_letters

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = "|".join(f"{each}[a-z]{{0,6}}" for each in _MONTHS)
_DIGITS = "〇一二三四五六七八九零"
_NUMERALS = re.compile(
    r"[〇零一二三四五六七八九]{4}(?=年)|(?:[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=[月日号])"
)
_ANY_LEAP_YEAR = 2024
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE | re.ASCII)
    for shape in (
        r"(?:(?P<year>[0-9]{4})年)?(?<![0-9])(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号]",
        r"(?<![0-9./-])(?P<year>(?:19|20)[0-9]{2})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?![0-9]|[-/.][0-9])",
        rf"(?<![0-9])(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{_NAMED})\b,?(?: (?P<year>[0-9]{{4}}))?",
        rf"\b(?P<name>{_NAMED})\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>[0-9]{{4}}))?",
    )
)
_NUMBERED_SECTION = re.compile(r"\b(?:clause|section|article|no\.?|version|v) ?$", re.IGNORECASE)
_DUE_BEFORE = re.compile(
    r"(?:最迟|至迟|不迟于|不晚于|于|在|by|no later than|not later than|on or before|before|due(?: on)?) *$",
    re.IGNORECASE,
)
_DUE_AFTER = re.compile(r" *(?:（含[^）]{0,6}）|\(含[^)]{0,6}\))?(?:之?前|以前|内)")
_LOOK = 20


def impossible_days(text: str) -> Iterator[str]:
    """Every day in the text that no calendar has, in digits: 2月30日, 2026-02-29, 31 April 2026."""
    for found in _found(_in_digits(text)):
        if _day(found) is None:
            yield found.group()


def due_days(text: str) -> Iterator[date]:
    """Every whole day (with its year) by which the text says that something is to be done."""
    text = _in_digits(text)
    for found in _found(text):
        day = _day(found)
        before = text[max(0, found.start() - _LOOK) : found.start()]
        due = _DUE_BEFORE.search(before) or _DUE_AFTER.match(text, found.end())
        if day is not None and found.group("year") and due:
            yield day


def _in_digits(text: str) -> str:
    """Full-width digits and Chinese numerals of a date as plain digits: 二〇二六年二月三十日."""
    return _NUMERALS.sub(lambda found: _number(found.group()), narrow_letters(text))


def _number(numerals: str) -> str:
    if "十" not in numerals:
        return "".join(str(_DIGITS.index(char) % 10) for char in numerals)
    tens, _, ones = numerals.partition("十")
    value = (_DIGITS.index(tens[-1]) if tens else 1) * 10 + (_DIGITS.index(ones[0]) if ones else 0)
    return str(value)


def _found(text: str) -> Iterator["re.Match[str]"]:
    for shape in _SHAPES:
        for found in shape.finditer(text):
            if not _NUMBERED_SECTION.search(text[max(0, found.start() - _LOOK) : found.start()]):
                yield found


def _day(found: "re.Match[str]") -> date | None:
    parts = found.groupdict()
    month = _MONTHS.index(parts["name"][:3].lower()) + 1 if parts.get("name") else int(parts["month"])
    try:
        return date(int(parts["year"] or _ANY_LEAP_YEAR), month, int(parts["day"]))
    except ValueError:
        return None
