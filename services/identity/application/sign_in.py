"""Signing in with a code. Asking sends one to any contact; only who reads it learns whether an account has it."""

from dataclasses import dataclass
from uuid import UUID

from services.identity.application.caller import own_id
from services.identity.application.codes import Codes, Issued
from services.identity.application.ports import Tx
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Purpose
from services.identity.domain.contact import parse_contact


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSignIn:
    contact: str


async def start_sign_in(tx: Tx, codes: Codes, command: StartSignIn) -> Issued:
    """Does the same work for a known and an unknown contact. Raises CONTACT_MALFORMED, TOO_MANY_CODES."""
    contact = parse_contact(command.contact)
    account = await tx.accounts.by_contact(contact)
    return await codes.issue(tx, Purpose.SIGN_IN, contact, account.locale if account else "zh")


async def complete_sign_in(tx: Tx, challenge: Challenge, meant: UUID | None = None) -> Account:
    """The account of the contact that the right code came back from; the contact counts as verified from now on.

    Of several accounts that wait for the contact it is the one ``meant``, else the newest.

    Raises NO_ACCOUNT when nobody registered with it (the code stays good, so that registering now helps), and
    CODE_NOT_ACCEPTED when the code was used meanwhile.
    """
    await tx.challenges.consume(challenge.id)
    account = await tx.accounts.by_contact(challenge.contact, meant)
    if account is None:
        raise errors.no_account()
    tx.authority = f"accounts/{account.id}"
    await _take(tx, account, challenge)
    account.signed_in()
    await tx.accounts.save(account)
    return account


async def _take(tx: Tx, account: Account, challenge: Challenge) -> None:
    if not account.has_verified(challenge.contact):
        account.take_contact(challenge.contact)
        account.contact_verified(await tx.dossiers.keep(account.card))


async def start_contact_verification(tx: Tx, codes: Codes, command: StartSignIn) -> Issued:
    """A code to a contact that the caller wants on the own account. Raises CONTACT_MALFORMED, TOO_MANY_CODES."""
    account = await tx.accounts.get(own_id(tx))
    contact = parse_contact(command.contact)
    return await codes.issue(tx, Purpose.VERIFY_CONTACT, contact, account.locale, account=account.id)


async def complete_contact_verification(tx: Tx, challenge: Challenge) -> Account:
    """Puts the contact on the caller's account. Raises CONTACT_TAKEN when another account has verified it."""
    await tx.challenges.consume(challenge.id)
    account = await tx.accounts.get(own_id(tx), for_update=True)
    holder = await tx.accounts.by_contact(challenge.contact)
    if holder is not None and holder.id != account.id and holder.has_verified(challenge.contact):
        raise errors.contact_taken()
    await _take(tx, account, challenge)
    await tx.accounts.save(account)
    return account
