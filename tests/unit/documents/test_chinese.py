"""Days, amounts and ordinals as a Chinese paper writes them; capitals read back give the same fen."""

import random

import pytest

from services.common.kernel.money import Money
from services.common.papers import chinese

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(text: str) -> int:
    """The fen that capitals say."""
    yuan, _, rest = text.partition("元") if "元" in text else ("", "", text)
    fen = _number(yuan) * 100
    for unit, worth in (("角", 10), ("分", 1)):
        before, found, after = rest.partition(unit)
        if found:
            fen += DIGITS[before[-1]] * worth
            rest = after
    return fen


def _number(text: str) -> int:
    total, group, digit = 0, 0, 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in PLACES:
            group, digit = group + digit * PLACES[character], 0
        elif character == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        elif character == "亿":
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
    return total + group + digit


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (500_000, "伍仟元整"),
        (1_000_000, "壹万元整"),
        (568_000, "伍仟陆佰捌拾元整"),
        (333_334, "叁仟叁佰叁拾叁元叁角肆分"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (10_700_053, "壹拾万柒仟元零伍角叁分"),
        (50, "伍角整"),
        (1, "壹分"),
        (164_090_200, "壹佰陆拾肆万零玖佰零贰元整"),
        (10_005_000_806, "壹亿零伍万零捌元零陆分"),
        (20_000_000_000, "贰亿元整"),
        (100_100, "壹仟零壹元整"),
        (1_001_000_000, "壹仟零壹万元整"),
    ],
)
def test_an_amount_in_capitals(fen: int, capitals: str) -> None:
    assert chinese.capitals(Money("CNY", fen)) == capitals


def test_capitals_read_back_give_the_same_fen() -> None:
    choose = random.Random(20261128)
    for _ in range(20_000):
        fen = choose.randrange(1, 10 ** choose.randrange(1, 14))
        fen -= fen % 10 ** choose.randrange(0, 4)
        if fen:
            assert read_back(chinese.capitals(Money("CNY", fen))) == fen, fen


def test_nothing_and_less_have_no_capitals() -> None:
    for fen in (0, -1):
        with pytest.raises(ValueError, match="above zero"):
            chinese.capitals(Money("CNY", fen))


def test_an_amount_says_its_currency_once_with_its_capitals() -> None:
    assert chinese.amount({"currency": "CNY", "minor_units": 500_000}) == "人民币5000.00元（大写：伍仟元整）"
    assert chinese.amount({"currency": "JPY", "minor_units": 4999}) == "4999日元（JPY，大写：日元肆仟玖佰玖拾玖元整）"


@pytest.mark.parametrize(
    ("day", "running", "closing"),
    [
        ("2026-12-11", "2026年12月11日", "二〇二六年十二月十一日"),
        ("2030-10-20", "2030年10月20日", "二〇三〇年十月二十日"),
        ("2027-01-31", "2027年1月31日", "二〇二七年一月三十一日"),
    ],
)
def test_a_day_in_a_text_and_at_its_end(day: str, running: str, closing: str) -> None:
    assert (chinese.day(day), chinese.closing_day(day)) == (running, closing)


def test_days_and_moments_are_those_of_the_zone() -> None:
    late = "2026-12-31T16:30:00Z"
    assert chinese.day_of(late, "Asia/Shanghai") == "2027年1月1日"
    assert chinese.moment(late, "Asia/Shanghai") == "2027年1月1日0时30分"


@pytest.mark.parametrize(
    ("value", "written"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (105, "一百零五"), (110, "一百一十")]
)
def test_an_ordinal(value: int, written: str) -> None:
    assert chinese.number(value) == written
