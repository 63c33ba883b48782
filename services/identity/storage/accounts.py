"""Accounts with their memberships."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, any_, bindparam, delete, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.common.kernel.contacts import Contact, ContactKind
from services.common.kernel.errors import not_found
from services.common.kernel.principal import Role
from services.common.storage.statement import Row, Statement, selecting
from services.common.storage.transaction import Transaction
from services.identity.domain.account import Account, Membership
from services.identity.domain.organisation import NO_ORGANISATION
from services.identity.domain.organisation_kind import OrganisationKind
from services.identity.storage.kinds import ACCOUNTS
from services.identity.storage.rows import save
from services.identity.storage.tables import accounts, memberships, organisations

_OWN = (
    "display_name",
    "email",
    "phone",
    "email_settle_time",
    "phone_settle_time",
    "locale",
    "identity_hash",
    "generation",
)


class Accounts:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def get(self, account_id: UUID, *, for_update: bool = False) -> Account:
        """Raises NOT_FOUND. ``for_update`` makes others who want to change it wait."""
        row = await selecting(accounts, lock=for_update).first(self._tx.driver, id=account_id)
        if row is None:
            raise not_found()
        return await self._account(row)

    async def seen_in(self, account_id: UUID, organisations: frozenset[UUID]) -> Account:
        """An account that holds a role in one of the organisations. Raises NOT_FOUND.

        One statement finds none for a stranger's account as for one that does not exist, in the same time.
        """
        row = await _SEEN_IN.first(self._tx.driver, id=account_id, organisations=list(organisations))
        if row is None:
            raise not_found()
        return await self._account(row)

    async def by_contact(self, contact: Contact) -> Account | None:
        """Who signs in with a contact, locked."""
        row = await _BY_CONTACT[contact.kind].first(self._tx.driver, contact=contact.value)
        return await self._account(row) if row else None

    async def administrators(self, organisation_id: UUID) -> int:
        """How many administrators an organisation has."""
        held = (memberships.c.organisation_id == organisation_id) & (memberships.c.role == Role.ADMINISTRATOR.value)
        counted = await self._tx.connection.execute(select(func.count()).select_from(memberships).where(held))
        return int(counted.scalar_one())

    async def any_holds(self, role: Role, organisation_id: UUID) -> bool:
        """Whether anybody has the role in the organisation."""
        held = (memberships.c.organisation_id == organisation_id) & (memberships.c.role == role.value)
        return (
            await self._tx.connection.execute(select(memberships.c.account_id).where(held).limit(1))
        ).first() is not None

    async def save(self, account: Account) -> None:
        held = [
            {"account_id": account.id, "organisation_id": each.organisation, "role": each.role.value}
            for each in account.memberships
        ]
        values = {name: getattr(account, name) for name in _OWN}
        await save(self._tx, account, ACCOUNTS, values, {"memberships": held})
        if held:
            await self._tx.connection.execute(insert(memberships).on_conflict_do_nothing(), held)
        kept = [(each["organisation_id"], each["role"]) for each in held]
        gone = tuple_(memberships.c.organisation_id, memberships.c.role).not_in(kept)
        await self._tx.connection.execute(delete(memberships).where(memberships.c.account_id == account.id, gone))

    async def _account(self, row: Row) -> Account:
        rows = await _MEMBERSHIPS.rows(self._tx.driver, account=row["id"])
        held = (
            Membership(each["organisation_id"], Role(each["role"]), OrganisationKind(each["kind"])) for each in rows
        )
        return _account(row, tuple(held))


def _by_contact(value: ColumnElement[str]) -> Statement:
    held = (value == bindparam("contact", type_=Text)) & (value != "")
    return Statement(select(accounts).where(held).with_for_update())


_BY_CONTACT = {
    ContactKind.EMAIL: _by_contact(accounts.c.email),
    ContactKind.PHONE: _by_contact(accounts.c.phone),
}
_SEEN_IN = Statement(
    select(accounts).where(
        accounts.c.id == bindparam("id", type_=Uuid),
        exists().where(
            memberships.c.account_id == accounts.c.id,
            memberships.c.organisation_id == any_(bindparam("organisations", type_=ARRAY(Uuid))),
        ),
    )
)
_MEMBERSHIPS = Statement(
    select(memberships.c.organisation_id, memberships.c.role, organisations.c.kind)
    .join(organisations, organisations.c.id == memberships.c.organisation_id)
    .where(memberships.c.account_id == bindparam("account", type_=Uuid))
    .order_by(memberships.c.organisation_id, memberships.c.role)
)


def _account(row: Row, held: tuple[Membership, ...]) -> Account:
    return Account(
        id=row["id"],
        organisation_id=NO_ORGANISATION,
        version=row["version"],
        head=row["head"],
        memberships=held,
        **{name: row[name] for name in _OWN},
    )
