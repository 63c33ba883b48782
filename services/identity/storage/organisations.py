"""Organisations."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from services.common.kernel.errors import not_found
from services.common.storage.transaction import Transaction
from services.identity.domain.organisation import Organisation
from services.identity.domain.organisation_kind import OrganisationKind
from services.identity.storage.kinds import ORGANISATIONS
from services.identity.storage.rows import save
from services.identity.storage.tables import organisations

_OWN = ("display_name", "region_code", "identity_number", "sample", "telephone", "short_name")


class Organisations:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def get(self, organisation_id: UUID, *, for_update: bool = False) -> Organisation:
        """Raises NOT_FOUND. ``for_update`` makes others who want to change its people wait."""
        query = select(organisations).where(organisations.c.id == organisation_id)
        row = (await self._tx.connection.execute(query.with_for_update() if for_update else query)).mappings().first()
        if row is None:
            raise not_found()
        return _organisation(row)

    async def platform(self) -> Organisation | None:
        """The organisation that runs the installation, once there is one."""
        query = select(organisations).where(organisations.c.kind == OrganisationKind.PLATFORM.value)
        row = (await self._tx.connection.execute(query)).mappings().first()
        return _organisation(row) if row else None

    async def page(
        self, kind: OrganisationKind | None, after: tuple[str, UUID] | None, size: int
    ) -> tuple[Organisation, ...]:
        """Up to ``size`` organisations by name, after a (name, id)."""
        query = select(organisations).order_by(organisations.c.display_name, organisations.c.id).limit(size)
        if kind is not None:
            query = query.where(organisations.c.kind == kind.value)
        if after is not None:
            query = query.where(tuple_(organisations.c.display_name, organisations.c.id) > tuple_(*after))
        rows = (await self._tx.connection.execute(query)).mappings()
        return tuple(_organisation(row) for row in rows)

    async def save(self, organisation: Organisation) -> None:
        values = {name: getattr(organisation, name) for name in _OWN}
        await save(self._tx, organisation, ORGANISATIONS, {**values, "kind": organisation.kind.value})


def _organisation(row: Any) -> Organisation:
    return Organisation(
        id=row["id"],
        organisation_id=row["id"],
        version=row["version"],
        head=row["head"],
        kind=OrganisationKind(row["kind"]),
        **{name: row[name] for name in _OWN},
    )
