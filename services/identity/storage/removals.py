"""What identity forgets once it is of no more use."""

from datetime import timedelta

from services.common.storage.retention import removal

_AT_ONCE = timedelta(0)
REMOVALS = (
    # Challenges go with their codes.
    removal("codes", "expire_time", timedelta(days=1)),
    # A bucket that is full says nothing.
    removal("buckets", "full_time", _AT_ONCE),
    removal("sessions", "expire_time", _AT_ONCE),
    removal("devices", "expire_time", _AT_ONCE),
)
