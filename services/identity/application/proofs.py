"""Proofs: a person confirms, with a code, to sign exactly one frozen document."""

from dataclasses import dataclass

from services.identity.application.caller import own_id
from services.identity.application.codes import Codes, Issued, consume
from services.identity.application.limits import signing
from services.identity.application.ports import Tx
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Meant, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProof:
    """``digest`` is the SHA-256 of the frozen document."""

    subject: str
    digest: bytes


async def start_proof(tx: Tx, codes: Codes, command: StartProof) -> tuple[Issued]:
    """A code to the caller's own contact. Raises CONTACT_TOO_NEW, TOO_MANY_CODES."""
    account = await tx.accounts.get(own_id(tx))
    meant = Meant(
        purpose=Purpose.SIGN_DOCUMENT,
        contact=account.signing_contact(tx.now),
        account=account.id,
        subject=command.subject,
        digest=command.digest,
    )
    return (await codes.issue(tx, meant, signing(codes.limits, account.id), account.locale),)


async def complete_proof(tx: Tx, challenge: Challenge) -> Account:
    """Uses the code up, once; what it proves is what it was asked for. Raises CODE_NOT_ACCEPTED."""
    await consume(tx, challenge)
    return await tx.accounts.get(own_id(tx))
