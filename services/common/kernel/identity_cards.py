"""What can be read from the number of an identity card (公民身份号码, GB 11643-1999): birth date and sex.

Foreigners' permanent resident cards since 2023 and residence permits for people of Hong Kong, Macao and Taiwan are
numbered in the same way. A card of 15 digits, issued until 1999, is the same card with the century and the check left out.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.common.kernel.particulars import IdentityPaper, Sex

_CARD = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD_CARD = re.compile(r"[1-9]\d{14}", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CENTURY, _AFTER_REGION = "19", 6
_FIRST_YEAR = 1850
_RESIDENTS, _FOREIGNERS = "123456", "9"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """``paper`` is None where the number alone does not say which of several papers it is."""

    birth_date: date
    sex: Sex
    paper: IdentityPaper | None
    check_holds: bool


def card_facts(number: str) -> CardFacts | None:
    """The facts of a number in its one spelling; None of what is no card number, or has a day that never was."""
    whole = whole_card(number)
    if not _CARD.fullmatch(whole):
        return None
    try:
        birth_date = date(int(whole[6:10]), int(whole[10:12]), int(whole[12:14]))
    except ValueError:
        return None
    if birth_date.year < _FIRST_YEAR:
        return None
    sex = Sex.MALE if int(whole[16]) % 2 else Sex.FEMALE
    return CardFacts(birth_date, sex, _paper(whole), check_holds=check_digit(whole) == whole[-1])


def whole_card(number: str) -> str:
    """The 18 digits of a card of 15; every other number as it is."""
    if not _OLD_CARD.fullmatch(number):
        return number
    whole = f"{number[:_AFTER_REGION]}{_CENTURY}{number[_AFTER_REGION:]}"
    return whole + check_digit(whole)


def check_digit(number: str) -> str:
    """The last character (ISO 7064 MOD 11-2) that belongs to the first 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11]


def _paper(whole: str) -> IdentityPaper | None:
    if whole[0] in _RESIDENTS:
        return IdentityPaper.RESIDENT_CARD
    return IdentityPaper.FOREIGN_PERMANENT_RESIDENT_CARD if whole[0] == _FOREIGNERS else None
