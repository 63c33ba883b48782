"""The organisations that intake has heard of, and the numbers it gives out."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.intake.storage.tables import number_blocks, organisations

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction

BLOCK = 50


class Organisations:
    """A copy of what identity says: id and kind, which never change."""

    def __init__(self, tx: "IntakeTransaction") -> None:
        self._tx = tx

    async def kind(self, organisation_id: UUID) -> str | None:
        """INTAKE, MEDIATION, COURT or PLATFORM; None when nothing was heard of it."""
        query = select(organisations.c.kind).where(organisations.c.id == organisation_id)
        found = (await self._tx.connection.execute(query)).scalar()
        return str(found) if found else None

    async def add(self, organisation_id: UUID, kind: str) -> None:
        statement = insert(organisations).values(id=organisation_id, kind=kind).on_conflict_do_nothing()
        await self._tx.connection.execute(statement)

    async def take_numbers(self, organisation_id: UUID, year: int) -> range:
        """The next block of running numbers of a year, never given again. What is left of a block is lost."""
        statement = insert(number_blocks).values(organisation_id=organisation_id, year=year, next_number=BLOCK + 1)
        upsert = statement.on_conflict_do_update(
            index_elements=["organisation_id", "year"], set_={"next_number": number_blocks.c.next_number + BLOCK}
        ).returning(number_blocks.c.next_number)
        end = int((await self._tx.connection.execute(upsert)).scalar_one())
        return range(end - BLOCK, end)
