"""Giving and taking roles, by an administrator of that very organisation."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.principal import Role
from services.identity.application.caller import require_administrator
from services.identity.application.ports import Tx
from services.identity.domain.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    organisation: UUID
    account: UUID
    role: Role


async def grant_role(tx: Tx, command: RoleChange) -> Account:
    """Raises NOT_ITS_ADMINISTRATOR, COURT_ROLE_SEPARATION (DENIED), ROLE_NOT_OF_THIS_KIND, NOT_FOUND."""
    await require_administrator(tx, command.organisation)
    organisation = await tx.organisations.get(command.organisation, for_update=True)
    account = await tx.accounts.get(command.account, for_update=True)
    account.grant(organisation, command.role)
    await tx.accounts.save(account)
    return account


async def revoke_role(tx: Tx, command: RoleChange) -> Account:
    """With the role every token of the account ends. Raises NOT_ITS_ADMINISTRATOR (DENIED), LAST_ADMINISTRATOR, NOT_FOUND.

    The organisation's row is locked first, so that two administrators cannot remove each other at once.
    """
    await tx.organisations.get(command.organisation, for_update=True)
    await require_administrator(tx, command.organisation)
    account = await tx.accounts.get(command.account, for_update=True)
    administrators = await tx.accounts.administrators(command.organisation)
    account.revoke(command.organisation, command.role, administrators=administrators, now=tx.now)
    await tx.revocations.add(f"accounts/{account.id}", account.generation)
    await tx.accounts.save(account)
    return account
