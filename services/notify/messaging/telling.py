"""Reactions that only tell, and whom they tell."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from google.protobuf.message import Message

from services.common.messaging.consumer import Envelope, Reaction
from services.notify.application.moved import DEADLINE_MOVED, moved
from services.notify.application.ports import Subject
from services.notify.application.tell import Telling, everybody, mediator_card, tell
from services.notify.domain.values import Card
from services.notify.messaging.dossiers import Pull
from services.notify.messaging.notices import LIMIT_NEAR, of_notice
from services.notify.storage.transaction import NotifyTransaction as Tx

Apply: TypeAlias = Callable[[Tx, Any, Envelope, Any], Awaitable[None]]
Facts: TypeAlias = Callable[[Any], Mapping[str, object]]
Whom: TypeAlias = Callable[[Tx, Subject, Any], Awaitable[Sequence[Card]]]


async def to_all(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return await everybody(tx, subject)


async def to_all_and_mediator(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return [*await everybody(tx, subject), *await mediator_card(tx, subject)]


async def to_mediator(tx: Tx, subject: Subject, _event: Any) -> Sequence[Card]:
    return await mediator_card(tx, subject)


async def to_account(tx: Tx, _subject: Subject, event: Any) -> Sequence[Card]:
    return [await tx.people.account_card(event.account)]


def no_facts(_event: Any) -> Mapping[str, object]:
    return {}


def telling(template: str, about: str, *, facts: Facts = no_facts, whom: Whom = to_all, urgent: bool = False) -> Apply:
    """A reaction that only tells: ``about`` is the event's field that names the subject."""

    async def apply(tx: Tx, event: Any, envelope: Envelope, _prepared: Any) -> None:
        subject = await tx.people.subject(getattr(event, about))
        told = Telling(
            event_id=envelope.event_id, template=template, subject=subject, facts=facts(event), urgent=urgent
        )
        await tell(tx, told, await whom(tx, subject, event))

    return apply


def telling_move(about: str, whom: Whom) -> Apply:
    """A time limit moved with its calendar: who was told the old day is told the new one."""

    def facts(event: Any) -> Mapping[str, object]:
        move = event.move
        return moved(move.name_zh, move.name_en, move.old_due_date, move.due_date, provisional=move.provisional)

    return telling(DEADLINE_MOVED, about, facts=facts, whom=whom)


def telling_near(about: str, whom: Whom) -> Apply:
    """A time limit is about to end: until when, and what happens otherwise."""
    return telling(LIMIT_NEAR, about, facts=lambda event: of_notice(event.notice), whom=whom)


def another_day(event: Any) -> bool:
    """Staff are told of another day; that a day is certain now, they see."""
    return bool(event.move.old_due_date != event.move.due_date)


def with_cards(message: type[Message], apply: Apply, pull: Pull, about: str) -> Reaction[Tx]:
    """A reaction for which the contact cards are pulled first; ``about`` is the event's field that names their subject."""

    async def prepare(event: Any) -> Sequence[Card]:
        return await pull(getattr(event, about), event.contacts_digest) if event.contacts_digest else ()

    return Reaction(message, apply, prepare)
