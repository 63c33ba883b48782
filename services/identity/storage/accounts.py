"""Accounts with their memberships."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import not_found
from services.common.kernel.principal import Role
from services.common.storage.transaction import Transaction
from services.identity.domain.account import Account, Membership
from services.identity.domain.contact import Contact, ContactKind
from services.identity.domain.organisation import NO_ORGANISATION
from services.identity.domain.organisation_kind import OrganisationKind
from services.identity.storage.rows import save
from services.identity.storage.tables import accounts, memberships, organisations

_OWN = ("display_name", "email", "phone", "email_verified", "phone_verified", "locale", "identity_hash")


class Accounts:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def get(self, account_id: UUID, *, for_update: bool = False) -> Account:
        """Raises NOT_FOUND. ``for_update`` makes others who want to change it wait."""
        query = select(accounts).where(accounts.c.id == account_id)
        found = await self._first(query.with_for_update() if for_update else query)
        if found is None:
            raise not_found()
        return found

    async def by_contact(self, contact: Contact, meant: UUID | None = None) -> Account | None:
        """Who signs in with a contact, locked: its verified holder, else the account that only waits for it.

        Of several that wait it is the one ``meant``, else the newest.

        An account with another contact already verified is nobody's to enter through an unproven one: somebody else
        may have written that contact there.
        """
        email = contact.kind is ContactKind.EMAIL
        column, verified = (accounts.c.email, accounts.c.email_verified) if email else _PHONE
        query = select(accounts).where(column == contact.value).with_for_update()
        holder = await self._first(query.where(verified))
        if holder is not None:
            return holder
        waiting = query.where(~accounts.c.email_verified & ~accounts.c.phone_verified)
        return await self._first(waiting.order_by((accounts.c.id == meant).desc(), accounts.c.id.desc()).limit(1))

    async def administrators(self, organisation_id: UUID) -> int:
        """How many administrators an organisation has."""
        held = (memberships.c.organisation_id == organisation_id) & (memberships.c.role == Role.ADMINISTRATOR.value)
        counted = await self._tx.connection.execute(select(func.count()).select_from(memberships).where(held))
        return int(counted.scalar_one())

    async def save(self, account: Account) -> None:
        await save(self._tx, account, accounts, {name: getattr(account, name) for name in _OWN})
        held = [
            {"account_id": account.id, "organisation_id": each.organisation, "role": each.role.value}
            for each in account.memberships
        ]
        if held:
            await self._tx.connection.execute(insert(memberships).on_conflict_do_nothing(), held)
        kept = [(each["organisation_id"], each["role"]) for each in held]
        gone = tuple_(memberships.c.organisation_id, memberships.c.role).not_in(kept)
        await self._tx.connection.execute(delete(memberships).where(memberships.c.account_id == account.id, gone))

    async def _first(self, query: Any) -> Account | None:
        row = (await self._tx.connection.execute(query)).mappings().first()
        return _account(row, await self._memberships(row["id"])) if row else None

    async def _memberships(self, account_id: UUID) -> tuple[Membership, ...]:
        query = (
            select(memberships.c.organisation_id, memberships.c.role, organisations.c.kind)
            .join(organisations, organisations.c.id == memberships.c.organisation_id)
            .where(memberships.c.account_id == account_id)
            .order_by(memberships.c.organisation_id, memberships.c.role)
        )
        rows = await self._tx.connection.execute(query)
        return tuple(Membership(row.organisation_id, Role(row.role), OrganisationKind(row.kind)) for row in rows)


_PHONE = (accounts.c.phone, accounts.c.phone_verified)


def _account(row: RowMapping, held: tuple[Membership, ...]) -> Account:
    return Account(
        id=row["id"],
        organisation_id=NO_ORGANISATION,
        version=row["version"],
        head=row["head"],
        memberships=held,
        **{name: row[name] for name in _OWN},
    )
