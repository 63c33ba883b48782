"""A party's particulars on their way in: what an identity card says is filled in, and what contradicts it is told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from services.common.kernel.contacts import ContactKind, parse_optional
from services.common.kernel.entry_warnings import EntryWarning
from services.common.kernel.identity_cards import CardFacts, card_facts
from services.common.kernel.identity_numbers import card_warnings, credit_code_warnings, normal_identity_number
from services.common.kernel.names import RequirePrintable, normal_line, normal_name
from services.common.kernel.nationalities import normal_nationality
from services.common.kernel.particulars import (
    IdentityPaper,
    OrganisationForm,
    Particulars,
    PartyKind,
    PrivateParticulars,
)

_NUMBERED_ALIKE = frozenset(
    {None, IdentityPaper.RESIDENT_CARD, IdentityPaper.FOREIGN_PERMANENT_RESIDENT_CARD, IdentityPaper.OTHER}
)


_LINES = (
    "ethnic_group",
    "occupation",
    "latin_name",
    "legal_representative",
    "legal_representative_duty",
    "trade_name",
    "printed_name",
)


def entered(given: Particulars, field: str, require_printable: RequirePrintable) -> Particulars:
    """Particulars as they are kept, each value in its one spelling; ``field`` is where they stand in the request.

    Raises NAME_REQUIRED, MALFORMED_REQUEST, UNPRINTABLE_CHARACTER, IDENTITY_NUMBER_MALFORMED, NATIONALITY_UNKNOWN,
    CONTACT_MALFORMED (INVALID), naming the field.
    """
    require_printable(given.address, f"{field}.address")
    lines: dict[str, Any] = {
        line: normal_line(getattr(given, line), f"{field}.{line}", require_printable) for line in _LINES
    }
    spelled = replace(
        given,
        **lines,
        display_name=normal_name(given.display_name, f"{field}.display_name", require_printable),
        identity_number=normal_identity_number(given.identity_number, f"{field}.identity_number"),
        nationality=normal_nationality(given.nationality, f"{field}.nationality"),
        email=parse_optional(given.email, ContactKind.EMAIL, f"{field}.email"),
        phone=parse_optional(given.phone, ContactKind.PHONE, f"{field}.phone"),
    )
    return completed(spelled)


def completed(given: Particulars) -> Particulars:
    """With birth date, sex and kind of paper as the number of the card has them, where nobody said otherwise."""
    facts = _facts(given.kind, given)
    if facts is None:
        return given
    return replace(
        given,
        birth_date=given.birth_date or facts.birth_date,
        sex=given.sex or facts.sex,
        identity_paper=given.identity_paper or facts.paper,
    )


def entry_warnings(kind: PartyKind, given: PrivateParticulars, field: str) -> tuple[EntryWarning, ...]:
    """What looks wrong about particulars; ``field`` is where they stand in the request."""
    return (*_number(kind, given, field), *_contradictions(_facts(kind, given), given, field), *_contact(given, field))


def _facts(kind: PartyKind, given: PrivateParticulars) -> CardFacts | None:
    if kind is not PartyKind.NATURAL_PERSON or given.identity_paper not in _NUMBERED_ALIKE:
        return None
    return card_facts(given.identity_number)


def _number(kind: PartyKind, given: PrivateParticulars, field: str) -> Iterator[EntryWarning]:
    where = f"{field}.identity_number"
    if kind is PartyKind.ORGANISATION and given.organisation_form is not OrganisationForm.SOLE_TRADER:
        yield from credit_code_warnings(given.identity_number, where)
    elif kind is PartyKind.NATURAL_PERSON and given.identity_paper in _NUMBERED_ALIKE:
        yield from card_warnings(given.identity_number, where)


def _contact(given: PrivateParticulars, field: str) -> Iterator[EntryWarning]:
    if given.phone and not given.can_be_written_to:
        yield EntryWarning(
            rule="CONTACT_TAKES_NO_MESSAGES",
            field=f"{field}.phone",
            message_zh="该号码收不到短信，又没有电子邮箱：通知须由工作人员电话告知，也无法在线加入，请补充手机号或者邮箱",
            message_en="this number takes no text messages and there is no mail address: somebody has to call, and nobody "
            "can join online; add a mobile number or a mail address",
        )


def _contradictions(facts: CardFacts | None, given: PrivateParticulars, field: str) -> Iterator[EntryWarning]:
    if facts is None:
        return
    if given.birth_date is not None and given.birth_date != facts.birth_date:
        yield EntryWarning(
            rule="BIRTH_DATE_CONTRADICTS_NUMBER",
            field=f"{field}.birth_date",
            message_zh=f"出生日期与身份证号码不一致：号码所示为{facts.birth_date.isoformat()}",
            message_en=f"the birth date is not that of the identity number, which says {facts.birth_date.isoformat()}",
        )
    if given.sex is not None and given.sex is not facts.sex:
        yield EntryWarning(
            rule="SEX_CONTRADICTS_NUMBER",
            field=f"{field}.sex",
            message_zh="性别与身份证号码不一致",
            message_en="the sex is not that of the identity number",
        )
