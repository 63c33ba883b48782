"""What intake tells: matters, their parties, their deadlines."""

from collections.abc import Mapping, Sequence
from typing import Any

from comity.intake.v1 import intake_events_pb2 as intake
from comity.intake.v1 import matter_pb2

from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.notify.application.call_backs import owe_call_back
from services.notify.application.ports import Subject
from services.notify.application.tell import Telling, everybody, tell
from services.notify.domain.values import Card
from services.notify.messaging.dossiers import Pull
from services.notify.messaging.invitations import invitation_failed, invited, joined
from services.notify.messaging.telling import another_day, telling, telling_move, with_cards
from services.notify.storage.transaction import NotifyTransaction as Tx


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


async def _concluded(tx: Tx, event: intake.MatterConcluded, envelope: Envelope, _prepared: Any) -> None:
    subject = await tx.people.subject(event.matter)
    await owe_call_back(tx, envelope.event_id, subject, event.party, event.regime)


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


async def _of_matter(tx: Tx, subject: Subject, event: intake.MatterDeadlineMoved) -> Sequence[Card]:
    officers = await _in_charge(tx, subject, event.officer, supervisors=False) if another_day(event) else ()
    return [*officers, *(await everybody(tx, subject) if event.told_to_party else ())]


def reactions(cards: Pull) -> Mapping[str, Reaction[Tx]]:
    """Event type to reaction."""

    def closed(event: intake.MatterClosed) -> Mapping[str, object]:
        return {"outcome": matter_pb2.Outcome.Name(event.outcome).removeprefix("OUTCOME_")}

    return {
        "matter.received": with_cards(intake.MatterReceived, _matter_received, cards, "matter"),
        "matter.accepted": Reaction(intake.MatterAccepted, telling("matter_accepted", "matter")),
        "matter.declined": Reaction(intake.MatterDeclined, telling("matter_declined", "matter")),
        "matter.party_invited": Reaction(intake.MatterPartyInvited, invited),
        "matter.invitation_failed": Reaction(intake.MatterInvitationFailed, invitation_failed),
        "matter.deadline_near": Reaction(intake.MatterDeadlineNear, _deadline),
        "matter.deadline_lapsed": Reaction(intake.MatterDeadlineLapsed, _deadline),
        "matter.deadline_moved": Reaction(intake.MatterDeadlineMoved, telling_move("matter", _of_matter)),
        "matter.party_joined": Reaction(intake.MatterPartyJoined, joined),
        "matter.forwarded": Reaction(intake.MatterForwarded, telling("matter_forwarded", "matter")),
        "matter.withdrawn": Reaction(intake.MatterWithdrawn, telling("matter_withdrawn", "matter")),
        "matter.concluded": Reaction(intake.MatterConcluded, _concluded),
        "matter.closed": Reaction(intake.MatterClosed, telling("matter_closed", "matter", facts=closed)),
        "pressure_report.made": Reaction(
            intake.PressureReported,
            telling("word_for_officers", "matter", whom=_officers_and_supervisors, urgent=True),
        ),
    }
