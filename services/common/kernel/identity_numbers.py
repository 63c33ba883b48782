"""Numbers of identity papers and of organisations: the one spelling in which each is kept, and by what two are the same.

People write them with blanks, hyphens and brackets, with a small x, in full-width digits. A check digit that is wrong is
told and refuses nothing: some true numbers have one.
"""

import re
from collections.abc import Iterator

from services.common.kernel.characters import composed, narrow, plain_dashes
from services.common.kernel.entry_warnings import EntryWarning
from services.common.kernel.errors import invalid
from services.common.kernel.identity_cards import card_facts, whole_card

LONGEST = 32
_SHORTEST = 4
_SEPARATORS = re.compile(r"[\s.()/·-]")
_NUMBER = re.compile(rf"[A-Z0-9]{{{_SHORTEST},{LONGEST}}}", re.ASCII)
_CARD_LIKE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_CODE_LENGTH = 18


def normal_identity_number(text: str, field: str) -> str:
    """The number in capitals and digits alone; nothing of nothing.

    Raises IDENTITY_NUMBER_MALFORMED (INVALID) for what holds anything else, no digit, or one character over and over.
    """
    if not text.strip():
        return ""
    found = _SEPARATORS.sub("", plain_dashes(narrow(composed(text)))).upper()
    if _NUMBER.fullmatch(found) and any(char.isdigit() for char in found) and len(set(found)) > 1:
        return found
    raise invalid(
        "IDENTITY_NUMBER_MALFORMED",
        "请按证件填写号码，只用字母和数字，如身份证号码11010519491231002X、护照E12345678、统一社会信用代码"
        "91320102MA1ABCDE2X；没有号码的请留空",
        "give the number as the paper has it, in letters and digits (11010519491231002X, E12345678); leave it empty "
        "where there is none",
        field=field,
    )


def compared_number(number: str) -> str:
    """What two spellings of one number have in common: a card of 15 digits and the same card of 18 are one."""
    return whole_card(_SEPARATORS.sub("", plain_dashes(narrow(composed(number)))).upper())


def card_warnings(number: str, field: str) -> Iterator[EntryWarning]:
    """What looks wrong about the number of an identity card (GB 11643)."""
    whole = whole_card(number)
    facts = card_facts(whole)
    if _CARD_LIKE.fullmatch(whole) and facts is None:
        yield EntryWarning(
            rule="IDENTITY_NUMBER_DATE",
            field=field,
            message_zh="身份证号码中的出生日期不存在，请核对号码",
            message_en="the birth date inside the identity number never was: compare it with the card",
        )
    elif facts is not None and not facts.check_holds:
        yield EntryWarning(
            rule="IDENTITY_NUMBER_CHECK",
            field=field,
            message_zh="身份证号码的最后一位与前面的数字不符，请核对号码",
            message_en="the last character of the identity number does not belong to the others: compare it with the card",
        )


def credit_code_warnings(number: str, field: str) -> Iterator[EntryWarning]:
    """What looks wrong about a unified social credit code (统一社会信用代码, GB 32100)."""
    if not number or credit_code_holds(number):
        return
    yield EntryWarning(
        rule="CREDIT_CODE_CHECK",
        field=field,
        message_zh="这不像有效的统一社会信用代码（18位，末位为校验码），请与营业执照核对",
        message_en="this does not look like a valid unified social credit code: compare it with the business licence",
    )


def credit_code_holds(number: str) -> bool:
    """Whether it is 18 characters of the code's alphabet, the last of which belongs to the others (MOD 31-3)."""
    if len(number) != _CREDIT_CODE_LENGTH or not _CREDIT_CODE.fullmatch(number):
        return False
    base = len(_CREDIT_ALPHABET)
    total = sum(_CREDIT_ALPHABET.index(char) * pow(3, place, base) for place, char in enumerate(number[:-1]))
    return _CREDIT_ALPHABET[-total % base] == number[-1]
