"""Money in whole minor units (fen, cents). Never a float; never two currencies in one sum."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from services.common.kernel.errors import DomainError, invalid

# ISO 4217 exponents: how many digits the minor unit has.
EXPONENTS = {"CNY": 2, "USD": 2, "EUR": 2, "JPY": 0, "HKD": 2}
# The bound keeps every amount, and a sum of thousands of them, inside a signed 64-bit column.
MAXIMUM_MINOR_UNITS = 10**15
_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]{0,15})(?:\.([0-9]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one ISO 4217 currency in its minor unit (CNY: fen; JPY has none, so the yen itself).

    Raises CURRENCY_UNKNOWN or AMOUNT_OUT_OF_RANGE (INVALID) beyond plus or minus 10^15 minor units.
    """

    currency: str
    minor_units: int

    def __post_init__(self) -> None:
        _exponent(self.currency)
        if isinstance(self.minor_units, bool) or not isinstance(self.minor_units, int):
            raise TypeError("minor_units is a whole number")
        if abs(self.minor_units) > MAXIMUM_MINOR_UNITS:
            raise invalid("AMOUNT_OUT_OF_RANGE", "金额超出可处理范围", "the amount is larger than can be handled")

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(currency, 0)

    @classmethod
    def parse(cls, text: str, currency: str = "CNY", *, field: str = "") -> Self:
        """``707.00`` or ``707`` as money. No sign but a leading minus, no grouping, no more decimals than the currency.

        Raises AMOUNT_MALFORMED (INVALID), naming the field.
        """
        exponent = _exponent(currency)
        match = _AMOUNT.fullmatch(text)
        decimals = (match.group(3) or "") if match else ""
        if match is None or len(decimals) > exponent:
            raise invalid(
                "AMOUNT_MALFORMED",
                f"金额格式不正确，最多{exponent}位小数",
                f"not an amount with at most {exponent} decimals",
                field=field,
            )
        units = int(match.group(2) + decimals.ljust(exponent, "0"))
        return cls(currency, -units if match.group(1) else units)

    @classmethod
    def total(cls, amounts: Iterable[Self], currency: str) -> Self:
        """The sum; zero of the currency when there is nothing to add."""
        result = cls.zero(currency)
        for amount in amounts:
            result = result + amount
        return result

    def require_not_negative(self, field: str = "") -> Self:
        """This amount, or AMOUNT_NEGATIVE (INVALID)."""
        if self.minor_units < 0:
            raise invalid("AMOUNT_NEGATIVE", "金额不得为负数", "the amount is negative", field=field)
        return self

    def require_positive(self, field: str = "") -> Self:
        """This amount, or AMOUNT_NOT_POSITIVE (INVALID)."""
        if self.minor_units <= 0:
            raise invalid("AMOUNT_NOT_POSITIVE", "金额应大于零", "the amount is not above zero", field=field)
        return self

    def split(self, parts: int) -> tuple[Self, ...]:
        """Equal parts whose sum is exactly this amount; the remainder goes one minor unit each to the first parts."""
        if parts < 1:
            raise ValueError("at least one part")
        share, remainder = divmod(self.minor_units, parts)
        return tuple(type(self)(self.currency, share + (index < remainder)) for index in range(parts))

    def __add__(self, other: Self) -> Self:
        self._require_same_currency(other)
        return type(self)(self.currency, self.minor_units + other.minor_units)

    def __sub__(self, other: Self) -> Self:
        self._require_same_currency(other)
        return type(self)(self.currency, self.minor_units - other.minor_units)

    def __lt__(self, other: Self) -> bool:
        self._require_same_currency(other)
        return self.minor_units < other.minor_units

    def __le__(self, other: Self) -> bool:
        self._require_same_currency(other)
        return self.minor_units <= other.minor_units

    def decimal(self) -> str:
        """``707.00``: what ``parse`` reads back."""
        exponent = _exponent(self.currency)
        digits = str(abs(self.minor_units)).rjust(exponent + 1, "0")
        sign = "-" if self.minor_units < 0 else ""
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else sign + digits

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal()}"

    def _require_same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise _mixed(self.currency, other.currency)


def _exponent(currency: str) -> int:
    if currency not in EXPONENTS:
        raise invalid("CURRENCY_UNKNOWN", "不支持该币种", "that currency is not supported")
    return EXPONENTS[currency]


def _mixed(one: str, other: str) -> DomainError:
    return invalid("CURRENCY_MIXED", f"币种不同（{one}、{other}），不能合计", f"{one} and {other} cannot be added")
