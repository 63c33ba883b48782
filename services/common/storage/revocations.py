"""Revoked tokens as rows: heard of from identity by a consumer of any replica, known to all of them within a second."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.common.kernel.revoked import RevokedTokens
from services.common.storage.transaction import Transaction

if TYPE_CHECKING:
    from services.common.storage.database import Database

POLL_SECONDS = 0.5
KEPT = timedelta(hours=1)
"""Longer than any token or proof is good for."""
_OVERLAP = timedelta(minutes=1)
"""A transaction may commit so long after its time."""
_FORGET_EVERY = 120


class Revocations:
    """The rows, in a transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, subject: str, generation: int) -> None:
        """Tokens of ``accounts/...`` below the generation, or all of ``signIns/...``, are no longer good."""
        await self._tx.driver.execute(_ADD, subject, generation, self._tx.now)


class RevocationLoop:
    """Keeps what is in memory as the rows are. Those whose tokens have expired are removed in time (``retention``)."""

    def __init__(self, database: "Database[Any]", revoked: RevokedTokens) -> None:
        self._database = database
        self._revoked = revoked
        self._watch = database.surroundings.watch("revocations")
        self._seen: datetime | None = None
        self._rounds = 0

    async def run(self) -> None:
        """Until cancelled."""
        await self._watch.rounds(self._round, POLL_SECONDS)

    async def load(self) -> None:
        """Takes over what is new since the last time."""
        now = self._database.clock.now()
        since = now - KEPT if self._seen is None else min(self._seen, now) - _OVERLAP
        for row in await self._database.system_statement(_NEW, since):
            self._revoked.add(row["subject"], row["generation"], row["revoke_time"])
        self._seen = now

    async def _round(self) -> None:
        await self.load()
        if self._rounds % _FORGET_EVERY == 0:
            self._revoked.forget(self._database.clock.now() - KEPT)
        self._rounds += 1


_ADD = """
    INSERT INTO revocations (subject, generation, revoke_time) VALUES ($1, $2, $3)
    ON CONFLICT (subject) DO UPDATE
        SET generation = greatest(revocations.generation, excluded.generation), revoke_time = excluded.revoke_time
    """
_NEW = "SELECT subject, generation, revoke_time FROM revocations WHERE revoke_time >= $1"
