"""How many matters each account filed today: one row for each, which begins anew with its day."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


class Filings:
    def __init__(self, tx: "IntakeTransaction") -> None:
        self._tx = tx

    async def count(self, filer: str, day: date, quota: int) -> bool:
        """Counts one more, if the quota leaves room; whether it did."""
        return bool(await self._tx.driver.fetchval(_COUNT, filer, day, quota))


_COUNT = """
    INSERT INTO filings (filer, day, filed) VALUES ($1, $2, 1)
    ON CONFLICT (filer) DO UPDATE
        SET day = excluded.day, filed = CASE WHEN filings.day = excluded.day THEN filings.filed + 1 ELSE 1 END
        WHERE filings.day <> excluded.day OR filings.filed < $3
    RETURNING true
    """
