"""Matters that look like one: the same complaint again, and one person on both sides. Told to officers, never refused."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.common.kernel.entry_warnings import EntryWarning
from services.common.kernel.identity_numbers import compared_number
from services.common.kernel.names import one_spelling
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.matter import Matter
from services.intake.domain.values import Party, PartySide, PrivateParticulars

PERIOD = timedelta(days=180)
"""How far apart two filings of one complaint may lie."""
LOOKED_AT = 20
"""The newest other matters of a complainant that are compared with one: of somebody who files more, these."""

_COMPARED = 4_000
_ALIKE = 0.5
_NUMBER = "number "
_SAME_PERSON = EntryWarning(
    rule="SAME_PERSON_ON_BOTH_SIDES",
    field="respondent.identity_number",
    message_zh="投诉人与被投诉人的证件号码或者账户相同，请核对是否为同一人",
    message_en="both sides have the same identity number or account: is this one person?",
)
_SAME_CONTACT = EntryWarning(
    rule="SAME_CONTACT_ON_BOTH_SIDES",
    field="respondent.phone",
    message_zh="投诉人与被投诉人留有相同的联系方式，请核对；通知可能送达错误的一方",
    message_en="both sides have the same contact: compare it, since what is sent may reach the wrong side",
)
_WORD = re.compile(r"\w", re.UNICODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Another matter that may be the same complaint, of the same organisation."""

    matter: UUID
    number: str
    state: MatterState
    receive_time: datetime


def complainant_keys(matter: Matter) -> tuple[bytes, ...]:
    """SHA-256 of what a complainant is known by: identity number and telephone, each in the spelling that compares."""
    return tuple(hashlib.sha256(each.encode()).digest() for each in sorted(_known_by(matter.complainant)))


def alike(matter: Matter, others: Iterable[Matter]) -> Iterator[Likeness]:
    """Those among the complainant's other matters that are against the same respondent and tell much the same."""
    told = _pairs(matter.facts)
    for other in others:
        near = abs(other.receive_time - matter.receive_time) <= PERIOD
        if (
            near
            and _same_respondent(_respondent(matter), _respondent(other))
            and _share(told, _pairs(other.facts)) >= _ALIKE
        ):
            yield Likeness(matter=other.id, number=other.number, state=other.state, receive_time=other.receive_time)


def both_sides(matter: Matter) -> tuple[EntryWarning, ...]:
    """What says that one person stands on both sides of a matter."""
    one, other = matter.complainant, _respondent(matter)
    if one.account is not None and one.account == other.account:
        return (_SAME_PERSON,)
    return same_person(one.particulars, other.particulars)


def same_person(one: PrivateParticulars | None, other: PrivateParticulars | None) -> tuple[EntryWarning, ...]:
    """What says that two parties are one person, or are reached as one."""
    shared = _known(one) & _known(other)
    if any(each.startswith(_NUMBER) for each in shared):
        return (_SAME_PERSON,)
    mail = one is not None and other is not None and bool(one.email) and one.email == other.email
    return (_SAME_CONTACT,) if shared or mail else ()


def _respondent(matter: Matter) -> Party:
    return next(party for party in matter.parties if party.side is PartySide.RESPONDENT)


def _known_by(party: Party) -> set[str]:
    return _known(party.particulars)


def _known(private: PrivateParticulars | None) -> set[str]:
    if private is None:
        return set()
    number = {f"{_NUMBER}{compared_number(private.identity_number)}"} if private.identity_number else set()
    return number | ({f"phone {private.phone}"} if private.phone else set())


def _same_respondent(one: Party, other: Party) -> bool:
    return _compared(one.display_name) == _compared(other.display_name) or bool(_known_by(one) & _known_by(other))


def _compared(name: str) -> str:
    return "".join(one_spelling(name).split()).casefold()


def _pairs(text: str) -> frozenset[str]:
    """Every two letters that stand beside each other, of the beginning of a text."""
    letters = "".join(_WORD.findall(text[:_COMPARED])).casefold()
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1)) or frozenset({letters})


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / min(len(one), len(other))
