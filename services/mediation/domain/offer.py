"""Offers (调解方案): numbered, immutable, dead once countered; a mediator's proposal is answered blind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove, is_over
from services.common.kernel.events import Aggregate
from services.mediation.domain import errors
from services.mediation.domain.events import offers as events
from services.mediation.domain.lifecycles import OFFER, OfferAction
from services.mediation.domain.terms import Terms
from services.mediation.domain.vocabulary import OfferKind, OfferState


@dataclass(slots=True, kw_only=True)
class OfferResponse(Aggregate):
    """A party's answer. Of a proposal nobody sees another's until all have accepted.

    An aggregate of its own: an answer that nobody may know moves nothing of the offer that others read.
    """

    case_id: UUID
    offer_id: UUID
    party: UUID
    accept: bool
    respond_time: datetime


@dataclass(slots=True, kw_only=True)
class Offer(Aggregate):
    """``necessary`` are the parties whose acceptance makes it a settlement; the offering party has given its own."""

    case_id: UUID
    number: int
    kind: OfferKind
    party: UUID | None
    counters: UUID | None
    terms: Terms
    necessary: tuple[UUID, ...]
    create_time: datetime
    expire_time: datetime
    provisional: bool = False
    """Whether ``expire_time`` waits for a calendar: nobody is too late on such a day."""
    state: OfferState = OfferState.OPEN

    @property
    def case(self) -> UUID:
        return self.case_id

    @property
    def answering(self) -> frozenset[UUID]:
        """The parties whose answer is needed."""
        return frozenset(self.necessary) - ({self.party} if self.party else set())

    def announce(self) -> None:
        self.record(
            events.OfferMade(
                offer=self.id,
                case=self.case_id,
                number=self.number,
                kind=self.kind,
                party=self.party,
                expire_time=self.expire_time,
                provisional=self.provisional,
            )
        )

    def state_at(self, now: datetime) -> OfferState:
        """An open offer whose time is over has expired, whether or not anybody noticed."""
        return OfferState.EXPIRED if self.state is OfferState.OPEN and self._over(now) else self.state

    def respond(
        self, id: UUID, party: UUID, *, accept: bool, earlier: Sequence[OfferResponse], now: datetime
    ) -> OfferResponse:
        """An answer to an open offer. ``earlier`` are the answers of the others, which the answering party may not know.

        A refused party offer is dead at once; a proposal stays open until all have answered, so that an end tells nobody
        what another said. Raises OFFER_NOT_OPEN, OFFER_EXPIRED, OWN_OFFER, ALREADY_ANSWERED, UNKNOWN_PARTY.
        """
        self.require_live(now)
        if party == self.party:
            raise errors.own_offer()
        if party not in self.answering:
            raise errors.unknown_party()
        if any(each.party == party for each in earlier):
            raise errors.already_answered()
        action = self._action({each.party: each.accept for each in earlier} | {party: accept})
        if action is not OfferAction.ANSWER:
            self._end(action)
        response = OfferResponse(
            id=id,
            organisation_id=self.organisation_id,
            case_id=self.case_id,
            offer_id=self.id,
            party=party,
            accept=accept,
            respond_time=now,
        )
        response.record(events.OfferAnswered(offer=self.id, party=party, accept=accept))
        return response

    def counter(self, now: datetime) -> None:
        """A counter-offer kills it. Raises OFFER_NOT_OPEN, OFFER_EXPIRED."""
        self.require_live(now)
        self._end(OfferAction.COUNTER)

    def revoke(self, now: datetime) -> None:
        self.require_live(now)
        self._end(OfferAction.REVOKE)

    def require_live(self, now: datetime) -> None:
        """Raises OFFER_NOT_OPEN, OFFER_EXPIRED."""
        if self.state is not OfferState.OPEN:
            raise errors.offer_dead(self.state)
        if self._over(now):
            raise errors.offer_expired()

    def expiry_moved(self, move: DeadlineMove) -> None:
        """The calendar of the clock by which it ends changed."""
        self.expire_time, self.provisional = move.due_time, move.provisional
        self.record(events.OfferExpiryMoved(offer=self.id, move=move))

    def _over(self, now: datetime) -> bool:
        return is_over(self.expire_time, now, provisional=self.provisional)

    def _action(self, answers: dict[UUID, bool]) -> OfferAction:
        complete = set(answers) >= self.answering
        if complete and all(answers.values()):
            return OfferAction.ACCEPT
        refused = not all(answers.values())
        if refused and (complete or self.kind is OfferKind.PARTY):
            return OfferAction.REFUSE
        return OfferAction.ANSWER

    def _end(self, action: OfferAction) -> None:
        self.state = OFFER.next(self.state, action)
        self.record(events.OfferEnded(offer=self.id, state=self.state))
