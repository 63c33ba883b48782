"""What notify publishes. Names are resource names."""

from dataclasses import dataclass
from datetime import datetime

from services.common.deadlines import DeadlineMove
from services.common.kernel.events import DomainEvent
from services.notify.domain.values import CallBackState, NoticeChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDelivered(DomainEvent):
    """The server responsible for the recipient took it over."""

    notice: str
    subject: str
    channel: NoticeChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFailed(DomainEvent):
    """Every channel failed; a manual task exists."""

    notice: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackCreated(DomainEvent):
    call_back: str
    subject: str
    due_time: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackDeadlineMoved(DomainEvent):
    """The calendar of its limit changed; not published, the officers are told here."""

    call_back: str
    subject: str
    move: DeadlineMove


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackAttempted(DomainEvent):
    """A try that did not end it; not published."""

    call_back: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackCompleted(DomainEvent):
    call_back: str
    subject: str
    state: CallBackState
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTaskCreated(DomainEvent):
    """Not published: ``notice.failed`` tells."""

    manual_task: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTaskCompleted(DomainEvent):
    manual_task: str
    subject: str
