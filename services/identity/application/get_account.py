"""Reading an account: the own one whole, another's by an administrator of its organisation, contacts masked."""

from dataclasses import replace
from uuid import UUID

from services.common.kernel.masking import masked_contact
from services.common.kernel.principal import Role
from services.identity.application.caller import own_id
from services.identity.application.ports import Tx
from services.identity.domain.account import Account


async def get_account(tx: Tx, account_id: UUID | None) -> Account:
    """None for the caller's own. Raises NOT_FOUND, for a stranger's account as for one that does not exist."""
    own = await tx.accounts.get(own_id(tx))
    if account_id is None or account_id == own.id:
        return own
    administered = frozenset(each.organisation for each in own.memberships if each.role is Role.ADMINISTRATOR)
    return seen_by_administrator(await tx.accounts.seen_in(account_id, administered), administered)


def seen_by_administrator(account: Account, organisations: frozenset[UUID]) -> Account:
    """An account as those who administer these organisations may see it."""
    own = tuple(held for held in account.memberships if held.organisation in organisations)
    return replace(account, email=masked_contact(account.email), phone=masked_contact(account.phone), memberships=own)
