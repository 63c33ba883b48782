"""Whom a subject concerns, where they can be reached, and how they want to be told."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.common.kernel.errors import DomainError, ErrorKind
from services.notify.application.ports import Subject
from services.notify.domain.values import Card, NoticeChannel, Preferences
from services.notify.storage.tables import cards, notices, preferences, staff, subjects


class People:
    """Contact cards and audiences. A case has the audience of the matter or referral it came from."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep_subject(self, subject: Subject) -> None:
        row = {
            "name": subject.name,
            "number": subject.number,
            "organisation_id": subject.organisation_id,
            "origin": subject.origin,
            "sample": subject.sample,
        }
        statement = insert(subjects).values(mediator_account="", **row)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))

    async def subject(self, name: str) -> Subject:
        """Raises SUBJECT_UNKNOWN (UNAVAILABLE: its event is still on its way, so it is tried again)."""
        row = (await self._connection.execute(select(subjects).where(subjects.c.name == name))).mappings().first()
        if row is None:
            raise DomainError(
                ErrorKind.UNAVAILABLE,
                "SUBJECT_UNKNOWN",
                "尚未收到该事项的信息",
                "nothing was heard of this subject yet",
            )
        return Subject(
            name=row["name"],
            number=row["number"],
            organisation_id=row["organisation_id"],
            origin=row["origin"],
            sample=row["sample"],
            mediator_account=row["mediator_account"],
        )

    async def set_mediator(self, subject: str, account: str) -> None:
        await self._connection.execute(
            update(subjects).where(subjects.c.name == subject).values(mediator_account=account)
        )

    async def keep_cards(self, found: Sequence[Card]) -> None:
        """Keeps or renews contact points; who is in the audience, and bound to which account, stays."""
        for card in found:
            contact = {
                "display_name": card.display_name,
                "locale": card.locale or "zh",
                "email": card.email,
                "phone": card.phone,
            }
            row = {"subject": card.subject, "recipient": card.recipient, "account": card.account, **contact}
            statement = insert(cards).values(in_audience=False, **row)
            upsert = statement.on_conflict_do_update(index_elements=["subject", "recipient"], set_=contact)
            await self._connection.execute(upsert)

    async def join_audience(self, subject: str, recipients: Sequence[str]) -> None:
        """From now on these are told of the subject."""
        mine = (cards.c.subject == subject) & cards.c.recipient.in_(recipients)
        await self._connection.execute(update(cards).where(mine).values(in_audience=True))

    async def bind(self, subject: str, recipient: str, account: str) -> None:
        """The recipient has an account: what it was told before shows there too."""
        mine = (cards.c.subject == subject) & (cards.c.recipient == recipient)
        await self._connection.execute(update(cards).where(mine).values(account=account, in_audience=True))
        before = (notices.c.recipient == recipient) & (notices.c.account == "")
        await self._connection.execute(update(notices).where(before).values(account=account))

    async def audience(self, subject: str) -> list[Card]:
        """Everybody who is told of a matter or referral."""
        mine = (cards.c.subject == subject) & cards.c.in_audience
        return await self._cards(select(cards).where(mine).order_by(cards.c.recipient))

    async def card(self, subject: str, recipient: str) -> Card | None:
        mine = (cards.c.subject == subject) & (cards.c.recipient == recipient)
        found = await self._cards(select(cards).where(mine))
        return found[0] if found else None

    async def account_card(self, account: str) -> Card | None:
        """The contact points of an account itself."""
        return await self.card(account, account)

    async def staff_cards(self, organisation_id: UUID, role: str) -> list[Card]:
        """Those who hold a role in an organisation and can be reached."""
        holders = select(staff.c.account).where(staff.c.organisation_id == organisation_id, staff.c.role == role)
        query = select(cards).where(cards.c.recipient.in_(holders), cards.c.subject == cards.c.recipient)
        return await self._cards(query.order_by(cards.c.recipient))

    async def grant(self, organisation_id: UUID, role: str, account: str) -> None:
        row = {"organisation_id": organisation_id, "role": role, "account": account}
        await self._connection.execute(insert(staff).values(row).on_conflict_do_nothing())

    async def revoke(self, organisation_id: UUID, role: str, account: str) -> None:
        mine = (staff.c.organisation_id == organisation_id) & (staff.c.role == role) & (staff.c.account == account)
        await self._connection.execute(delete(staff).where(mine))

    async def preferences(self, account: str) -> Preferences:
        """What the account asked for; the defaults when it asked for nothing."""
        if not account:
            return Preferences()
        query = select(preferences).where(preferences.c.account == account)
        row = (await self._connection.execute(query)).mappings().first()
        if row is None:
            return Preferences()
        return Preferences(
            locale=row["locale"],
            channels=tuple(NoticeChannel(channel) for channel in row["channels"]),
            quiet_start=row["quiet_start"],
            quiet_end=row["quiet_end"],
        )

    async def set_preferences(self, account: str, wanted: Preferences) -> None:
        row = {
            "account": account,
            "locale": wanted.locale,
            "channels": [channel.value for channel in wanted.channels],
            "quiet_start": wanted.quiet_start,
            "quiet_end": wanted.quiet_end,
        }
        statement = insert(preferences).values(row)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=row))

    async def _cards(self, query: Any) -> list[Card]:
        rows = (await self._connection.execute(query)).mappings()
        return [
            Card(
                recipient=row["recipient"],
                subject=row["subject"],
                account=row["account"],
                display_name=row["display_name"],
                locale=row["locale"],
                email=row["email"],
                phone=row["phone"],
            )
            for row in rows
        ]
