"""One-time codes: six digits, ten minutes, five tries, used once, good for exactly what they were asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from services.identity.domain.contact import Contact

LIFETIME = timedelta(minutes=10)
MAX_TRIES = 5


class Purpose(Enum):
    """What a code is good for."""

    SIGN_IN = "SIGN_IN"
    VERIFY_CONTACT = "VERIFY_CONTACT"
    CLAIM_INVITATION = "CLAIM_INVITATION"
    SIGN_DOCUMENT = "SIGN_DOCUMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A code on its way. ``account`` may answer it, anybody when None (sign-in); ``subject`` and ``digest`` are what a
    proof will be bound to; ``invitation`` what a claim is for. Times are aware UTC."""

    id: UUID
    purpose: Purpose
    contact: Contact
    expire_time: datetime
    account: UUID | None = None
    subject: str = ""
    digest: bytes = b""
    invitation: UUID | None = None

    @property
    def sent_to(self) -> str:
        return self.contact.masked


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was counted: what it was at, and the keyed hash that the code must have.

    No challenge when none is open to this caller for this purpose; ``exhausted`` when its tries are used up.
    """

    challenge: Challenge | None = None
    code_hash: bytes = b""
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class SendLimit:
    """At most ``codes`` to one contact within ``window``."""

    codes: int
    window: timedelta


def retry_time(sent: list[datetime], limits: tuple[SendLimit, ...], now: datetime) -> datetime | None:
    """When a further code may be sent (aware UTC); None for at once. ``sent`` lists earlier sendings, newest first."""
    waits = []
    for limit in limits:
        recent = [moment for moment in sent if moment > now - limit.window]
        if len(recent) >= limit.codes:
            waits.append(recent[limit.codes - 1] + limit.window)
    return max(waits, default=None)
