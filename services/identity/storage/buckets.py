"""Token buckets that replicas share: one moment for each, when it will be full again (GCRA, as in ATM traffic control).

A bucket that is full has no row worth keeping, so sweeping loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import LargeBinary, bindparam, select

from services.common.storage.statement import Statement
from services.common.storage.transaction import Transaction
from services.identity.domain import errors
from services.identity.domain.limits import Bucket
from services.identity.storage.tables import buckets


class Buckets:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def take(self, bucket: Bucket) -> None:
        """Raises TOO_MANY_CODES (EXHAUSTED) with when the next one is free."""
        if not await self.free(bucket):
            raise errors.too_many_codes(await self._free_time(bucket))

    async def free(self, bucket: Bucket) -> bool:
        """Takes one if there is one; whether there was."""
        rate = bucket.rate
        taken = await self._tx.driver.fetchval(_TAKE, _key(bucket), self._tx.now, rate.interval, rate.period)
        return taken is not None

    async def all_free(self, these: Sequence[Bucket]) -> bool:
        """Takes one of each, or none of any."""
        for place, bucket in enumerate(these):
            if not await self.free(bucket):
                for taken in these[:place]:
                    await self.give_back(taken)
                return False
        return True

    async def give_back(self, bucket: Bucket) -> None:
        await self._tx.driver.execute(_GIVE_BACK, _key(bucket), bucket.rate.interval)

    async def _free_time(self, bucket: Bucket) -> datetime:
        full: datetime | None = await _FULL_TIME.value(self._tx.driver, wanted=_key(bucket))
        wait = (full or self._tx.now) + bucket.rate.interval - bucket.rate.period
        return max(wait, self._tx.now + timedelta(seconds=1))


def _key(bucket: Bucket) -> bytes:
    return sha256(bucket.key.encode()).digest()


_TAKE = """
    INSERT INTO buckets (key, full_time) VALUES ($1, $2::timestamptz + $3::interval)
    ON CONFLICT (key) DO UPDATE SET full_time = greatest(buckets.full_time, $2) + $3
        WHERE greatest(buckets.full_time, $2) + $3 <= $2 + $4::interval
    RETURNING true
    """
_GIVE_BACK = "UPDATE buckets SET full_time = full_time - $2::interval WHERE key = $1"
_FULL_TIME = Statement(select(buckets.c.full_time).where(buckets.c.key == bindparam("wanted", type_=LargeBinary)))
