"""A notice (通知): one message to one recipient, over one channel after another until one takes it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.kernel.events import Aggregate
from services.common.kernel.ids import resource_name
from services.notify.domain import events
from services.notify.domain.values import Attempt, NoticeChannel, NoticeState

PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Before each further try on one channel; after the last, the next channel."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is said: ``short`` is the text message, which never tells what a matter is about."""

    title: str
    body: str
    short: str


@dataclass(slots=True, kw_only=True)
class Notice(Aggregate):
    """``channels`` are those that lead anywhere, in order; ``channel_index`` the one in use, counted from 0.

    ``urgent`` ones are sent at night too.
    """

    subject: str
    recipient: str
    account: str
    template: str
    locale: str
    text: Text
    urgent: bool
    channels: tuple[NoticeChannel, ...]
    state: NoticeState
    create_time: datetime
    channel_index: int = 0
    attempts: tuple[Attempt, ...] = ()

    @property
    def name(self) -> str:
        return resource_name("notices", self.id)

    @property
    def channel(self) -> NoticeChannel | None:
        """The channel in use; None when none is left."""
        return self.channels[self.channel_index] if self.channel_index < len(self.channels) else None

    @property
    def on_last_channel(self) -> bool:
        """Whether no other channel leads to the person."""
        return self.channel_index >= len(self.channels) - 1

    @property
    def open(self) -> bool:
        """Whether it still has to be sent."""
        return self.state in (NoticeState.QUEUED, NoticeState.SENT)

    @property
    def interrupted(self) -> bool:
        """Whether a try was begun whose end nobody knows."""
        return bool(self.attempts) and not self.attempts[-1].evidence

    def begin(self, channel: NoticeChannel, now: datetime) -> None:
        """Notes that a try begins. One that was interrupted is gone on with, not begun again."""
        self.state = NoticeState.SENT
        if not self.interrupted:
            self.attempts = (*self.attempts, Attempt(channel=channel, attempt_time=now))

    def delivered(self, evidence: str, now: datetime) -> None:
        """The receiving server took it."""
        channel = self._end(True, evidence, now)
        self.state = NoticeState.DELIVERED
        self.record(events.NoticeDelivered(notice=self.name, subject=self.subject, channel=channel))

    def not_delivered(self, evidence: str, *, for_good: bool, now: datetime) -> timedelta | None:
        """Notes the failure. The pause before the next try, or None when every channel has failed."""
        channel = self._end(False, evidence, now)
        tries = sum(1 for attempt in self.attempts if attempt.channel is channel)
        if not for_good and tries <= len(PAUSES):
            self.state = NoticeState.QUEUED
            return PAUSES[tries - 1]
        self.channel_index += 1
        if self.channel is not None:
            self.state = NoticeState.QUEUED
            return timedelta(0)
        self.fail()
        return None

    def fail(self) -> None:
        """No channel is left: a person has to tell."""
        self.state = NoticeState.FAILED
        self.record(events.NoticeFailed(notice=self.name, subject=self.subject))

    def _end(self, delivered: bool, evidence: str, now: datetime) -> NoticeChannel:
        last = self.attempts[-1]
        ended = replace(last, delivered=delivered, evidence=evidence or "no words", attempt_time=now)
        self.attempts = (*self.attempts[:-1], ended)
        return last.channel
