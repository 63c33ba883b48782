"""Adding or replacing a contact: by a code to the new one and a code to one that the account has already.

A token alone moves nothing that codes for signing are sent to: its thief would need an old contact as well, every old
contact is told, and the new one serves for signing a day later only.
"""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.contacts import ContactKind, parse_contact
from services.identity.application.caller import own_id
from services.identity.application.codes import Codes, GivenCode, Issued, check, consume
from services.identity.application.limits import claiming
from services.identity.application.ports import CodeKeeper, Tx
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge, Meant, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class StartContactVerification:
    """``confirm_by`` is the kind of the old contact that confirms; any when None."""

    contact: str
    confirm_by: ContactKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteContactVerification:
    challenge: UUID
    code: str
    confirming_challenge: UUID | None
    confirming_code: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Both codes came back right."""

    new: Challenge
    confirming: Challenge


async def start_contact_verification(tx: Tx, codes: Codes, command: StartContactVerification) -> tuple[Issued, Issued]:
    """Codes to the new contact and to an old one.

    Raises CONTACT_MALFORMED, PHONE_NOT_SERVED, NO_SUCH_CONTACT, CONTACT_TOO_NEW, TOO_MANY_CODES.
    """
    account = await tx.accounts.get(own_id(tx))
    contact = codes.phones.served(parse_contact(command.contact))
    old = account.confirming_contact(contact, command.confirm_by, tx.now)
    asker = claiming(codes.limits, account.id)
    verify = Meant(purpose=Purpose.VERIFY_CONTACT, contact=contact, account=account.id)
    confirm = Meant(purpose=Purpose.CONFIRM_CHANGE, contact=old, account=account.id, subject=contact.value)
    new = await codes.issue(tx, verify, asker, account.locale)
    return new, await codes.issue(tx, confirm, asker, account.locale)


async def check_both(tx: Tx, keeper: CodeKeeper, command: CompleteContactVerification) -> Proven | None:
    """Counts a try at each, in a transaction of its own; None unless both are right and belong together.

    Raises OLD_CONTACT_REQUIRED when the code to an old contact is not given at all.
    """
    if command.confirming_challenge is None or not command.confirming_code:
        raise errors.old_contact_required()
    caller = own_id(tx)
    given = GivenCode(challenge=command.challenge, code=command.code, purpose=Purpose.VERIFY_CONTACT, account=caller)
    confirming = GivenCode(
        challenge=command.confirming_challenge,
        code=command.confirming_code,
        purpose=Purpose.CONFIRM_CHANGE,
        account=caller,
    )
    new, old = (await check(tx, keeper, given)).challenge, (await check(tx, keeper, confirming)).challenge
    if new is None or old is None or old.meant.subject != new.meant.contact.value:
        return None
    return Proven(new, old)


async def complete_contact_verification(tx: Tx, proven: Proven) -> Account:
    """Puts the contact on the caller's account. Raises CONTACT_TAKEN when another account has it."""
    contact = proven.new.meant.contact
    account = await tx.accounts.get(own_id(tx), for_update=True)
    if proven.confirming.meant.contact not in account.contacts:
        raise errors.code_not_accepted()
    holder = await tx.accounts.by_contact(contact)
    if holder is not None and holder.id != account.id:
        raise errors.contact_taken()
    await consume(tx, proven.new)
    await consume(tx, proven.confirming)
    if contact not in account.contacts:
        former = account.take_contact(contact, tx.now)
        account.contact_verified(await tx.dossiers.keep(account.card, former))
    await tx.accounts.save(account)
    return account
