"""A court refers a dispute to mediation; the parties are invited; mediation reports how it ends."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.money import Money
from services.common.kernel.principal import Role
from services.court_link.application.access import courts_of, is_staff, require_role
from services.court_link.application.ports import OrganisationFacts
from services.court_link.domain import errors
from services.court_link.domain.agreement import Particulars, PartySide
from services.court_link.domain.referral import (
    Referral,
    ReferralAction,
    ReferralKind,
    ReferralParty,
    ReferralState,
    TrialProcedure,
)

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

INVITE_PARTY = "invite_party"
REFERRAL_DOSSIER = "REFERRAL"
CONTACT_DOSSIER = "CONTACTS"
DOCKET = "REFERRAL"
"""The series of numbers that referrals have in a court."""


class ReferralSnapshots(Protocol):
    """Makes the bytes of a referral's dossiers."""

    def dossier(self, referral: Referral) -> bytes: ...

    def contacts(self, referral: Referral) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReferral:
    """``organisation`` is the mediation organisation; ``addressee`` what identity said of it before the transaction."""

    court: UUID
    organisation: UUID
    kind: ReferralKind
    docket_number: str
    subject_matter: str
    facts: str
    request: str
    amount: Money | None
    claimant: Particulars
    respondent: Particulars
    sample: bool
    snapshots: ReferralSnapshots
    addressee: OrganisationFacts
    procedure: TrialProcedure | None = None


async def create_referral(tx: "CourtLinkTransaction", command: CreateReferral) -> Referral:
    """By a clerk of the court. Both parties are invited to claim their places.

    Raises NOT_A_MEDIATION_ORGANISATION, REFERRAL_KIND_NOT_SERVED, SUBJECT_EXCLUDED, PROCEDURE_UNSUITABLE,
    DOCKET_NUMBER_TAKEN.
    """
    court = await tx.courts.get(command.court)
    require_role(tx.caller, Role.COURT_CLERK, court.organisation_id)
    if not command.addressee.mediates:
        raise errors.not_mediating()
    tx.authority = Role.COURT_CLERK.value
    regime = tx.regimes.for_referral(command.kind.value, tx.now)
    if command.subject_matter in regime.excluded_subjects:
        raise errors.subject_excluded()
    entrusted = command.kind is ReferralKind.ENTRUSTED
    if command.procedure is not None and not entrusted:
        raise errors.procedure_unsuitable()
    referral = Referral(
        id=tx.new_id(),
        organisation_id=court.organisation_id,
        court=court.id,
        organisation=command.organisation,
        kind=command.kind,
        regime=f"{regime.id}@{regime.version}",
        docket_number=command.docket_number,
        subject_matter=command.subject_matter,
        facts=command.facts,
        request=command.request,
        amount=command.amount,
        parties=(
            ReferralParty(id=tx.new_id(), side=PartySide.COMPLAINANT, particulars=command.claimant),
            ReferralParty(id=tx.new_id(), side=PartySide.RESPONDENT, particulars=command.respondent),
        ),
        sample=command.sample or court.sample,
        procedure=(command.procedure or TrialProcedure.ORDINARY) if entrusted else None,
    )
    await _take_number(tx, referral)
    subject = str(referral.id)
    dossier = await tx.dossiers.keep(REFERRAL_DOSSIER, subject, command.snapshots.dossier(referral))
    contacts = await tx.dossiers.keep(CONTACT_DOSSIER, subject, command.snapshots.contacts(referral))
    referral.sent(dossier, contacts)
    await tx.referrals.save(referral)
    for party in referral.parties:
        tx.enqueue(INVITE_PARTY, {"referral": subject, "party": str(party.id)}, key=str(party.id))
    return referral


async def _take_number(tx: "CourtLinkTransaction", referral: Referral) -> None:
    """One referral under way for each number; what came back may be referred again. Raises DOCKET_NUMBER_TAKEN."""
    court, number = referral.organisation_id, referral.docket_number
    holder = await tx.docket_numbers.take(court, DOCKET, number, referral.id)
    if holder != referral.id:
        if (await tx.referrals.get(holder)).state not in (ReferralState.DECLINED, ReferralState.RETURNED):
            raise errors.docket_number_taken()
        await tx.docket_numbers.pass_on(court, DOCKET, number, referral.id)


async def get_referral(tx: "CourtLinkTransaction", id: UUID) -> Referral:
    """For staff of the court in full; a party that has joined sees the other side by name only, and no version, which
    would tell what happens there."""
    referral = await tx.referrals.get(id)
    if is_staff(tx.caller, referral.organisation_id):
        return referral
    if all(party.account != tx.caller.account_id for party in referral.parties):
        raise not_found()
    parties = tuple(party if party.account == tx.caller.account_id else _masked(party) for party in referral.parties)
    return replace(referral, parties=parties, version=0)


def _masked(party: ReferralParty) -> ReferralParty:
    given = party.particulars
    hidden = Particulars(display_name=given.display_name, kind=given.kind, locale=given.locale)
    return replace(party, particulars=hidden, account=None, invitation=None, invitation_problem="")


async def list_referrals(tx: "CourtLinkTransaction", size: int, before: UUID | None) -> list[Referral]:
    """So many of those of the caller's courts, newest first."""
    return await tx.referrals.of_courts(courts_of(tx.caller), size, before)


async def record_invited(tx: "CourtLinkTransaction", referral_id: UUID, party: UUID, invitation: UUID) -> None:
    """Identity has the invitation."""
    referral = await tx.referrals.get(referral_id, lock=True)
    referral.invited(party, invitation)
    if referral.events:
        await tx.referrals.save(referral)


async def record_invitation_failed(tx: "CourtLinkTransaction", referral_id: UUID, party: UUID, reason: str) -> None:
    """Identity refused the invitation for good."""
    referral = await tx.referrals.get(referral_id, lock=True)
    referral.invitation_failed(party, reason)
    if referral.events:
        await tx.referrals.save(referral)


async def record_joined(
    tx: "CourtLinkTransaction", referral_id: UUID, party: UUID, account: UUID, invitation: UUID
) -> None:
    """A party claimed its place by an invitation; one that was not recorded here binds nobody."""
    referral = await tx.referrals.get(referral_id, lock=True)
    referral.joined(party, account, invitation)
    if referral.events:
        await tx.referrals.admit(referral.id, account)
        await tx.referrals.save(referral)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediationReport:
    referral: UUID
    action: ReferralAction
    case: UUID
    reason: str = ""


async def record_report(tx: "CourtLinkTransaction", report: MediationReport) -> None:
    """Mediation took the referral over, declined it or ended it."""
    referral = await tx.referrals.get(report.referral, lock=True)
    referral.reported(report.action, report.case, report.reason)
    if referral.events:
        await tx.referrals.save(referral)
