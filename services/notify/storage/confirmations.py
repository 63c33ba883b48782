"""Which contacts that nobody has verified were written to: each once a day for each kind, and so many an hour in all."""

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction

_HOUR = timedelta(hours=1)
KEPT = timedelta(days=2)


class Confirmations:
    """Rows hold the SHA-256 of a contact, for two days."""

    def __init__(self, tx: "NotifyTransaction", per_hour: int) -> None:
        self._tx = tx
        self._per_hour = per_hour

    async def claim(self, contact: str, kind: str, day: date) -> bool:
        """Whether the contact may be written to; if so, it was."""
        driver, now = self._tx.driver, self._tx.now
        if await driver.fetchval(_RECENT, now - _HOUR, self._per_hour) >= self._per_hour:
            return False
        key = sha256(f"{kind} {contact}".encode()).digest()
        return bool(await driver.fetchval(_CLAIM, key, day, now))


_RECENT = "SELECT count(*) FROM (SELECT 1 FROM confirmations WHERE create_time > $1 LIMIT $2) AS recent"
_CLAIM = """
    INSERT INTO confirmations (key, day, create_time) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true
    """
