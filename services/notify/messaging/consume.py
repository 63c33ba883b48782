"""Whose events notify reacts to, and what is told to whom because of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, TypeAlias

from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_events_pb2 as court
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.intake.v1 import intake_events_pb2 as intake
from comity.intake.v1 import matter_pb2
from comity.mediation.v1 import agreement_pb2
from comity.mediation.v1 import mediation_events_pb2 as mediation
from google.protobuf.message import Message

from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.common.messaging.revocations import REVOCATIONS
from services.notify.application.call_backs import owe_call_back
from services.notify.application.effective import window_end
from services.notify.application.moved import DEADLINE_MOVED, moved
from services.notify.application.ports import Sender, Subject
from services.notify.application.tell import NOBODY, Telling, everybody, mediator_card, party_card, tell
from services.notify.domain.values import Card
from services.notify.messaging.dossiers import Ask, Pull
from services.notify.messaging.notices import LIMIT_NEAR, of_notice
from services.notify.storage.transaction import NotifyTransaction as Tx

Apply: TypeAlias = Callable[[Tx, Any, Envelope, Any], Awaitable[None]]
Facts: TypeAlias = Callable[[Any], Mapping[str, object]]
NewestOf: TypeAlias = Callable[[Any], str] | None
Whom: TypeAlias = Callable[[Tx, Subject, Any], Awaitable[Sequence[Card]]]

_TOLD_BY_TELEPHONE = 12
"""As much of an account's id as anybody wants to spell."""
PARTIES_COMPLETE = agreement_pb2.ROUND_STATE_PARTIES_COMPLETE
AWAITING_SEAL = agreement_pb2.ROUND_STATE_AWAITING_SEAL


