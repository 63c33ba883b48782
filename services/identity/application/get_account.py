"""Reading an account: the own one whole, another's by an administrator of its organisation, contacts masked."""

from dataclasses import replace
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.principal import Role
from services.identity.application.caller import own_id
from services.identity.application.ports import Tx
from services.identity.domain.account import Account
from services.identity.domain.contact import masked


async def get_account(tx: Tx, account_id: UUID | None) -> Account:
    """None for the caller's own. Raises NOT_FOUND, for a stranger's account as for one that does not exist."""
    caller = own_id(tx)
    account = await tx.accounts.get(account_id or caller)
    if account.id == caller:
        return account
    administered = await _administered(tx, caller)
    if not any(held.organisation in administered for held in account.memberships):
        raise not_found()
    return seen_by_administrator(account, administered)


def seen_by_administrator(account: Account, organisations: frozenset[UUID]) -> Account:
    """An account as those who administer these organisations may see it."""
    own = tuple(held for held in account.memberships if held.organisation in organisations)
    return replace(account, email=masked(account.email), phone=masked(account.phone), memberships=own)


async def _administered(tx: Tx, caller: UUID) -> frozenset[UUID]:
    held = (await tx.accounts.get(caller)).memberships
    return frozenset(each.organisation for each in held if each.role is Role.ADMINISTRATOR)
