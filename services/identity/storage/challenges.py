"""Challenges and the record of what was sent when. Both are forgotten after a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from services.common.storage.transaction import Transaction
from services.identity.domain import errors
from services.identity.domain.challenge import MAX_TRIES, Challenge, Purpose, SendLimit, Try, retry_time
from services.identity.domain.contact import Contact, ContactKind
from services.identity.storage.tables import challenges, sendings

KEPT = timedelta(days=1)


class Challenges:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, challenge: Challenge, code_hash: bytes) -> None:
        row = {
            "id": challenge.id,
            "purpose": challenge.purpose.value,
            "contact_kind": challenge.contact.kind.value,
            "contact": challenge.contact.value,
            "account_id": challenge.account,
            "subject": challenge.subject,
            "digest": challenge.digest,
            "invitation_id": challenge.invitation,
            "code_hash": code_hash,
            "tries": 0,
            "state": "OPEN",
            "expire_time": challenge.expire_time,
        }
        await self._tx.connection.execute(insert(challenges).values(row))

    async def take_try(self, challenge_id: UUID, purpose: Purpose, account: UUID | None) -> Try:
        """Counts a try, if one is left. The statement locks the row, so replicas share the count."""
        mine = (
            (challenges.c.id == challenge_id)
            & (challenges.c.purpose == purpose.value)
            & (challenges.c.account_id.is_not_distinct_from(account))
            & (challenges.c.state == "OPEN")
            & (challenges.c.expire_time > self._tx.now)
        )
        counted = update(challenges).where(mine & (challenges.c.tries < MAX_TRIES)).values(tries=challenges.c.tries + 1)
        row = (await self._tx.connection.execute(counted.returning(challenges))).mappings().first()
        if row is not None:
            return Try(_challenge(row), row["code_hash"])
        worn_out = (await self._tx.connection.execute(select(challenges.c.id).where(mine))).first() is not None
        return Try(exhausted=worn_out)

    async def consume(self, challenge_id: UUID) -> None:
        """Uses the challenge up, in the transaction of what it was for. Raises CODE_NOT_ACCEPTED the second time."""
        open_one = (challenges.c.id == challenge_id) & (challenges.c.state == "OPEN")
        done = await self._tx.connection.execute(update(challenges).where(open_one).values(state="USED"))
        if done.rowcount != 1:
            raise errors.code_not_accepted()

    async def void(self, challenge_id: UUID) -> None:
        """The code never left: it cannot be used, and does not count as sent."""
        open_one = (challenges.c.id == challenge_id) & (challenges.c.state == "OPEN")
        await self._tx.connection.execute(update(challenges).where(open_one).values(state="VOID"))
        await self._tx.connection.execute(delete(sendings).where(sendings.c.id == challenge_id))

    async def count_sending(self, sending_id: UUID, key: bytes, limits: tuple[SendLimit, ...]) -> None:
        """Records a sending under a key. Raises TOO_MANY_CODES (EXHAUSTED) with when to retry."""
        lock = int.from_bytes(key[:8], signed=True)
        await self._tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        most = max(limit.codes for limit in limits)
        query = select(sendings.c.send_time).where(sendings.c.key == key).order_by(sendings.c.send_time.desc())
        sent: list[datetime] = list((await self._tx.connection.execute(query.limit(most))).scalars())
        retry = retry_time(sent, limits, self._tx.now)
        if retry is not None:
            raise errors.too_many_codes(retry)
        await self._tx.connection.execute(insert(sendings).values(id=sending_id, key=key, send_time=self._tx.now))

    async def forget_old(self) -> None:
        """Deletes what nobody can use or count any more."""
        past = self._tx.now - KEPT
        await self._tx.connection.execute(delete(challenges).where(challenges.c.expire_time < past))
        await self._tx.connection.execute(delete(sendings).where(sendings.c.send_time < past))


def _challenge(row: Mapping[Any, Any]) -> Challenge:
    return Challenge(
        id=row["id"],
        purpose=Purpose(row["purpose"]),
        contact=Contact(ContactKind(row["contact_kind"]), row["contact"]),
        expire_time=row["expire_time"],
        account=row["account_id"],
        subject=row["subject"],
        digest=row["digest"],
        invitation=row["invitation_id"],
    )
