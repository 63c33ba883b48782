"""A party's particulars on their way in: what an identity card says is filled in, and what contradicts it is told."""

from collections.abc import Iterator
from dataclasses import replace

from services.common.kernel.contacts import ContactKind, parse_optional
from services.common.kernel.entry_warnings import EntryWarning
from services.common.kernel.identity_cards import CardFacts, card_facts
from services.common.kernel.names import RequirePrintable, require_line, require_name
from services.common.kernel.particulars import IdentityPaper, Particulars, PartyKind, PrivateParticulars

_NUMBERED_ALIKE = frozenset(
    {None, IdentityPaper.RESIDENT_CARD, IdentityPaper.FOREIGN_PERMANENT_RESIDENT_CARD, IdentityPaper.OTHER}
)


_LINES = ("ethnic_group", "occupation", "latin_name", "legal_representative", "legal_representative_duty", "trade_name")


def entered(given: Particulars, field: str, require_printable: RequirePrintable) -> Particulars:
    """Particulars as they are kept, each value in its one spelling; ``field`` is where they stand in the request.

    Raises NAME_REQUIRED, UNPRINTABLE_CHARACTER, CONTACT_MALFORMED (INVALID), naming the field.
    """
    require_name(given.display_name, f"{field}.display_name", require_printable)
    require_printable(given.address, f"{field}.address")
    for line in _LINES:
        require_line(getattr(given, line), f"{field}.{line}", require_printable)
    email = parse_optional(given.email, ContactKind.EMAIL, f"{field}.email")
    phone = parse_optional(given.phone, ContactKind.PHONE, f"{field}.phone")
    return completed(replace(given, email=email, phone=phone))


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
    return tuple(_contradictions(_facts(kind, given), given, field))


def _facts(kind: PartyKind, given: PrivateParticulars) -> CardFacts | None:
    if kind is not PartyKind.NATURAL_PERSON or given.identity_paper not in _NUMBERED_ALIKE:
        return None
    return card_facts(given.identity_number)


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
