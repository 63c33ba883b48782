"""The values of notify. Names of enum members are those of the proto enums without their prefix."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import Enum

from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.phones import takes_text_messages


class NoticeChannel(Enum):
    """How a notice travels."""

    MAIL = "MAIL"
    TEXT_MESSAGE = "TEXT_MESSAGE"
    WEBHOOK = "WEBHOOK"


class NoticeState(Enum):
    """Where a notice stands (domain §9.7)."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"


class CallBackState(Enum):
    """Where a call-back stands."""

    DUE = "DUE"
    DONE = "DONE"
    UNREACHABLE = "UNREACHABLE"
    REOPEN_REQUESTED = "REOPEN_REQUESTED"


class ManualTaskState(Enum):
    """Where a manual task stands."""

    OPEN = "OPEN"
    DONE = "DONE"


class CodePurpose(Enum):
    """What a one-time code is for."""

    SIGN_IN = "SIGN_IN"
    CLAIM_INVITATION = "CLAIM_INVITATION"
    SIGN_DOCUMENT = "SIGN_DOCUMENT"
    VERIFY_CONTACT = "VERIFY_CONTACT"
    CONFIRM_CHANGE = "CONFIRM_CHANGE"


DEFAULT_CHANNELS = (NoticeChannel.MAIL, NoticeChannel.TEXT_MESSAGE)
_QUIET_START, _QUIET_END = time(21), time(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How somebody wants to be told. Times are local (HH:MM); empty means the default of 21:00 to 08:00."""

    locale: str = ""
    channels: tuple[NoticeChannel, ...] = ()
    quiet_start: str = ""
    quiet_end: str = ""

    def order(self) -> tuple[NoticeChannel, ...]:
        """The channels to try, in order."""
        return self.channels or DEFAULT_CHANNELS

    def wait(self, channel: NoticeChannel, now: datetime) -> timedelta:
        """How long the night still lasts for this channel; zero outside it. Mail wakes nobody and never waits."""
        if channel is not NoticeChannel.TEXT_MESSAGE:
            return timedelta(0)
        start = time.fromisoformat(self.quiet_start) if self.quiet_start else _QUIET_START
        end = time.fromisoformat(self.quiet_end) if self.quiet_end else _QUIET_END
        return _until_end(now.astimezone(HOUSE_ZONE), start, end)


def _until_end(local: datetime, start: time, end: time) -> timedelta:
    moment = local.time().replace(tzinfo=None)
    quiet = start <= moment < end if start <= end else moment >= start or moment < end
    if not quiet:
        return timedelta(0)
    last = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return (last if last > local else last + timedelta(days=1)) - local


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Where and how one recipient of one subject can be reached. Names are resource names; ``account`` may be empty."""

    recipient: str
    subject: str
    account: str = ""
    display_name: str = field(default="", repr=False)
    locale: str = "zh"
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    preferences: Preferences = Preferences()
    verified: bool = False
    """Whether identity has seen that who is meant reads what is sent there."""

    def address(self, channel: NoticeChannel) -> str:
        """Where the channel leads, empty when it leads nowhere."""
        if channel is NoticeChannel.MAIL:
            return self.email
        if channel is NoticeChannel.TEXT_MESSAGE:
            return self.phone if takes_text_messages(self.phone) else ""
        return self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver. ``evidence`` is the receiving server's words, or the error; empty while it is under way."""

    channel: NoticeChannel
    attempt_time: datetime
    delivered: bool = False
    evidence: str = ""
