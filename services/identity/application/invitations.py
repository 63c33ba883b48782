"""Inviting a named party, and claiming the place: by a code to the contact on file and a matching identity number."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.kernel.contacts import ContactKind, parse_optional
from services.identity.application.caller import own_id
from services.identity.application.codes import Codes, GivenCode, Issued, Outcome, check, consume
from services.identity.application.limits import claiming
from services.identity.application.ports import CodeKeeper, Tx
from services.identity.application.sign_in import identity_hash
from services.identity.domain import errors
from services.identity.domain.challenge import Challenge, Meant, Purpose
from services.identity.domain.invitation import Invitation, PartyOnFile, require_own


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateInvitation:
    """``subject`` and ``party`` are names of the inviting service."""

    subject: str
    party: str
    display_name: str
    identity_number: str
    email: str
    phone: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInvitationClaim:
    invitation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    invitation: UUID
    challenge: UUID
    code: str
    identity_number: str


async def create_invitation(tx: Tx, keeper: CodeKeeper, lifetime: timedelta, command: CreateInvitation) -> Invitation:
    """One invitation for each party of a subject, however often it is asked for.

    Raises CONTACT_REQUIRED (INVALID), INVITATION_NOT_YOURS (DENIED) for a subject that is not the caller's own.
    """
    service = tx.caller.service
    require_own(service, command.subject)
    file = PartyOnFile(
        display_name=command.display_name,
        email=parse_optional(command.email, ContactKind.EMAIL, "email"),
        phone=parse_optional(command.phone, ContactKind.PHONE, "phone"),
        locale=command.locale or "zh",
        identity_hash=identity_hash(keeper, command.identity_number),
    )
    invitation = await tx.invitations.of_party(command.subject, command.party)
    if invitation is None:
        invitation = Invitation.create(tx.new_id(), service, command.subject, command.party, file, tx.now + lifetime)
    else:
        invitation.invite_again(service, file, tx.now + lifetime, tx.now)
    await tx.invitations.save(invitation)
    return invitation


async def start_invitation_claim(tx: Tx, codes: Codes, command: StartInvitationClaim) -> tuple[Issued]:
    """A code to the contact on file. Raises NOT_FOUND (unknown, used, expired), PHONE_NOT_SERVED, TOO_MANY_CODES."""
    invitation = await tx.invitations.named(command.invitation)
    invitation.require_claimable(tx.now)
    caller = own_id(tx)
    contact = codes.phones.served(invitation.contact, "invitation")
    meant = Meant(purpose=Purpose.CLAIM_INVITATION, contact=contact, account=caller, invitation=invitation.id)
    return (await codes.issue(tx, meant, claiming(codes.limits, caller), invitation.file.locale),)


async def check_claim(tx: Tx, keeper: CodeKeeper, command: AcceptInvitation) -> Outcome:
    """Counts the try, in a transaction of its own; right only when the code and the identity number both match."""
    given = GivenCode(
        challenge=command.challenge, code=command.code, purpose=Purpose.CLAIM_INVITATION, account=own_id(tx)
    )
    outcome = await check(tx, keeper, given)
    if outcome.challenge is None or outcome.challenge.meant.invitation != command.invitation:
        return Outcome(exhausted=outcome.exhausted)
    invitation = await tx.invitations.named(command.invitation)
    if not _matches(invitation.file.identity_hash, identity_hash(keeper, command.identity_number)):
        await tx.invitations.count_mismatch(invitation.id)
        return Outcome()
    return outcome


def required_claim(outcome: Outcome) -> Challenge:
    """Raises TRIES_EXHAUSTED, or CLAIM_NOT_ACCEPTED for a wrong code as for a wrong number."""
    if not outcome.exhausted and outcome.challenge is None:
        raise errors.claim_not_accepted()
    return outcome.require_right()


async def accept_invitation(tx: Tx, challenge: Challenge) -> Invitation:
    """Binds the caller's account, once. Raises NOT_FOUND when the place was taken or the invitation ran out."""
    if challenge.meant.invitation is None:
        raise errors.claim_not_accepted()
    invitation = await tx.invitations.named(challenge.meant.invitation)
    invitation.accept(own_id(tx), tx.now)
    await consume(tx, challenge)
    await tx.invitations.save(invitation)
    return invitation


def _matches(on_file: bytes | None, given: bytes | None) -> bool:
    return on_file is None or hmac.compare_digest(on_file, given or bytes(len(on_file)))
