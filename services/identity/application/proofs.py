"""Proofs: a person confirms, with a code, to sign exactly one frozen document."""

from dataclasses import dataclass

from services.identity.application.caller import own_id
from services.identity.application.codes import Codes, Issued
from services.identity.application.ports import Tx
from services.identity.domain import errors
from services.identity.domain.challenge import Challenge, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProof:
    """``digest`` is the SHA-256 of the frozen document."""

    subject: str
    digest: bytes


async def start_proof(tx: Tx, codes: Codes, command: StartProof) -> Issued:
    """A code to the caller's own verified contact. Raises NO_VERIFIED_CONTACT, TOO_MANY_CODES."""
    account = await tx.accounts.get(own_id(tx))
    contact = account.signing_contact()
    if contact is None:
        raise errors.no_contact()
    return await codes.issue(
        tx,
        Purpose.SIGN_DOCUMENT,
        contact,
        account.locale,
        account=account.id,
        subject=command.subject,
        digest=command.digest,
    )


async def complete_proof(tx: Tx, challenge: Challenge) -> Challenge:
    """Uses the code up, once; what it proves is what it was asked for. Raises CODE_NOT_ACCEPTED."""
    await tx.challenges.consume(challenge.id)
    return challenge
