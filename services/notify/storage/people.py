"""Whom a subject concerns, where they can be reached, and how they want to be told."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage.statement import Row, Statement, selecting
from services.common.storage.transaction import Transaction
from services.notify.application.ports import Subject
from services.notify.domain.values import Card, NoticeChannel, Preferences
from services.notify.storage.tables import cards, notices, preferences, staff, subjects


class People:
    """Contact cards and audiences. A case has the audience of the matter or referral it came from."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def keep_subject(self, subject: Subject) -> None:
        row = {
            "name": subject.name,
            "number": subject.number,
            "organisation_id": subject.organisation_id,
            "origin": subject.origin,
            "sample": subject.sample,
        }
        statement = insert(subjects).values(mediator_account="", **row)
        await self._tx.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))

    async def subject(self, name: str) -> Subject:
        """Raises SUBJECT_UNKNOWN (UNAVAILABLE: its event is still on its way, so it is tried again)."""
        row = await selecting(subjects, ("name",)).first(self._tx.driver, name=name)
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
        await self._tx.connection.execute(
            update(subjects).where(subjects.c.name == subject).values(mediator_account=account)
        )

    async def keep_cards(self, found: Sequence[Card], version: int = 0) -> None:
        """Keeps or renews contact points; who is in the audience, and bound to which account, stays.

        ``version`` is that of the aggregate they are of: older ones come too late.
        """
        for card in found:
            contact = {
                "display_name": card.display_name,
                "locale": card.locale or "zh",
                "email": card.email,
                "phone": card.phone,
                "version": version,
            }
            row = {"subject": card.subject, "recipient": card.recipient, "account": card.account, **contact}
            statement = insert(cards).values(in_audience=False, **row)
            upsert = statement.on_conflict_do_update(
                index_elements=["subject", "recipient"], set_=contact, where=cards.c.version <= version
            )
            await self._tx.connection.execute(upsert)

    async def join_audience(self, subject: str, recipients: Sequence[str]) -> None:
        """From now on these are told of the subject."""
        mine = (cards.c.subject == subject) & cards.c.recipient.in_(recipients)
        await self._tx.connection.execute(update(cards).where(mine).values(in_audience=True))

    async def bind(self, subject: str, recipient: str, account: str) -> None:
        """The recipient has an account: what it was told before shows there too."""
        mine = (cards.c.subject == subject) & (cards.c.recipient == recipient)
        await self._tx.connection.execute(update(cards).where(mine).values(account=account, in_audience=True))
        before = (notices.c.recipient == recipient) & (notices.c.account == "")
        await self._tx.connection.execute(update(notices).where(before).values(account=account))

    async def audience(self, subject: str) -> list[Card]:
        """Everybody who is told of a matter or referral."""
        return await self._cards(_AUDIENCE, subject=subject)

    async def card(self, subject: str, recipient: str) -> Card | None:
        found = await self._cards(_CARD, subject=subject, recipient=recipient)
        return found[0] if found else None

    async def account_card(self, account: str) -> Card:
        """The contact points of an account itself; every account has some. Raises ACCOUNT_UNKNOWN (UNAVAILABLE)."""
        card = await self.card(account, account)
        if card is None:
            raise _account_unknown()
        return card

    async def card_of(self, subject: str, recipient: str) -> Card | None:
        """The recipient's own card, or its card in the subject (a case: in what it came from)."""
        found = await self._cards(_CARD_OF, subject=subject, recipient=recipient)
        return found[0] if found else None

    async def staff_cards(self, organisation_id: UUID, role: str) -> list[Card]:
        """Those who hold a role in an organisation and can be reached."""
        return await self._cards(_STAFF, organisation_id=organisation_id, role=role)

    async def grant(self, organisation_id: UUID, role: str, account: str) -> None:
        row = {"organisation_id": organisation_id, "role": role, "account": account}
        await self._tx.connection.execute(insert(staff).values(row).on_conflict_do_nothing())

    async def revoke(self, organisation_id: UUID, role: str, account: str) -> None:
        mine = (staff.c.organisation_id == organisation_id) & (staff.c.role == role) & (staff.c.account == account)
        await self._tx.connection.execute(delete(staff).where(mine))

    async def preferences(self, account: str) -> Preferences:
        """What the account asked for; the defaults when it asked for nothing."""
        row = await _PREFERENCES.first(self._tx.driver, account=account)
        return _preferences(row) if row else Preferences()

    async def set_preferences(self, account: str, wanted: Preferences) -> None:
        row = {
            "account": account,
            "locale": wanted.locale,
            "channels": [channel.value for channel in wanted.channels],
            "quiet_start": wanted.quiet_start,
            "quiet_end": wanted.quiet_end,
        }
        statement = insert(preferences).values(row)
        await self._tx.connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=row))

    async def _cards(self, query: Statement, **values: object) -> list[Card]:
        """Raises ACCOUNT_UNKNOWN (UNAVAILABLE: its event is still on its way, so it is tried again)."""
        rows = await query.rows(self._tx.driver, **values)
        if any(row["awaited"] for row in rows):
            raise _account_unknown()
        return [_card(row) for row in rows]


