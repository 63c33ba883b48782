"""A note or statement in one compartment of a case. Release is the party's own act, item by item, and cannot be undone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.errors import precondition
from services.common.kernel.events import Aggregate
from services.mediation.domain.events import items as events
from services.mediation.domain.vocabulary import Compartment

OF_A_PARTY = frozenset({Compartment.CAUCUS, Compartment.PARTY_PRIVATE})
_OPEN = frozenset({Compartment.SHARED, Compartment.COURT_VISIBLE})
SHARED_SHELF, MEDIATOR_SHELF = "SHARED", "MEDIATOR"


def party_shelf(compartment: Compartment, party: UUID | None) -> str:
    return f"{compartment.name} {party}"


@dataclass(slots=True, kw_only=True)
class Item(Aggregate):
    """``mediator_account`` is the mediator of its time: a successor does not read old private notes.

    ``pressure`` marks what a party says that does not act freely. Said before there is a mediator, it waits for
    one. ``confidential`` was said in confidence.
    """

    case_id: UUID
    compartment: Compartment
    party: UUID | None
    author: UUID
    text: str
    create_time: datetime
    mediator_account: UUID | None = None
    release_time: datetime | None = None
    pressure: bool = False
    confidential: bool = False

    @property
    def case(self) -> UUID:
        return self.case_id

    @property
    def shelf(self) -> str:
        """Where it lies: whoever reads goes to its own shelves, so that no time tells what lies on the others."""
        if self.release_time is not None or self.compartment in _OPEN:
            return SHARED_SHELF
        if self.compartment is Compartment.MEDIATOR_ONLY:
            return MEDIATOR_SHELF
        return party_shelf(self.compartment, self.party)

    def announce(self) -> None:
        self.record(events.ItemAdded(item=self.id, case=self.case_id, compartment=self.compartment, party=self.party))
        if self.pressure:
            self.record(events.PressureReported(item=self.id, case=self.case_id))

    def release(self, now: datetime) -> None:
        """Raises NOT_RELEASABLE unless it is a party's own, ALREADY_RELEASED."""
        if self.compartment not in OF_A_PARTY or self.party is None:
            raise precondition("NOT_RELEASABLE", "该内容不能公开", "only what belongs to one party can be released")
        if self.release_time is not None:
            raise precondition("ALREADY_RELEASED", "该内容已公开", "it was released already")
        self.release_time = now
        self.record(events.ItemReleased(item=self.id, party=self.party))
