"""A party asked into a matter or into what a court referred: one way for both publishers."""

from typing import Any

from comity.court_link.v1 import court_link_events_pb2 as court
from comity.intake.v1 import intake_events_pb2 as intake

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope
from services.notify.application.tell import Telling, party_card, tell
from services.notify.storage.transaction import NotifyTransaction as Tx


async def invited(
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


async def joined(
    tx: Tx, event: intake.MatterPartyJoined | court.ReferralPartyJoined, _envelope: Envelope, _prepared: Any
) -> None:
    name = event.matter if isinstance(event, intake.MatterPartyJoined) else event.referral
    await tx.people.subject(name)
    await tx.people.bind(name, event.party, event.account)


async def invitation_failed(
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
