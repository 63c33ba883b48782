"""Telling people something: one notice for each of them, queued once per event, recipient and template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.house import HOUSE_ZONE
from services.common.kernel.ids import derived_id
from services.notify.application.ports import Sender, Subject
from services.notify.domain.manual_task import ManualTask
from services.notify.domain.notice import Notice
from services.notify.domain.values import Card, ManualTaskState, NoticeState

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction

SEND_JOB = "send_notice"
NOBODY = UUID(int=0)
"""Whose a notice is that is about somebody's own account: no organisation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is to be told. ``event_id`` is the event that gives the reason; ``facts`` fill the template."""

    event_id: UUID
    template: str
    subject: Subject
    facts: Mapping[str, object] = field(default_factory=dict)
    urgent: bool = False


CONFIRMING = {"matter_received": "receipt", "party_invited": "invitation", "referral_party_invited": "invitation"}
"""What a contact that nobody has verified may get, and of which kind it is: it says how to confirm the contact."""


async def tell(tx: "NotifyTransaction", telling: Telling, cards: Sequence[Card]) -> None:
    """Queues a notice for each card; the same telling twice queues nothing more.

    A contact that nobody has verified may be a stranger's: it gets one request to confirm it in a day, whatever happens,
    and of everything else a person has to tell.
    """
    by_recipient = {card.recipient: card for card in cards}
    sender = await tx.senders.of(telling.subject.organisation_id) if cards else Sender()
    for notice in await tx.notices.add([_notice(telling, card, sender, tx) for card in cards]):
        if notice.channel is None or not await _may_be_written_to(tx, by_recipient[notice.recipient], notice):
            await give_up(tx, notice)
        else:
            enqueue_sending(tx, notice)


async def _may_be_written_to(tx: "NotifyTransaction", card: Card, notice: Notice) -> bool:
    if card.verified:
        return True
    kind = CONFIRMING.get(notice.template)
    if kind is None or notice.channel is None:
        return False
    return await tx.confirmations.claim(card.address(notice.channel), kind, tx.now.astimezone(HOUSE_ZONE).date())


async def everybody(tx: "NotifyTransaction", subject: Subject) -> list[Card]:
    """The audience of a matter or referral, or of the one that a case came from."""
    return await tx.people.audience(subject.origin or subject.name)


async def party_card(tx: "NotifyTransaction", subject: Subject, recipient: str) -> list[Card]:
    """One party of a matter, referral or case; empty when it is not known."""
    card = await tx.people.card(subject.origin or subject.name, recipient)
    return [card] if card else []


async def mediator_card(tx: "NotifyTransaction", subject: Subject) -> list[Card]:
    """The mediator of a case; empty when nobody is appointed."""
    return [await tx.people.account_card(subject.mediator_account)] if subject.mediator_account else []


def enqueue_sending(tx: "NotifyTransaction", notice: Notice, pause: timedelta = timedelta(0)) -> None:
    """Has the notice sent after the commit, at the earliest after the pause."""
    tx.enqueue(SEND_JOB, {"notice": str(notice.id)}, delay=pause)


async def give_up(tx: "NotifyTransaction", notice: Notice) -> None:
    """No channel reached the person: somebody has to, and it is said so."""
    if notice.state is not NoticeState.FAILED:
        notice.fail()
    await tx.notices.save(notice)
    if notice.organisation_id == NOBODY:
        return
    task = ManualTask(
        id=derived_id("manual_task", notice.id),
        organisation_id=notice.organisation_id,
        notice=notice.name,
        recipient=notice.recipient,
        subject=notice.subject,
        state=ManualTaskState.OPEN,
        create_time=tx.now,
    )
    task.created()
    await tx.manual_tasks.add(task)


def _notice(telling: Telling, card: Card, sender: Sender, tx: "NotifyTransaction") -> Notice:
    subject, wanted = telling.subject, card.preferences
    locale = wanted.locale or card.locale
    facts = {"number": subject.number, "sample": subject.sample, "unconfirmed": not card.verified, **telling.facts}
    return Notice(
        id=derived_id("notice", telling.event_id, card.recipient, telling.template),
        organisation_id=subject.organisation_id,
        subject=subject.name,
        recipient=card.recipient,
        account=card.account,
        template=telling.template,
        locale=locale,
        text=tx.templates.notice(telling.template, locale, facts, sender),
        urgent=telling.urgent,
        channels=tuple(channel for channel in wanted.order() if card.address(channel)),
        state=NoticeState.QUEUED,
        create_time=tx.now,
    )
