"""A mediator of a roster (调解员), and the search for relations to the people of a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.common.kernel.identity_numbers import compared_number
from services.common.kernel.names import one_spelling
from services.mediation.domain.events.mediators import MediatorCreated
from services.mediation.domain.parties import CaseParty
from services.mediation.domain.vocabulary import RecusalGround


@dataclass(slots=True, kw_only=True)
class Mediator(Aggregate):
    """One person of an organisation's roster. Phone and identity number serve the conflict check and are never shown."""

    account: UUID
    display_name: str
    employer: str = ""
    phone: str = ""
    identity_number: str = ""
    languages: tuple[str, ...] = ()

    @property
    def organisation(self) -> UUID:
        return self.organisation_id

    def enrol(self) -> None:
        self.record(MediatorCreated(mediator=self.id, account=self.account))


def find_relations(mediator: Mediator, parties: Iterable[CaseParty]) -> tuple[RecusalGround, ...]:
    """Grounds found by comparing the mediator with every party and agent: account, number, phone, name, employer."""
    found: set[RecusalGround] = set()
    for party in parties:
        found |= _relations_to_party(mediator, party)
    return tuple(sorted(found, key=lambda ground: ground.value))


def is_party(mediator: Mediator, parties: Iterable[CaseParty]) -> bool:
    """Whether the mediator is a party or an agent of this case: then no waiver helps."""
    return any(
        party.acts(mediator.account) or _same_number(mediator.identity_number, party.particulars.identity_number)
        for party in parties
    )


def _relations_to_party(mediator: Mediator, party: CaseParty) -> set[RecusalGround]:
    found: set[RecusalGround] = set()
    particulars = party.particulars
    if party.acts(mediator.account) or _same_number(mediator.identity_number, particulars.identity_number):
        found.add(RecusalGround.INTEREST)
    if _same(mediator.employer, particulars.display_name):
        found.add(RecusalGround.INTEREST)
    if _same(mediator.phone, particulars.phone) or _same(mediator.display_name, particulars.display_name):
        found.add(RecusalGround.OTHER_RELATION)
    for agent in party.representatives:
        if _same(mediator.employer, agent.employer) or _same(mediator.display_name, agent.display_name):
            found.add(RecusalGround.OTHER_RELATION)
    return found


def _same_number(one: str, other: str) -> bool:
    return bool(one) and compared_number(one) == compared_number(other)


def _same(one: str, other: str) -> bool:
    """Equal but for spaces and letter case, each in its one spelling; nothing equals nothing."""
    return bool(one) and _compared(one) == _compared(other)


def _compared(text: str) -> str:
    return "".join(one_spelling(text).split()).casefold()
