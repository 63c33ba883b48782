"""The keys of tokens in their time."""

from services.common.storage.database import Database
from services.identity.credentials.key_folder import only_one
from services.identity.credentials.key_ring import KeyRing
from services.identity.storage.transaction import IdentityTransaction


async def keep_keys(database: Database[IdentityTransaction], ring: KeyRing) -> None:
    """The next key of tokens is made and an old one put away when it is time."""
    async with only_one(database.engine):
        ring.keep(database.clock.now())
