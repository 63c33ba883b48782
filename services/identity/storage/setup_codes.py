"""The one-time codes that make the first administrator; only their SHA-256 is kept."""

from datetime import timedelta

from sqlalchemy import insert, update

from services.common.storage.transaction import Transaction
from services.identity.domain import errors
from services.identity.storage.tables import first_administrator_codes as codes

LIFETIME = timedelta(days=1)


class SetupCodes:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, code_hash: bytes) -> None:
        await self._tx.connection.execute(
            insert(codes).values(code_hash=code_hash, expire_time=self._tx.now + LIFETIME)
        )

    async def use(self, code_hash: bytes) -> None:
        """Raises CLAIM_CODE_REFUSED (DENIED) for a wrong, used or expired one."""
        good = (codes.c.code_hash == code_hash) & (codes.c.use_time.is_(None)) & (codes.c.expire_time > self._tx.now)
        done = await self._tx.connection.execute(update(codes).where(good).values(use_time=self._tx.now))
        if done.rowcount != 1:
            raise errors.claim_code_refused()
