"""What identity tells: accounts and their contacts, roles, organisations, invitations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from comity.identity.v1 import identity_events_pb2, identity_service_pb2

from services.common.kernel.ids import parse_name
from services.common.messaging.consumer import Envelope, Reaction
from services.common.messaging.revocations import REVOCATIONS
from services.notify.application.ports import Sender, Subject
from services.notify.application.tell import NOBODY, Telling, tell
from services.notify.domain.values import Card
from services.notify.messaging.dossiers import Ask, Pull
from services.notify.messaging.telling import with_cards
from services.notify.storage.transaction import NotifyTransaction as Tx

_TOLD_BY_TELEPHONE = 12
"""As much of an account's id as anybody wants to spell."""


async def _organisation_told(
    tx: Tx, _event: Any, _envelope: Envelope, found: identity_service_pb2.Organisation
) -> None:
    sender = Sender(display_name=found.display_name, telephone=found.telephone)
    await tx.senders.keep(parse_name("organisations", found.name), sender, found.version)


async def _invitation_created(
    tx: Tx, event: identity_events_pb2.InvitationCreated, _envelope: Envelope, _prepared: Any
) -> None:
    await tx.senders.keep_invitation(event.invitation, event.expire_time.ToDatetime(tzinfo=UTC))


async def _account_contacts(tx: Tx, _event: Any, envelope: Envelope, cards: Sequence[Card]) -> None:
    await tx.people.keep_cards(cards, envelope.version)


async def _contact_changed(
    tx: Tx, event: identity_events_pb2.AccountContactVerified, envelope: Envelope, cards: Sequence[Card]
) -> None:
    """Every contact that the account had before is told: whoever took it over cannot do so unseen."""
    await tx.people.keep_cards(cards, envelope.version)
    former = [replace(card, verified=True) for card in cards if card.recipient != event.account]
    subject = Subject(name=event.account, number=event.account[-_TOLD_BY_TELEPHONE:], organisation_id=NOBODY)
    told = Telling(event_id=envelope.event_id, template="contact_changed", subject=subject, urgent=True)
    await tell(tx, told, former)


async def _role_granted(tx: Tx, event: identity_events_pb2.AccountRoleGranted, *_: Any) -> None:
    await tx.people.account_card(event.account)
    await tx.people.grant(parse_name("organisations", event.organisation), _role(event.role), event.account)


async def _role_revoked(tx: Tx, event: identity_events_pb2.AccountRoleRevoked, *_: Any) -> None:
    await tx.people.revoke(parse_name("organisations", event.organisation), _role(event.role), event.account)


def _role(number: int) -> str:
    return identity_service_pb2.Role.Name(number).removeprefix("ROLE_")  # type: ignore[arg-type]


def _held(event: identity_events_pb2.AccountRoleGranted | identity_events_pb2.AccountRoleRevoked) -> str:
    """Whether the role is held: a grant that was put off comes too late after the role was taken away."""
    return f"{_role(event.role)} of {event.organisation}"


def reactions(cards: Pull, organisation: Ask) -> Mapping[str, Reaction[Tx]]:
    """Event type to reaction."""

    async def asked(event: Any) -> identity_service_pb2.Organisation:
        return await organisation(event.organisation)

    return {
        "account.registered": with_cards(identity_events_pb2.AccountRegistered, _account_contacts, cards, "account"),
        "account.contact_verified": with_cards(
            identity_events_pb2.AccountContactVerified, _contact_changed, cards, "account"
        ),
        "organisation.created": Reaction(identity_events_pb2.OrganisationCreated, _organisation_told, asked),
        "organisation.telephone_changed": Reaction(
            identity_events_pb2.OrganisationTelephoneChanged, _organisation_told, asked
        ),
        "invitation.created": Reaction(identity_events_pb2.InvitationCreated, _invitation_created),
        **REVOCATIONS,
        "account.role_granted": Reaction(identity_events_pb2.AccountRoleGranted, _role_granted, newest_of=_held),
        "account.role_revoked": Reaction(identity_events_pb2.AccountRoleRevoked, _role_revoked, newest_of=_held),
    }
