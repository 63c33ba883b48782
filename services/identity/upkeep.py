"""What identity does by itself: keys in their time, and forgetting what is of no more use."""

from datetime import timedelta

from services.common.storage.database import Database
from services.common.storage.retention import removal
from services.identity.credentials.key_folder import only_one
from services.identity.credentials.key_ring import KeyRing
from services.identity.storage.transaction import IdentityTransaction

_AT_ONCE = timedelta(0)
REMOVALS = (
    # Challenges go with their codes.
    removal("codes", "expire_time", timedelta(days=1)),
    # A bucket that is full says nothing.
    removal("buckets", "full_time", _AT_ONCE),
    removal("sessions", "expire_time", _AT_ONCE),
    removal("devices", "expire_time", _AT_ONCE),
)


async def keep_keys(database: Database[IdentityTransaction], ring: KeyRing) -> None:
    """The next key of tokens is made and an old one put away when it is time."""
    async with only_one(database.engine):
        ring.keep(database.clock.now())
