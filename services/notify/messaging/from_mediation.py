"""What mediation tells: cases, sessions, settlements, agreements."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from comity.mediation.v1 import agreement_pb2
from comity.mediation.v1 import mediation_events_pb2 as mediation

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.notify.application.effective import window_end
from services.notify.application.ports import Subject
from services.notify.application.tell import Telling, everybody, mediator_card, party_card, tell
from services.notify.domain.values import Card
from services.notify.messaging.telling import (
    Apply,
    another_day,
    telling,
    telling_move,
    telling_near,
    to_account,
    to_all_and_mediator,
    to_mediator,
)
from services.notify.storage.transaction import NotifyTransaction as Tx

PARTIES_COMPLETE = agreement_pb2.ROUND_STATE_PARTIES_COMPLETE
AWAITING_SEAL = agreement_pb2.ROUND_STATE_AWAITING_SEAL


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


async def _attendants(tx: Tx, subject: Subject, event: Any) -> Sequence[Card]:
    """A private session is told to its party and to nobody else."""
    return await party_card(tx, subject, event.caucus_party) if event.caucus_party else await everybody(tx, subject)


def _times(event: Any) -> Mapping[str, object]:
    start, end = (getattr(event, field).ToDatetime(tzinfo=UTC) for field in ("start_time", "end_time"))
    return {"start_time": start, "end_time": end, "caucus": bool(event.caucus_party)}


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


def _session(_event: Any) -> str:
    """Whether and when it is: nobody is told of an old time after a new one, or of any after it was called off."""
    return "session"


async def _of_case(tx: Tx, subject: Subject, event: mediation.CaseDeadlineMoved) -> Sequence[Card]:
    if event.told_to_party:
        return await to_all_and_mediator(tx, subject, event)
    return await tx.people.staff_cards(subject.organisation_id, "CASE_ADMINISTRATOR") if another_day(event) else ()


async def _who_has_not_signed(tx: Tx, subject: Subject, event: mediation.AgreementExpiryNear) -> Sequence[Card]:
    missing = [card for party in event.parties for card in await party_card(tx, subject, party)]
    return [*missing, *await mediator_card(tx, subject)]


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


def reactions() -> Mapping[str, Reaction[Tx]]:
    """Event type to reaction."""

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
        "case.deadline_near": Reaction(mediation.CaseDeadlineNear, telling_near("case", to_all_and_mediator)),
        "agreement.expiry_near": Reaction(mediation.AgreementExpiryNear, telling_near("case", _who_has_not_signed)),
        "case.deadline_moved": Reaction(mediation.CaseDeadlineMoved, telling_move("case", _of_case)),
        "agreement.expiry_moved": Reaction(mediation.AgreementExpiryMoved, telling_move("case", to_all_and_mediator)),
        "case.terminated": Reaction(mediation.CaseTerminated, telling("case_terminated", "case")),
        "case.reopened": Reaction(mediation.CaseReopened, telling("case_reopened", "case", whom=to_all_and_mediator)),
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
            mediation.PressureReported, telling("word_for_mediator", "case", whom=to_mediator, urgent=True)
        ),
        "session_record.seal_failed": Reaction(
            mediation.SessionRecordSealFailed, telling("record_not_sealed", "case", whom=to_account)
        ),
        "settlement.recorded": Reaction(mediation.SettlementRecorded, telling("settlement_recorded", "case")),
        "agreement.frozen": Reaction(mediation.AgreementFrozen, telling("agreement_frozen", "case", facts=expiry)),
        "agreement.act_released": Reaction(
            mediation.AgreementActReleased, telling("signature_failed", "case", whom=to_account, urgent=True)
        ),
        "agreement.slot_signed": Reaction(mediation.AgreementSlotSigned, _slot_signed),
        "agreement.effective": Reaction(mediation.AgreementEffective, _agreement_effective),
        "agreement.sealed": Reaction(mediation.AgreementSealed, telling("agreement_sealed", "case")),
        "agreement.round_ended": Reaction(
            mediation.AgreementRoundEnded, telling("round_ended", "case", whom=to_all_and_mediator)
        ),
    }
