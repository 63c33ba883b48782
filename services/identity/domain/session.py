"""A sign-in: from the code that was given until it is ended or eight hours are over, over all tokens renewed in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

SESSION = timedelta(hours=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Times are aware UTC. ``current``: whether it is the one that asks."""

    id: UUID
    account: UUID
    create_time: datetime
    expire_time: datetime
    current: bool = False