def _account_unknown() -> DomainError:
    return DomainError(
        ErrorKind.UNAVAILABLE, "ACCOUNT_UNKNOWN", "尚未收到该账户的信息", "nothing was heard of this account yet"
    )


def _card(row: Row) -> Card:
    return Card(
        recipient=row["recipient"],
        subject=row["subject"],
        account=row["account"],
        display_name=row["display_name"],
        locale=row["locale"],
        email=row["email"],
        phone=row["phone"],
        verified=row["verified"],
        preferences=_preferences(row) if row["channels"] is not None else Preferences(),
    )


def _preferences(row: Row) -> Preferences:
    return Preferences(
        locale=row["preferred_locale"],
        channels=tuple(NoticeChannel(channel) for channel in row["channels"]),
        quiet_start=row["quiet_start"],
        quiet_end=row["quiet_end"],
    )


def _asking(question: str) -> Statement:
    return Statement(text(question))


# Who has an account is told at the contacts that identity has verified, whatever else is on file. How it wants to be told
# comes along.
_CARDS = """
    SELECT card.subject, card.recipient, card.account, card.display_name, card.locale,
        CASE WHEN bound THEN COALESCE(own.email, '') ELSE card.email END AS email,
        CASE WHEN bound THEN COALESCE(own.phone, '') ELSE card.phone END AS phone,
        bound OR card.subject LIKE 'accounts/%' AS verified,
        bound AND own.subject IS NULL AS awaited,
        preferences.locale AS preferred_locale, preferences.channels, preferences.quiet_start, preferences.quiet_end
    FROM cards card
    CROSS JOIN LATERAL (SELECT card.account <> '' AND card.subject NOT LIKE 'accounts/%' AS bound) AS known
    LEFT JOIN cards own ON bound AND own.subject = card.account AND own.recipient = card.account
    LEFT JOIN preferences ON card.account <> '' AND preferences.account = card.account
    """
_AUDIENCE = _asking(f"{_CARDS} WHERE card.subject = :subject AND card.in_audience ORDER BY card.recipient")
_CARD = _asking(f"{_CARDS} WHERE card.subject = :subject AND card.recipient = :recipient")
_CARD_OF = _asking(
    f"""{_CARDS}
    WHERE card.recipient = :recipient AND card.subject IN (
        :recipient, COALESCE((SELECT COALESCE(NULLIF(origin, ''), name) FROM subjects WHERE name = :subject), :subject)
    )
    ORDER BY card.subject = card.recipient DESC LIMIT 1
    """  # noqa: S608 - made of the text above
)
_STAFF = _asking(
    f"""{_CARDS} JOIN staff ON staff.account = card.recipient
    WHERE staff.organisation_id = :organisation_id AND staff.role = :role AND card.subject = card.recipient
    ORDER BY card.recipient
    """
)
_PREFERENCES = _asking(
    "SELECT locale AS preferred_locale, channels, quiet_start, quiet_end FROM preferences WHERE account = :account"
)
