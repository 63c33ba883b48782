"""One-time codes. A code is sent once and good for exactly what it was asked for; whoever asks while it is good gets a
challenge of its own for it.

A challenge cannot be guessed and has five tries that nobody else can use up. That keeps the person who has the code from
being locked out; what keeps guessing hopeless is the length. Six digits while few challenges were left unanswered, twelve
after that: see ADR 19 for the arithmetic.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from services.common.kernel.contacts import Contact

MAX_TRIES = 5
MAX_SENDS = 3
SEND_AGAIN_AFTER = timedelta(minutes=1)
DOUBTFUL_AFTER = timedelta(seconds=8)
"""Longer than a sending may take."""


class Purpose(Enum):
    """What a code is good for. CONFIRM_CHANGE: the holder of an old contact agrees to a new one."""

    SIGN_IN = "SIGN_IN"
    VERIFY_CONTACT = "VERIFY_CONTACT"
    CONFIRM_CHANGE = "CONFIRM_CHANGE"
    CLAIM_INVITATION = "CLAIM_INVITATION"
    SIGN_DOCUMENT = "SIGN_DOCUMENT"


class Length(Enum):
    """How long a code is: (digits, lifetime)."""

    SHORT = (6, timedelta(minutes=10))
    LONG = (12, timedelta(hours=1))

    @property
    def digits(self) -> int:
        return self.value[0]

    @property
    def lifetime(self) -> timedelta:
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a code is good for. ``account`` may give it back, anybody when None (sign-in); ``subject`` and ``digest`` are
    what a proof will be bound to; ``invitation`` what a claim is for."""

    purpose: Purpose
    contact: Contact
    account: UUID | None = None
    subject: str = ""
    digest: bytes = b""
    invitation: UUID | None = None

    def __str__(self) -> str:
        """The same text for the same meaning."""
        parts = (self.purpose.name, self.contact.value, self.account, self.subject, self.digest.hex(), self.invitation)
        return " ".join(map(str, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code that was sent. ``lane`` is whose asking it serves, so that strangers share none with a known device; times
    are aware UTC."""

    id: UUID
    meant: Meant
    lane: str
    length: Length
    expire_time: datetime
    send_time: datetime
    sends: int = 1
    sent: bool = False
    """Whether the last sending is known to have come to an end; if not, a crash may have swallowed it."""

    def may_be_sent_again(self, now: datetime) -> bool:
        pause = SEND_AGAIN_AFTER if self.sent else DOUBTFUL_AFTER
        return self.sends < MAX_SENDS and self.send_time + pause <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One asking for a code: ``id`` is known to the asker alone."""

    id: UUID
    code: Code

    @property
    def expire_time(self) -> datetime:
        return self.code.expire_time

    @property
    def meant(self) -> Meant:
        return self.code.meant

    @property
    def send_time(self) -> datetime:
        return self.code.send_time

    @property
    def sent_to(self) -> str:
        return self.code.meant.contact.masked


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was counted, at this challenge.

    No challenge when none is open to this caller for this purpose; ``exhausted`` when its tries are used up.
    """

    challenge: Challenge | None = None
    exhausted: bool = False
