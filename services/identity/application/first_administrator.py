"""The first administrator, made from a code that the program printed on the machine itself."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from services.common.kernel.contacts import Contact, ContactKind, parse_required
from services.identity.application.ports import Tx
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.organisation import Organisation
from services.identity.domain.organisation_kind import OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFirstAdministrator:
    code: str
    display_name: str
    email: str
    locale: str
    organisation_display_name: str


async def offer_first_administrator(tx: Tx) -> str:
    """A new code, good once within a day; only its hash is kept. Raises PLATFORM_EXISTS with nothing to claim."""
    if await tx.organisations.platform() is not None:
        raise errors.platform_exists()
    code = secrets.token_urlsafe(32)
    await tx.setup_codes.add(sha256(code.encode()).digest())
    return code


async def claim_first_administrator(tx: Tx, command: ClaimFirstAdministrator) -> tuple[Account, Organisation]:
    """Opens the platform's organisation and its administrator's account, or takes the account that has the address.

    The address counts as proven: whoever set the installation up gave it.

    Raises CONTACT_MALFORMED, CLAIM_CODE_REFUSED (DENIED), PLATFORM_EXISTS.
    """
    await tx.setup_codes.use(sha256(command.code.encode()).digest())
    if await tx.organisations.platform() is not None:
        raise errors.platform_exists()
    organisation = Organisation.create(tx.new_id(), command.organisation_display_name, OrganisationKind.PLATFORM)
    email = Contact(ContactKind.EMAIL, parse_required(command.email, ContactKind.EMAIL, "email"))
    account = await tx.accounts.by_contact(email)
    if account is None:
        account = Account.open(tx.new_id(), command.display_name, email, command.locale, None, tx.now)
        account.registered(await tx.dossiers.keep(account.card))
    account.administer_new(organisation)
    await tx.organisations.save(organisation)
    await tx.accounts.save(account)
    return account, organisation
