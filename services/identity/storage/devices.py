"""Devices that an account signed in from, by the keyed hash of the secret each was given."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.common.storage.transaction import Transaction
from services.identity.storage.tables import devices

LIFETIME = timedelta(days=365)
MOST = 20
"""Devices of one account; the one that was not used for longest is forgotten for a further one."""


class Devices:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def keep(self, device: bytes, account_id: UUID) -> None:
        """For a year from now on."""
        expire_time = self._tx.now + LIFETIME
        row = {"key": device, "account_id": account_id, "expire_time": expire_time}
        renewed = (
            insert(devices)
            .values(row)
            .on_conflict_do_update(index_elements=["key", "account_id"], set_={"expire_time": expire_time})
        )
        await self._tx.connection.execute(renewed)
        mine = devices.c.account_id == account_id
        beyond = select(devices.c.key).where(mine).order_by(devices.c.expire_time.desc(), devices.c.key).offset(MOST)
        await self._tx.connection.execute(delete(devices).where(mine, devices.c.key.in_(beyond)))

    async def belongs(self, device: bytes, account_id: UUID) -> bool:
        mine = (devices.c.key == device) & (devices.c.account_id == account_id)
        query = select(devices.c.key).where(mine, devices.c.expire_time > self._tx.now)
        return (await self._tx.connection.execute(query)).first() is not None

    async def forget(self, account_id: UUID) -> None:
        await self._tx.connection.execute(delete(devices).where(devices.c.account_id == account_id))
