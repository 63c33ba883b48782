"""Contacts, invitations and consents: how both sides come to the table."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.ids import derived_id
from services.common.kernel.principal import Role
from services.intake.application.access import MatterView, as_officer, is_officer, reach, view
from services.intake.application.ports import InvitationRequest
from services.intake.domain import errors
from services.intake.domain.values import Channel, Contact

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction

INVITE_JOB = "invite_party"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordContact:
    id: UUID
    version: int
    party: UUID
    channel: Channel
    contact_time: datetime
    reached: bool
    remarks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteParty:
    id: UUID
    version: int
    party: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    id: UUID
    version: int
    party: UUID
    mediation: bool
    online: bool


async def record_contact(tx: "IntakeTransaction", command: RecordContact) -> MatterView:
    """Keeps who was reached, how and with what result. Raises CONTACT_IN_THE_FUTURE."""
    matter = await as_officer(tx, command.id, command.version)
    contact = Contact(
        party=command.party,
        channel=command.channel,
        contact_time=command.contact_time,
        reached=command.reached,
        remarks=command.remarks,
    )
    matter.record_contact(contact, tx.now)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def invite_party(tx: "IntakeTransaction", command: InviteParty) -> MatterView:
    """Has identity make an invitation, after the commit; a party invited before is reminded of the same one.

    Raises PARTY_ALREADY_JOINED, NO_CONTACT_ON_FILE.
    """
    matter = await as_officer(tx, command.id, command.version)
    party = matter.require_invitable(command.party)
    if party.invitation:
        matter.invited(party.id, party.invitation)
        await tx.matters.save(matter)
    else:
        # After a failure the matter has another version, and what failed does not stand in the way.
        tried = f" {matter.version}" if party.invitation_problem else ""
        tx.enqueue(INVITE_JOB, {"matter": str(matter.id), "party": str(party.id)}, key=f"{party.id}{tried}")
    return await view(tx, matter)


async def invitation_request(tx: "IntakeTransaction", matter_id: UUID, party_id: UUID) -> InvitationRequest | None:
    """What to ask identity for; None when the party needs no invitation any more."""
    matter = await tx.matters.get(matter_id)
    party = matter.party(party_id)
    if party.account is not None or party.invitation:
        return None
    return InvitationRequest(request_id=derived_id("invitation", matter_id, party_id), matter=matter_id, party=party)


async def keep_invitation(tx: "IntakeTransaction", matter_id: UUID, party_id: UUID, invitation: str) -> None:
    """Records the invitation that identity made."""
    matter = await tx.matters.get(matter_id)
    if matter.party(party_id).invitation:
        return
    matter.invited(party_id, invitation)
    await tx.matters.save(matter)
    await tx.matters.save_party(matter, matter.party(party_id))


async def record_invitation_failed(tx: "IntakeTransaction", matter_id: UUID, party_id: UUID, reason: str) -> None:
    """Identity refused the invitation for good: it shows in the matter, and the officers are told."""
    matter = await tx.matters.hold(matter_id)
    matter.invitation_failed(party_id, reason)
    if matter.events:
        await tx.matters.save(matter)
        await tx.matters.save_party(matter, matter.party(party_id))


async def record_consent(tx: "IntakeTransaction", command: RecordConsent) -> MatterView:
    """A party agrees, or an officer records that a party which was reached agreed.

    Raises CONSENT_NOT_YOURS, CONSENT_NOT_EVIDENCED.
    """
    matter = await reach(tx, command.id)
    matter.require_version(command.version, officer=is_officer(tx.caller, matter))
    own = matter.party_of(tx.caller.account_id)
    if own is not None and own.id == command.party:
        tx.authority = own.side.value.lower()
    elif tx.caller.holds(Role.INTAKE_OFFICER, matter.organisation_id):
        tx.authority = f"officer of organisations/{matter.organisation_id}"
        matter.party(command.party)
        matter.require_reached(command.party)
    else:
        raise errors.consent_not_yours()
    matter.consent(command.party, mediation=command.mediation, online=command.online, now=tx.now)
    await tx.matters.save(matter)
    await tx.matters.save_party(matter, matter.party(command.party))
    return await view(tx, matter)
