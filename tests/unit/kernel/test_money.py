"""Money counts whole minor units and never mixes currencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.kernel.errors import DomainError
from services.common.kernel.money import EXPONENTS, MAXIMUM_MINOR_UNITS, Money

currencies = st.sampled_from(sorted(EXPONENTS))
units = st.integers(-MAXIMUM_MINOR_UNITS, MAXIMUM_MINOR_UNITS)


def test_707_yuan_is_70700_fen() -> None:
    assert Money.parse("707.00") == Money("CNY", 70700)
    assert Money.parse("707") == Money("CNY", 70700)
    assert Money.parse("707.5") == Money("CNY", 70750)
    assert str(Money("CNY", 70700)) == "CNY 707.00"


def test_yen_have_no_minor_unit() -> None:
    assert Money.parse("707", "JPY") == Money("JPY", 707)
    with pytest.raises(DomainError):
        Money.parse("707.00", "JPY")


@given(currencies, units)
def test_what_is_written_is_read_back(currency: str, minor: int) -> None:
    amount = Money(currency, minor)
    assert Money.parse(amount.decimal(), currency) == amount


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1,000", "1.", ".5", "1.234", "1e3", "+1", "--1", "01", "一", "１", "NaN", "1\n", "0x1"]
)
def test_a_malformed_amount_is_refused_naming_the_field(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        Money.parse(text, field="terms.amount")
    assert (refusal.value.reason, refusal.value.field) == ("AMOUNT_MALFORMED", "terms.amount")


@given(currencies, st.integers(-(10**14), 10**14), st.integers(-(10**14), 10**14))
def test_adding_and_taking_away_are_exact(currency: str, one: int, other: int) -> None:
    total = Money(currency, one) + Money(currency, other)
    assert total == Money(currency, one + other)
    assert total - Money(currency, other) == Money(currency, one)


def test_two_currencies_are_never_added_or_compared() -> None:
    yuan, yen = Money("CNY", 1), Money("JPY", 1)
    for act in (lambda: yuan + yen, lambda: yuan - yen, lambda: yuan < yen, lambda: Money.total([yen], "CNY")):
        with pytest.raises(DomainError) as refusal:
            act()
        assert refusal.value.reason == "CURRENCY_MIXED"


def test_amounts_are_bounded_and_so_are_sums() -> None:
    largest = Money("CNY", MAXIMUM_MINOR_UNITS)
    with pytest.raises(DomainError):
        Money("CNY", MAXIMUM_MINOR_UNITS + 1)
    with pytest.raises(DomainError) as refusal:
        _ = largest + Money("CNY", 1)
    assert refusal.value.reason == "AMOUNT_OUT_OF_RANGE"


def test_an_unknown_currency_and_a_fraction_are_refused() -> None:
    with pytest.raises(DomainError):
        Money("XXX", 1)
    with pytest.raises(TypeError):
        Money("CNY", 1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money("CNY", minor_units=True)


def test_negative_and_zero_amounts_are_refused_where_asked() -> None:
    with pytest.raises(DomainError) as negative:
        Money("CNY", -1).require_not_negative("fee")
    with pytest.raises(DomainError) as zero:
        Money("CNY", 0).require_positive("amount")
    assert (negative.value.field, zero.value.field) == ("fee", "amount")
    assert Money("CNY", 0).require_not_negative() == Money.zero("CNY")


@given(currencies, units, st.integers(1, 60))
def test_parts_add_up_to_the_whole(currency: str, minor: int, parts: int) -> None:
    whole = Money(currency, minor)
    shares = whole.split(parts)
    assert Money.total(shares, currency) == whole
    assert max(shares).minor_units - min(shares).minor_units <= 1


def test_ten_thousand_in_three_leaves_the_remainder_in_the_first_part() -> None:
    assert [part.decimal() for part in Money.parse("10000.00").split(3)] == ["3333.34", "3333.33", "3333.33"]
