"""The job that sends a notice, outside any transaction.

Before anything leaves, a first transaction notes that a try begins. If the process dies between the server's yes and
the second transaction, the next worker finds a try without an end: it sends the same message again under the same
Message-ID, by which a mail store recognises the copy. SMTP knows no better: at least once, and recognisable.
"""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Principal
from services.notify.application.ports import ChannelFailure, Channels, Message
from services.notify.application.tell import enqueue_sending, give_up
from services.notify.domain.notice import Notice
from services.notify.domain.values import NoticeChannel

if TYPE_CHECKING:
    from services.common.storage.database import Database
    from services.common.storage.jobs import Job
    from services.notify.storage.transaction import NotifyTransaction

_SYSTEM = Principal(service="system")
Record = Callable[["NotifyTransaction"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A try that was noted: of which notice, what goes where."""

    notice: Notice
    channel: NoticeChannel
    message: Message


class SendNotice:
    """A job handler for ``send_notice``."""

    def __init__(self, database: "Database[NotifyTransaction]", channels: Channels) -> None:
        self._database = database
        self._channels = channels

    async def __call__(self, job: "Job") -> Record | None:
        notice_id = UUID(job.payload["notice"])
        async with self._database.transaction(_SYSTEM) as tx:
            begun = await _begin(tx, notice_id)
        if begun is None or isinstance(begun, timedelta):
            return _again_after(notice_id, begun) if begun else None
        try:
            evidence = await self._channels[begun.channel].send(begun.message)
        except ChannelFailure as failure:
            if failure.away and begun.notice.on_last_channel:
                raise _channel_away() from failure  # Waited for: the message is right, and nothing else leads there.
            return _not_delivered(begun.notice, failure)
        return _delivered(begun.notice, evidence)


async def sending_failed(tx: "NotifyTransaction", job: "Job", _reason: str) -> None:
    """The job itself could not be done, however often: a person has to tell."""
    notice = await tx.notices.get(UUID(job.payload["notice"]))
    if notice.open:
        await give_up(tx, notice)


async def _begin(tx: "NotifyTransaction", notice_id: UUID) -> _Begun | timedelta | None:
    """Notes the try. A timedelta says to wait for the morning; None that nothing is left to do."""
    notice = await tx.notices.get(notice_id)
    channel = notice.channel
    if not notice.open or channel is None:
        return None
    card = await tx.people.card_of(notice.subject, notice.recipient)
    night = card.preferences.wait(channel, tx.now) if card else timedelta(0)
    if night and not notice.urgent:
        return night
    # Where the person can be reached now, which may have changed since the notice was queued.
    address = card.address(channel) if card else ""
    notice.begin(channel, tx.now)
    await tx.notices.save(notice)
    return _Begun(notice, channel, Message(key=str(notice.id), address=address, text=notice.text, locale=notice.locale))


def _channel_away() -> DomainError:
    return DomainError(
        ErrorKind.UNAVAILABLE, "CHANNEL_AWAY", "发送服务器无应答", "the server that sends messages does not answer"
    )


def _again_after(notice_id: UUID, pause: timedelta) -> Record:
    async def record(tx: "NotifyTransaction") -> None:
        enqueue_sending(tx, await tx.notices.get(notice_id), pause)

    return record


def _delivered(begun: Notice, evidence: str) -> Record:
    async def record(tx: "NotifyTransaction") -> None:
        notice = deepcopy(begun)  # A database that went away has this done once more, from where it began.
        notice.delivered(evidence, tx.now)
        await tx.notices.save(notice)

    return record


def _not_delivered(begun: Notice, failure: ChannelFailure) -> Record:
    async def record(tx: "NotifyTransaction") -> None:
        notice = deepcopy(begun)
        pause = notice.not_delivered(failure.evidence, for_good=failure.for_good, now=tx.now)
        if pause is None:
            await give_up(tx, notice)
        else:
            await tx.notices.save(notice)
            enqueue_sending(tx, notice, pause)

    return record
