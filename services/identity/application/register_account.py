"""Opening an account. The answer never tells whether somebody else has the same contact."""

from dataclasses import dataclass
from datetime import timedelta

from services.identity.application.ports import CodeKeeper, Tx
from services.identity.domain.account import Account
from services.identity.domain.challenge import SendLimit
from services.identity.domain.contact import ContactKind, normalised_identity_number, parse_optional

_LIMITS = (SendLimit(10, timedelta(hours=1)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAccount:
    display_name: str
    email: str
    phone: str
    locale: str
    identity_number: str


async def register_account(tx: Tx, keeper: CodeKeeper, command: RegisterAccount) -> Account:
    """Raises CONTACT_REQUIRED, CONTACT_MALFORMED (INVALID), TOO_MANY_CODES (EXHAUSTED).

    A contact that another account has verified stays that account's: whoever proves to hold it gets in there.
    """
    account = Account.open(
        tx.new_id(),
        command.display_name.strip(),
        parse_optional(command.email, ContactKind.EMAIL, "email"),
        parse_optional(command.phone, ContactKind.PHONE, "phone"),
        command.locale,
        identity_hash(keeper, command.identity_number),
    )
    key = keeper.fingerprint("registration", f"{account.email} {account.phone}")
    await tx.challenges.count_sending(account.id, key, _LIMITS)
    account.registered(await tx.dossiers.keep(account.card))
    await tx.accounts.save(account)
    return account


def identity_hash(keeper: CodeKeeper, identity_number: str) -> bytes | None:
    """The keyed hash of an identity number in its one spelling; None of none."""
    number = normalised_identity_number(identity_number)
    return keeper.fingerprint("identity number", number) if number else None
