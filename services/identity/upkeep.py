"""What identity does by itself: keys in their time, and forgetting what is of no more use."""

import asyncio

from services.common.storage.database import Database
from services.common.storage.transaction import SYSTEM
from services.identity.credentials.key_folder import only_one
from services.identity.credentials.key_ring import KeyRing
from services.identity.storage.transaction import IdentityTransaction

POLL_SECONDS = 30


class Upkeep:
    """A loop of the application; any failure is logged and tried again at the next round."""

    def __init__(self, database: Database[IdentityTransaction], ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._watch = database.surroundings.watch("upkeep")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.keep()
            except Exception as error:
                await self._watch.failed(error)
            else:
                self._watch.worked()

    async def keep(self) -> None:
        """One round."""
        async with only_one(self._database.engine):
            self._ring.keep(self._database.clock.now())
        async with self._database.transaction(SYSTEM) as tx:
            await tx.challenges.forget_old()
            await tx.buckets.forget_full()
            await tx.sessions.forget_old()
            await tx.devices.forget_old()
