"""Which rows of other registers became which matters, and how many of them there are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.storage.statement import Statement
from services.intake.application.ports import FilingRoom, ImportedAs, ImportTotal
from services.intake.domain.lifecycle import MatterState
from services.intake.storage.tables import imported_rows

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


class Imports:
    """The rows of the organisations whose staff the caller is."""

    def __init__(self, tx: "IntakeTransaction") -> None:
        self._tx = tx

    async def claim(
        self, organisation_id: UUID, register: str, wanted: Mapping[str, ImportedAs]
    ) -> dict[str, ImportedAs]:
        """Keeps which matter each key becomes; gives those that had become one before, which stay as they are.

        Waits for another import that is about to commit the same keys. Keys are claimed in one order, so that two that
        overlap cannot wait for each other.
        """
        if not wanted:
            return {}
        register_of = {"organisation_id": organisation_id, "register": register}
        keys = sorted(wanted)
        values: dict[str, Any] = {
            "keys": keys,
            "ids": [wanted[key].matter for key in keys],
            "numbers": [wanted[key].number for key in keys],
        }
        claimed = {row["key"] for row in await _CLAIM.rows(self._tx.driver, **register_of, **values)}
        left = [key for key in keys if key not in claimed]
        if not left:
            return {}
        found = await _FOUND.rows(self._tx.driver, **register_of, wanted=left)
        return {row["key"]: ImportedAs(row["matter_id"], row["number"]) for row in found}

    async def count(self, room: FilingRoom, rows: int) -> bool:
        """Whether there is room for so many more; if not, nothing is counted."""
        if rows > room.quota:
            return False
        values = {"filer": room.filer, "capacity": room.capacity.value, "day": room.day, "quota": room.quota}
        return await _COUNT.run(self._tx.driver, **values, rows=rows) == 1

    async def totals(self, organisation_id: UUID, register: str) -> list[ImportTotal]:
        """Counted in the matters as they are now."""
        found = await _TOTALS.rows(self._tx.driver, organisation_id=organisation_id, register=register)
        return [
            ImportTotal(
                state=MatterState(row["state"]),
                currency=row["currency"],
                matters=row["matters"],
                minor_units=row["minor_units"],
            )
            for row in found
        ]


_CLAIM = Statement(
    text("""
    INSERT INTO imported_rows (organisation_id, register, key, matter_id, number)
    SELECT CAST(:organisation_id AS uuid), CAST(:register AS text), row.key, row.matter_id, row.number
    FROM unnest(CAST(:keys AS text[]), CAST(:ids AS uuid[]), CAST(:numbers AS text[])) AS row (key, matter_id, number)
    ORDER BY row.key
    ON CONFLICT DO NOTHING
    RETURNING key
    """)
)
_FOUND = Statement(
    select(imported_rows).where(
        imported_rows.c.organisation_id == bindparam("organisation_id", type_=Uuid),
        imported_rows.c.register == bindparam("register", type_=Text),
        imported_rows.c.key == any_(bindparam("wanted", type_=ARRAY(Text))),
    )
)
_COUNT = Statement(
    text("""
    INSERT INTO filings (filer, capacity, lane, day, filed)
    VALUES (:filer, :capacity, 0, CAST(:day AS date), CAST(:rows AS integer))
    ON CONFLICT (filer, capacity, lane) DO UPDATE
        SET filed = CASE WHEN filings.day < excluded.day THEN excluded.filed ELSE filings.filed + excluded.filed END,
            day = greatest(filings.day, excluded.day)
        WHERE filings.day < excluded.day OR filings.filed + excluded.filed <= CAST(:quota AS integer)
    """)
)
_TOTALS = Statement(
    text("""
    SELECT m.state, coalesce(m.currency, '') AS currency, count(*) AS matters,
        CAST(coalesce(sum(m.minor_units), 0) AS bigint) AS minor_units
    FROM imported_rows AS i JOIN matters AS m ON m.id = i.matter_id
    WHERE i.organisation_id = CAST(:organisation_id AS uuid) AND i.register = CAST(:register AS text)
    GROUP BY m.state, coalesce(m.currency, '')
    ORDER BY m.state, currency
    """)
)