async def _all(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return await everybody(tx, subject)


async def _all_and_mediator(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return [*await everybody(tx, subject), *await mediator_card(tx, subject)]


async def _mediator(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return await mediator_card(tx, subject)


async def _account(tx: Tx, _subject: Subject, event: Any) -> Sequence[Card]:
    return [await tx.people.account_card(event.account)]


async def _attendants(tx: Tx, subject: Subject, event: Any) -> Sequence[Card]:
    """A private session is told to its party and to nobody else."""
    return await party_card(tx, subject, event.caucus_party) if event.caucus_party else await everybody(tx, subject)


def _no_facts(_event: Any) -> Mapping[str, object]:
    return {}


def _times(event: Any) -> Mapping[str, object]:
    start, end = (getattr(event, field).ToDatetime(tzinfo=UTC) for field in ("start_time", "end_time"))
    return {"start_time": start, "end_time": end, "caucus": bool(event.caucus_party)}


def telling(template: str, about: str, *, facts: Facts = _no_facts, whom: Whom = _all, urgent: bool = False) -> Apply:
    """A reaction that only tells: ``about`` is the event's field that names the subject."""

    async def apply(tx: Tx, event: Any, envelope: Envelope, _prepared: Any) -> None:
        subject = await tx.people.subject(getattr(event, about))
        told = Telling(
            event_id=envelope.event_id, template=template, subject=subject, facts=facts(event), urgent=urgent
        )
        await tell(tx, told, await whom(tx, subject, event))

    return apply


def telling_move(about: str, whom: Whom) -> Apply:
    """A time limit moved with its calendar: who was told the old day is told the new one."""

    def facts(event: Any) -> Mapping[str, object]:
        move = event.move
        return moved(move.name_zh, move.name_en, move.old_due_date, move.due_date, provisional=move.provisional)

    return telling(DEADLINE_MOVED, about, facts=facts, whom=whom)


def telling_near(about: str, whom: Whom) -> Apply:
    """A time limit is about to end: until when, and what happens otherwise."""
    return telling(LIMIT_NEAR, about, facts=lambda event: of_notice(event.notice), whom=whom)


async def _who_has_not_signed(tx: Tx, subject: Subject, event: mediation.AgreementExpiryNear) -> Sequence[Card]:
    missing = [card for party in event.parties for card in await party_card(tx, subject, party)]
    return [*missing, *await mediator_card(tx, subject)]


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


def _another_day(event: Any) -> bool:
    """Staff are told of another day; that a day is certain now, they see."""
    return bool(event.move.old_due_date != event.move.due_date)


async def _of_matter(tx: Tx, subject: Subject, event: intake.MatterDeadlineMoved) -> Sequence[Card]:
    officers = await _in_charge(tx, subject, event.officer, supervisors=False) if _another_day(event) else ()
    return [*officers, *(await everybody(tx, subject) if event.told_to_party else ())]


async def _of_case(tx: Tx, subject: Subject, event: mediation.CaseDeadlineMoved) -> Sequence[Card]:
    if event.told_to_party:
        return await _all_and_mediator(tx, subject, event)
    return await tx.people.staff_cards(subject.organisation_id, "CASE_ADMINISTRATOR") if _another_day(event) else ()


async def _of_application(tx: Tx, subject: Subject, event: court.ApplicationDeadlineMoved) -> Sequence[Card]:
    if _another_day(event):
        return await _all_and_clerks(tx, subject, event)
    return await everybody(tx, subject)


async def _matter_received(tx: Tx, event: intake.MatterReceived, envelope: Envelope, cards: Sequence[Card]) -> None:
    organisation = parse_name("organisations", event.organisation)
    subject = Subject(name=event.matter, number=event.number, organisation_id=organisation, sample=event.sample)
    await tx.people.keep_subject(subject)
    await tx.people.keep_cards(cards)
    await tx.people.join_audience(event.matter, [event.complainant])
    facts = {
        "receive_date": envelope.time.astimezone(HOUSE_ZONE).date(),
        "due_date": event.acceptance_due_date,
        "provisional": event.acceptance_provisional,
    }
    told = Telling(event_id=envelope.event_id, template="matter_received", subject=subject, facts=facts)
    await tell(tx, told, await everybody(tx, subject))


async def _invited(
    tx: Tx, event: intake.MatterPartyInvited | court.ReferralPartyInvited, envelope: Envelope, _prepared: Any
) -> None:
    if isinstance(event, court.ReferralPartyInvited):
        name, template = event.referral, "referral_party_invited"
    else:
        name, template = event.matter, "party_invited"
    subject = await tx.people.subject(name)
    await tx.people.join_audience(name, [event.party])
    facts = {
        "invitation": event.invitation,
        "expire_time": await tx.senders.invited_until(event.invitation, envelope.time),
    }
    told = Telling(event_id=envelope.event_id, template=template, subject=subject, facts=facts)
    await tell(tx, told, await party_card(tx, subject, event.party))


async def _joined(
    tx: Tx, event: intake.MatterPartyJoined | court.ReferralPartyJoined, _envelope: Envelope, _prepared: Any
) -> None:
    name = event.matter if isinstance(event, intake.MatterPartyJoined) else event.referral
    await tx.people.subject(name)
    await tx.people.bind(name, event.party, event.account)


async def _invitation_failed(
    tx: Tx, event: intake.MatterInvitationFailed | court.ReferralInvitationFailed, envelope: Envelope, _prepared: Any
) -> None:
    """Those who answer for the matter, or the clerks of the court that referred it."""
    if isinstance(event, court.ReferralInvitationFailed):
        subject, template = await tx.people.subject(event.referral), "referral_invitation_failed"
        organisation, role = parse_name("organisations", event.organisation), "COURT_CLERK"
    else:
        subject, template = await tx.people.subject(event.matter), "invitation_failed"
        organisation, role = subject.organisation_id, "INTAKE_OFFICER"
    told = Telling(event_id=envelope.event_id, template=template, subject=subject, facts={"reason": event.reason})
    await tell(tx, told, await tx.people.staff_cards(organisation, role))


async def _deadline(
    tx: Tx, event: intake.MatterDeadlineNear | intake.MatterDeadlineLapsed, envelope: Envelope, _prepared: Any
) -> None:
    subject = await tx.people.subject(event.matter)
    lapsed = isinstance(event, intake.MatterDeadlineLapsed)
    cards = await _in_charge(tx, subject, event.officer, supervisors=lapsed)
    facts = {name: getattr(event, name) for name in ("rule", "source", "due_date", "provisional")}
    template = "deadline_lapsed" if lapsed else "deadline_near"
    told = Telling(event_id=envelope.event_id, template=template, subject=subject, facts=facts)
    await tell(tx, told, cards)


async def _in_charge(tx: Tx, subject: Subject, officer: str, *, supervisors: bool) -> Sequence[Card]:
    """The officer, or every officer while nobody is in charge, and perhaps the supervisors; each of them once."""
    if officer:
        cards = [await tx.people.account_card(officer)]
    else:
        cards = await tx.people.staff_cards(subject.organisation_id, "INTAKE_OFFICER")
    if supervisors:
        cards = [*cards, *await tx.people.staff_cards(subject.organisation_id, "SUPERVISOR")]
    return list({card.recipient: card for card in cards}.values())


async def _officers_and_supervisors(tx: Tx, subject: Subject, event: intake.PressureReported) -> Sequence[Card]:
    return await _in_charge(tx, subject, event.officer, supervisors=True)


async def _all_and_clerks(
    tx: Tx, subject: Subject, event: court.ApplicationFilingRefused | court.ApplicationDeadlineMoved
) -> Sequence[Card]:
    clerks = await tx.people.staff_cards(parse_name("organisations", event.organisation), "COURT_CLERK")
    return [*await everybody(tx, subject), *clerks]


async def _word_for_court(tx: Tx, event: court.PressureReported, envelope: Envelope, _prepared: Any) -> None:
    """The clerks and judges, once the application is before them. Who cannot be reached is for nobody of another house."""
    if not event.before_court:
        return
    organisation = parse_name("organisations", event.organisation)
    subject = replace(await tx.people.subject(event.case), organisation_id=organisation)
    told = Telling(event_id=envelope.event_id, template="word_for_court", subject=subject, urgent=True)
    cards = [card for role in ("COURT_CLERK", "JUDGE") for card in await tx.people.staff_cards(organisation, role)]
    await tell(tx, told, list({card.recipient: card for card in cards}.values()))


async def _concluded(tx: Tx, event: intake.MatterConcluded, envelope: Envelope, _prepared: Any) -> None:
    subject = await tx.people.subject(event.matter)
    await owe_call_back(tx, envelope.event_id, subject, event.party, event.regime)


async def _organisation_told(
    tx: Tx, _event: Any, _envelope: Envelope, found: identity_service_pb2.Organisation
) -> None:
    sender = Sender(display_name=found.display_name, telephone=found.telephone)
    await tx.senders.keep(parse_name("organisations", found.name), sender, found.version)


async def _invitation_created(
    tx: Tx, event: identity_events_pb2.InvitationCreated, _envelope: Envelope, _prepared: Any
) -> None:
    await tx.senders.keep_invitation(event.invitation, event.expire_time.ToDatetime(tzinfo=UTC))


async def _account_contacts(tx: Tx, _event: Any, envelope: Envelope, cards: Sequence[Card]) -> None:
    await tx.people.keep_cards(cards, envelope.version)


async def _contact_changed(
    tx: Tx, event: identity_events_pb2.AccountContactVerified, envelope: Envelope, cards: Sequence[Card]
) -> None:
    """Every contact that the account had before is told: whoever took it over cannot do so unseen."""
    await tx.people.keep_cards(cards, envelope.version)
    former = [replace(card, verified=True) for card in cards if card.recipient != event.account]
    subject = Subject(name=event.account, number=event.account[-_TOLD_BY_TELEPHONE:], organisation_id=NOBODY)
    told = Telling(event_id=envelope.event_id, template="contact_changed", subject=subject, urgent=True)
    await tell(tx, told, former)


async def _role_granted(tx: Tx, event: identity_events_pb2.AccountRoleGranted, *_: Any) -> None:
    await tx.people.account_card(event.account)
    await tx.people.grant(parse_name("organisations", event.organisation), _role(event.role), event.account)


async def _role_revoked(tx: Tx, event: identity_events_pb2.AccountRoleRevoked, *_: Any) -> None:
    await tx.people.revoke(parse_name("organisations", event.organisation), _role(event.role), event.account)


def _role(number: int) -> str:
    return identity_service_pb2.Role.Name(number).removeprefix("ROLE_")  # type: ignore[arg-type]


async def _case_opened(tx: Tx, event: mediation.CaseOpened, envelope: Envelope, _prepared: Any) -> None:
    origin = await tx.people.subject(event.origin)
    subject = Subject(
        name=event.case,
        number=event.number,
        organisation_id=parse_name("organisations", event.organisation),
        origin=event.origin,
        sample=origin.sample,
    )
    await tx.people.keep_subject(subject)
    await tx.people.join_audience(event.origin, list(event.parties))
    told = Telling(event_id=envelope.event_id, template="case_opened", subject=subject)
    await tell(tx, told, await everybody(tx, subject))


async def _mediator_appointed(tx: Tx, event: mediation.MediatorAppointed, envelope: Envelope, _prepared: Any) -> None:
    subject = await tx.people.subject(event.case)
    await tx.people.set_mediator(event.case, event.account)
    card = await tx.people.account_card(event.account)
    facts = {"mediator": card.display_name}
    told = Telling(event_id=envelope.event_id, template="mediator_appointed", subject=subject, facts=facts)
    await tell(tx, told, await everybody(tx, subject))
    assigned = Telling(event_id=envelope.event_id, template="mediator_assigned", subject=subject)
    await tell(tx, assigned, [card])


def _session_told(template: str) -> Apply:
    """When and where, and who mediates; urgent when it is no longer what was told before."""

    async def apply(tx: Tx, event: Any, envelope: Envelope, _prepared: Any) -> None:
        subject = await tx.people.subject(event.case)
        mediators = await mediator_card(tx, subject)
        told = Telling(
            event_id=envelope.event_id,
            template=template,
            subject=subject,
            facts={
                **_times(event),
                "room": event.room,
                "mediator": mediators[0].display_name if mediators else "",
            },
            urgent=template != "session_scheduled",
        )
        await tell(tx, told, await _attendants(tx, subject, event))

    return apply


async def _slot_signed(tx: Tx, event: mediation.AgreementSlotSigned, envelope: Envelope, _prepared: Any) -> None:
    subject = await tx.people.subject(event.case)
    if event.state == PARTIES_COMPLETE:
        told = Telling(event_id=envelope.event_id, template="sign_as_mediator", subject=subject)
        await tell(tx, told, await mediator_card(tx, subject))
    elif event.state == AWAITING_SEAL:
        told = Telling(event_id=envelope.event_id, template="sign_with_seal", subject=subject)
        await tell(tx, told, await tx.people.staff_cards(subject.organisation_id, "SEAL_KEEPER"))


async def _agreement_effective(tx: Tx, event: mediation.AgreementEffective, envelope: Envelope, _prepared: Any) -> None:
    subject = await tx.people.subject(event.case)
    end = window_end(tx, event.regime, event.effective_time.ToDatetime(tzinfo=UTC))
    facts = {"due_date": end.date if end else None, "provisional": bool(end and end.provisional)}
    told = Telling(event_id=envelope.event_id, template="agreement_effective", subject=subject, facts=facts)
    await tell(tx, told, await everybody(tx, subject))


async def _referral_received(tx: Tx, event: court.ReferralReceived, _envelope: Envelope, cards: Sequence[Card]) -> None:
    organisation = parse_name("organisations", event.organisation)
    subject = Subject(name=event.referral, number=event.number, organisation_id=organisation, sample=event.sample)
    await tx.people.keep_subject(subject)
    await tx.people.keep_cards(cards)


def _held(event: identity_events_pb2.AccountRoleGranted | identity_events_pb2.AccountRoleRevoked) -> str:
    """Whether the role is held: a grant that was put off comes too late after the role was taken away."""
    return f"{_role(event.role)} of {event.organisation}"


def _session(_event: Any) -> str:
    """Whether and when it is: nobody is told of an old time after a new one, or of any after it was called off."""
    return "session"


def reactions(
    intake_cards: Pull, account_cards: Pull, referral_cards: Pull, organisation: Ask
) -> Mapping[str, Mapping[str, Reaction[Tx]]]:
    """Publishing service to event type to reaction."""

    def with_cards(message: type[Message], apply: Apply, pull: Pull, about: str) -> Reaction[Tx]:
        async def prepare(event: Any) -> Sequence[Card]:
            return await pull(getattr(event, about), event.contacts_digest) if event.contacts_digest else ()

        return Reaction(message, apply, prepare)

    def closed(event: intake.MatterClosed) -> Mapping[str, object]:
        return {"outcome": matter_pb2.Outcome.Name(event.outcome).removeprefix("OUTCOME_")}

    async def asked(event: Any) -> identity_service_pb2.Organisation:
        return await organisation(event.organisation)

    return {
        "intake": {
            "matter.received": with_cards(intake.MatterReceived, _matter_received, intake_cards, "matter"),
            "matter.accepted": Reaction(intake.MatterAccepted, telling("matter_accepted", "matter")),
            "matter.declined": Reaction(intake.MatterDeclined, telling("matter_declined", "matter")),
            "matter.party_invited": Reaction(intake.MatterPartyInvited, _invited),
            "matter.invitation_failed": Reaction(intake.MatterInvitationFailed, _invitation_failed),
            "matter.deadline_near": Reaction(intake.MatterDeadlineNear, _deadline),
            "matter.deadline_lapsed": Reaction(intake.MatterDeadlineLapsed, _deadline),
            "matter.deadline_moved": Reaction(intake.MatterDeadlineMoved, telling_move("matter", _of_matter)),
            "matter.party_joined": Reaction(intake.MatterPartyJoined, _joined),
            "matter.forwarded": Reaction(intake.MatterForwarded, telling("matter_forwarded", "matter")),
            "matter.withdrawn": Reaction(intake.MatterWithdrawn, telling("matter_withdrawn", "matter")),
            "matter.concluded": Reaction(intake.MatterConcluded, _concluded),
            "matter.closed": Reaction(intake.MatterClosed, telling("matter_closed", "matter", facts=closed)),
            "pressure_report.made": Reaction(
                intake.PressureReported,
                telling("word_for_officers", "matter", whom=_officers_and_supervisors, urgent=True),
            ),
        },
        "identity": {
            "account.registered": with_cards(
                identity_events_pb2.AccountRegistered, _account_contacts, account_cards, "account"
            ),
            "account.contact_verified": with_cards(
                identity_events_pb2.AccountContactVerified, _contact_changed, account_cards, "account"
            ),
            "organisation.created": Reaction(identity_events_pb2.OrganisationCreated, _organisation_told, asked),
            "organisation.telephone_changed": Reaction(
                identity_events_pb2.OrganisationTelephoneChanged, _organisation_told, asked
            ),
            "invitation.created": Reaction(identity_events_pb2.InvitationCreated, _invitation_created),
            **REVOCATIONS,
            "account.role_granted": Reaction(identity_events_pb2.AccountRoleGranted, _role_granted, newest_of=_held),
            "account.role_revoked": Reaction(identity_events_pb2.AccountRoleRevoked, _role_revoked, newest_of=_held),
        },
        "mediation": _of_mediation(),
        "court_link": {
            "referral.received": with_cards(court.ReferralReceived, _referral_received, referral_cards, "referral"),
            **_of_court_link(),
        },
    }


def _of_mediation() -> dict[str, Reaction[Tx]]:
    def expiry(event: Any) -> Mapping[str, object]:
        return {"expire_time": event.expire_time.ToDatetime(tzinfo=UTC), "provisional": event.provisional}

    def cancelled(event: Any) -> Mapping[str, object]:
        return {"caucus": bool(event.caucus_party)}

    return {
        "case.opened": Reaction(mediation.CaseOpened, _case_opened),
        "case.declined": Reaction(mediation.CaseDeclined, telling("case_declined", "case")),
        "case.mediator_appointed": Reaction(
            mediation.MediatorAppointed, _mediator_appointed, newest_of=lambda _: "mediator"
        ),
        "case.deadline_near": Reaction(mediation.CaseDeadlineNear, telling_near("case", _all_and_mediator)),
        "agreement.expiry_near": Reaction(mediation.AgreementExpiryNear, telling_near("case", _who_has_not_signed)),
        "case.deadline_moved": Reaction(mediation.CaseDeadlineMoved, telling_move("case", _of_case)),
        "agreement.expiry_moved": Reaction(mediation.AgreementExpiryMoved, telling_move("case", _all_and_mediator)),
        "case.terminated": Reaction(mediation.CaseTerminated, telling("case_terminated", "case")),
        "case.reopened": Reaction(mediation.CaseReopened, telling("case_reopened", "case", whom=_all_and_mediator)),
        "session.scheduled": Reaction(
            mediation.SessionScheduled, _session_told("session_scheduled"), newest_of=_session
        ),
        "session.rescheduled": Reaction(
            mediation.SessionRescheduled, _session_told("session_rescheduled"), newest_of=_session
        ),
        "session.cancelled": Reaction(
            mediation.SessionCancelled,
            telling("session_cancelled", "case", facts=cancelled, whom=_attendants, urgent=True),
            newest_of=_session,
        ),
        # The words stay neutral: a mail is read over shoulders.
        "item.pressure_reported": Reaction(
            mediation.PressureReported, telling("word_for_mediator", "case", whom=_mediator, urgent=True)
        ),
        "session_record.seal_failed": Reaction(
            mediation.SessionRecordSealFailed, telling("record_not_sealed", "case", whom=_account)
        ),
        "settlement.recorded": Reaction(mediation.SettlementRecorded, telling("settlement_recorded", "case")),
        "agreement.frozen": Reaction(mediation.AgreementFrozen, telling("agreement_frozen", "case", facts=expiry)),
        "agreement.act_released": Reaction(
            mediation.AgreementActReleased, telling("signature_failed", "case", whom=_account, urgent=True)
        ),
        "agreement.slot_signed": Reaction(mediation.AgreementSlotSigned, _slot_signed),
        "agreement.effective": Reaction(mediation.AgreementEffective, _agreement_effective),
        "agreement.sealed": Reaction(mediation.AgreementSealed, telling("agreement_sealed", "case")),
        "agreement.round_ended": Reaction(
            mediation.AgreementRoundEnded, telling("round_ended", "case", whom=_all_and_mediator)
        ),
    }


def _of_court_link() -> dict[str, Reaction[Tx]]:
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

    def about_case(template: str, facts: Facts = _no_facts) -> Apply:
        return telling(template, "case", facts=facts)

    return {
        "pressure_report.made": Reaction(court.PressureReported, _word_for_court),
        "referral.party_invited": Reaction(court.ReferralPartyInvited, _invited),
        "referral.invitation_failed": Reaction(court.ReferralInvitationFailed, _invitation_failed),
        "referral.party_joined": Reaction(court.ReferralPartyJoined, _joined),
        "application_window.near": Reaction(court.WindowNear, telling_near("case", _all)),
        "application.limits_began": Reaction(court.ApplicationLimitsBegan, _limits_began),
        "application.deadline_near": Reaction(court.ApplicationDeadlineNear, telling_near("case", _all)),
        "application_window.moved": Reaction(court.WindowMoved, telling_move("case", _all)),
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
            court.RulingSigningFailed, telling("ruling_signing_failed", "case", whom=_account, urgent=True)
        ),
        "ruling.issued": Reaction(court.RulingIssued, about_case("ruling_issued", ruled)),
    }
