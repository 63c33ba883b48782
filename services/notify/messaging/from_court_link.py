"""What court_link tells: referrals, applications, rulings, and their time limits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_events_pb2 as court

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.notify.application.ports import Subject
from services.notify.application.tell import Telling, everybody, tell
from services.notify.domain.values import Card
from services.notify.messaging.dossiers import Pull
from services.notify.messaging.invitations import invitation_failed, invited, joined
from services.notify.messaging.notices import of_notice
from services.notify.messaging.telling import (
    Apply,
    Facts,
    another_day,
    no_facts,
    telling,
    telling_move,
    telling_near,
    to_account,
    to_all,
    with_cards,
)
from services.notify.storage.transaction import NotifyTransaction as Tx


async def _referral_received(tx: Tx, event: court.ReferralReceived, _envelope: Envelope, cards: Sequence[Card]) -> None:
    organisation = parse_name("organisations", event.organisation)
    subject = Subject(name=event.referral, number=event.number, organisation_id=organisation, sample=event.sample)
    await tx.people.keep_subject(subject)
    await tx.people.keep_cards(cards)


async def _word_for_court(tx: Tx, event: court.PressureReported, envelope: Envelope, _prepared: Any) -> None:
    """The clerks and judges, once the application is before them. Who cannot be reached is for nobody of another house."""
    if not event.before_court:
        return
    organisation = parse_name("organisations", event.organisation)
    subject = replace(await tx.people.subject(event.case), organisation_id=organisation)
    told = Telling(event_id=envelope.event_id, template="word_for_court", subject=subject, urgent=True)
    cards = [card for role in ("COURT_CLERK", "JUDGE") for card in await tx.people.staff_cards(organisation, role)]
    await tell(tx, told, list({card.recipient: card for card in cards}.values()))


async def _limits_began(tx: Tx, event: court.ApplicationLimitsBegan, envelope: Envelope, _prepared: Any) -> None:
    """The parties of what they may do, and the clerks of until when others may come."""
    subject = await tx.people.subject(event.case)
    limits = [of_notice(each) for each in event.notices]
    told = Telling(event_id=envelope.event_id, template="limits_began", subject=subject, facts={"limits": limits})
    await tell(tx, told, await everybody(tx, subject))
    organisation = parse_name("organisations", event.organisation)
    own = replace(subject, organisation_id=organisation)
    facts = of_notice(event.of_others)
    told = Telling(event_id=envelope.event_id, template="limit_of_others", subject=own, facts=facts)
    await tell(tx, told, await tx.people.staff_cards(organisation, "COURT_CLERK"))


async def _all_and_clerks(
    tx: Tx, subject: Subject, event: court.ApplicationFilingRefused | court.ApplicationDeadlineMoved
) -> Sequence[Card]:
    clerks = await tx.people.staff_cards(parse_name("organisations", event.organisation), "COURT_CLERK")
    return [*await everybody(tx, subject), *clerks]


async def _of_application(tx: Tx, subject: Subject, event: court.ApplicationDeadlineMoved) -> Sequence[Card]:
    if another_day(event):
        return await _all_and_clerks(tx, subject, event)
    return await everybody(tx, subject)


def reactions(cards: Pull) -> Mapping[str, Reaction[Tx]]:
    """Event type to reaction."""

    def filed(event: court.ApplicationFiled) -> Mapping[str, object]:
        return {
            "receipt_number": event.receipt_number,
            "due_date": event.acceptance_due_date,
            "provisional": event.provisional,
        }

    def accepted(event: court.ApplicationAccepted) -> Mapping[str, object]:
        return {
            "docket_number": event.docket_number,
            "due_date": event.decision_due_date,
            "provisional": event.provisional,
        }

    def supplement(event: court.ApplicationSupplementRequired) -> Mapping[str, object]:
        return {"due_date": event.due_date}

    def ruled(event: court.RulingIssued) -> Mapping[str, object]:
        return {
            "ruling_number": event.number,
            "confirmed": event.outcome == application_pb2.RULING_OUTCOME_CONFIRMED,
        }

    def created(event: court.ApplicationCreated) -> Mapping[str, object]:
        return {"due_date": event.due_date, "provisional": event.provisional}

    def about_case(template: str, facts: Facts = no_facts) -> Apply:
        return telling(template, "case", facts=facts)

    return {
        "referral.received": with_cards(court.ReferralReceived, _referral_received, cards, "referral"),
        "pressure_report.made": Reaction(court.PressureReported, _word_for_court),
        "referral.party_invited": Reaction(court.ReferralPartyInvited, invited),
        "referral.invitation_failed": Reaction(court.ReferralInvitationFailed, invitation_failed),
        "referral.party_joined": Reaction(court.ReferralPartyJoined, joined),
        "application_window.near": Reaction(court.WindowNear, telling_near("case", to_all)),
        "application.limits_began": Reaction(court.ApplicationLimitsBegan, _limits_began),
        "application.deadline_near": Reaction(court.ApplicationDeadlineNear, telling_near("case", to_all)),
        "application_window.moved": Reaction(court.WindowMoved, telling_move("case", to_all)),
        "application.deadline_moved": Reaction(court.ApplicationDeadlineMoved, telling_move("case", _of_application)),
        "application_window.lapsed": Reaction(court.WindowLapsed, about_case("window_lapsed")),
        "application.created": Reaction(court.ApplicationCreated, about_case("application_consent_needed", created)),
        "application.filed": Reaction(court.ApplicationFiled, about_case("application_filed", filed)),
        "application.filing_refused": Reaction(
            court.ApplicationFilingRefused, telling("application_filing_refused", "case", whom=_all_and_clerks)
        ),
        "application.accepted": Reaction(court.ApplicationAccepted, about_case("application_accepted", accepted)),
        "application.not_accepted": Reaction(court.ApplicationNotAccepted, about_case("application_not_accepted")),
        "application.supplement_required": Reaction(
            court.ApplicationSupplementRequired, about_case("supplement_required", supplement)
        ),
        "application.withdrawn": Reaction(court.ApplicationWithdrawn, about_case("application_withdrawn")),
        "ruling.signing_failed": Reaction(
            court.RulingSigningFailed, telling("ruling_signing_failed", "case", whom=to_account, urgent=True)
        ),
        "ruling.issued": Reaction(court.RulingIssued, about_case("ruling_issued", ruled)),
    }
