"""What happened to an offer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove
from services.common.kernel.events import DomainEvent
from services.mediation.domain.vocabulary import OfferKind, OfferState


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(DomainEvent):
    offer: UUID
    case: UUID
    number: int
    kind: OfferKind
    party: UUID | None
    expire_time: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExpiryMoved(DomainEvent):
    """The calendar of the clock by which it ends changed; those who look at it see the new day."""

    offer: UUID
    move: DeadlineMove


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered(DomainEvent):
    offer: UUID
    party: UUID
    accept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(DomainEvent):
    offer: UUID
    state: OfferState
