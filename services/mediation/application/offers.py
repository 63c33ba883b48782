"""Offers and answers. Only the acceptance of the same live offer by every necessary party makes a settlement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Owner
from services.common.kernel.errors import denied, invalid
from services.common.kernel.principal import Role
from services.common.kernel.steps import breathe
from services.common.regimes import ClockPurpose
from services.mediation.application.findings import findings_of
from services.mediation.application.ports import Clock, Work
from services.mediation.application.reach import as_mediator, as_party, regime_of
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.offer import Offer, OfferResponse
from services.mediation.domain.terms import Finding, Terms, require_fits
from services.mediation.domain.vocabulary import OfferKind, OfferState, Power

LONGEST = timedelta(days=90)
_OWED = ("obligations", "total")
"""The parts of terms that an agreement takes over as they were accepted."""
OFFERS = "offers"
"""The type of an offer, as its clock and its log name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """An offer as the caller may see it. ``findings``: what its author is told about the terms."""

    offer: Offer
    responses: tuple[OfferResponse, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer:
    case: UUID
    version: int
    kind: OfferKind
    party: UUID | None
    counters: UUID | None
    terms: Terms
    expire_time: datetime | None


async def make_offer(tx: Work, command: MakeOffer) -> OfferView:
    """An offer, a counter-offer that kills the one it counters, or a mediator's proposal that is answered blind.

    What is owed cannot change once it is accepted: an offer of which no agreement could be drafted is refused with
    TERMS_NOT_ENFORCEABLE. What an agreement still has to say is told to the author.
    """
    case = await tx.cases.get(command.case, command.version, lock=True)
    _require_author(tx, case, command)
    case.require_open()
    require_fits(command.terms)
    if command.expire_time is not None and not tx.now < command.expire_time <= tx.now + LONGEST:
        raise invalid(
            "EXPIRY_UNSUITABLE", "有效期须在未来九十日内", "it expires within ninety days", field="expire_time"
        )
    _require_own_parties(case, command.terms)
    findings = findings_of(tx, case, command.terms)
    await breathe()
    if owed := [each for each in findings if each.blocking and each.field.startswith(_OWED)]:
        raise errors.terms_not_enforceable(owed)
    if command.counters is not None:
        await _counter(tx, case, command.counters, command.party)
    id = tx.new_id()
    by_clock = None if command.expire_time else await _by_the_regime(tx, case, id)
    offer = Offer(
        id=id,
        organisation_id=case.organisation_id,
        case_id=case.id,
        number=await tx.next_offer_number(case.id),
        kind=command.kind,
        party=command.party,
        counters=command.counters,
        terms=command.terms,
        necessary=case.party_ids,
        create_time=tx.now,
        expire_time=by_clock.due_time if by_clock else cast(datetime, command.expire_time),
        provisional=bool(by_clock and by_clock.provisional),
    )
    offer.announce()
    return OfferView(offer=await tx.offers.add(offer), responses=(), findings=findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondToOffer:
    id: UUID
    version: int
    party: UUID
    accept: bool


async def respond_to_offer(tx: Work, command: RespondToOffer) -> OfferView:
    """Accepts or refuses. The last acceptance settles the case; nobody sees another's answer to a proposal before."""
    seen = await tx.offers.get(command.id)
    case = await tx.cases.get(seen.case_id, lock=True)
    as_party(tx, case, command.party, Power.SETTLE)
    offer = await tx.offers.get(command.id, lock=True)
    offer.require_live(tx.now)
    case.require_open()
    before = offer.state
    async with tx.elevated():
        earlier = (await tx.responses([offer.id])).get(offer.id, ())
    response = offer.respond(tx.new_id(), command.party, accept=command.accept, earlier=earlier, now=tx.now)
    settled = offer.state is OfferState.ACCEPTED
    await tx.add_response(response, revealed=settled or offer.kind is OfferKind.PARTY)
    if offer.state is not before:
        await _ended(tx, offer)
    if settled:
        case.agree(offer.id, offer.terms.total)
        await tx.cases.save(case)
    return OfferView(offer=offer, responses=(await tx.responses([offer.id])).get(offer.id, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeOffer:
    id: UUID
    version: int


async def revoke_offer(tx: Work, command: RevokeOffer) -> OfferView:
    """Its author takes an open offer back."""
    offer = await tx.offers.get(command.id, command.version, lock=True)
    case = await tx.cases.get(offer.case_id)
    if offer.party is None:
        as_mediator(tx, case)
    else:
        as_party(tx, case, offer.party, Power.SETTLE)
    offer.revoke(tx.now)
    await _ended(tx, offer)
    return OfferView(offer=offer, responses=(await tx.responses([offer.id])).get(offer.id, ()))


async def expiry_moved(tx: Work, deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of the clock by which an offer ends changed."""
    offer = await tx.offers.get(deadline.aggregate_id, lock=True)
    offer.expiry_moved(move)
    await tx.offers.save(offer)


async def _ended(tx: Work, offer: Offer) -> None:
    """Saves an offer that an act has ended; its clock, if it has one, is over."""
    await tx.deadlines.cancel(offer.id)
    await tx.offers.save(offer)


async def _by_the_regime(tx: Work, case: Case, offer: UUID) -> Clock:
    """The clock by which an offer ends whose author set no other day. Raises EXPIRY_MISSING where the regime names none."""
    regime = regime_of(tx, case)
    if not regime.has_clock(ClockPurpose.ANSWER_OFFER):
        raise errors.expiry_missing()
    owner = Owner(offer, case.organisation_id)
    rule = regime.clock(ClockPurpose.ANSWER_OFFER)
    return await tx.deadlines.start(rule, owner, OFFERS, regime=case.regime, anchor=tx.now)


def _require_author(tx: Work, case: Case, command: MakeOffer) -> None:
    if command.kind is OfferKind.MEDIATOR_PROPOSAL:
        as_mediator(tx, case)
        if command.party is not None or command.counters is not None:
            raise invalid("PARTY_UNSUITABLE", "调解员方案不属于某一方", "a proposal is nobody's own", field="party")
        return
    if command.party is None:
        raise invalid("PARTY_MISSING", "请注明提出方", "say who offers", field="party")
    if tx.caller.account_id == case.mediator_account and tx.caller.holds(Role.MEDIATOR, case.organisation_id):
        raise denied("NOT_ACTING_FOR_PARTY", "调解员不代表当事人", "the mediator acts for nobody")
    as_party(tx, case, command.party, Power.SETTLE)


async def _counter(tx: Work, case: Case, countered_id: UUID, party: UUID | None) -> None:
    countered = await tx.offers.get(countered_id, lock=True)
    if countered.case_id != case.id:
        raise invalid("UNKNOWN_OFFER", "本案没有该方案", "the case has no such offer", field="counters")
    if countered.party == party:
        raise errors.own_offer()
    countered.counter(tx.now)
    await _ended(tx, countered)


def _require_own_parties(case: Case, terms: Terms) -> None:
    for index, obligation in enumerate(terms.obligations):
        for field in ("obligor", "obligee"):
            if getattr(obligation, field) not in case.party_ids:
                raise errors.unknown_party(f"terms.obligations[{index}].{field}")
