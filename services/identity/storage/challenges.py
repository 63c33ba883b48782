"""Challenges and the record of what was sent when. Both are forgotten after a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, Text, Uuid, bindparam, delete, select, text, update

from services.common.storage.statement import Row, Statement, inserting
from services.common.storage.tables import TIME
from services.common.storage.transaction import Transaction
from services.identity.domain import errors
from services.identity.domain.challenge import MAX_TRIES, Challenge, Purpose, SendLimit, Try, retry_time
from services.identity.domain.contact import Contact, ContactKind
from services.identity.storage.tables import challenges, sendings


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
        await inserting(challenges, tuple(row)).run(self._tx.driver, **row)

    async def take_try(self, challenge_id: UUID, purpose: Purpose, account: UUID | None) -> Try:
        """Counts a try, if one is left. The statement locks the row, so replicas share the count."""
        values = {"wanted": challenge_id, "for_purpose": purpose.value, "account": account, "now": self._tx.now}
        row = await _COUNTED.first(self._tx.driver, **values)
        if row is not None:
            return Try(_challenge(row), row["code_hash"])
        return Try(exhausted=await _OPEN.value(self._tx.driver, **values) is not None)

    async def consume(self, challenge_id: UUID) -> None:
        """Uses the challenge up, in the transaction of what it was for. Raises CODE_NOT_ACCEPTED the second time."""
        if not await _END.run(self._tx.driver, wanted=challenge_id, state="USED"):
            raise errors.code_not_accepted()

    async def void(self, challenge_id: UUID) -> None:
        """The code never left: it cannot be used, and does not count as sent."""
        await _END.run(self._tx.driver, wanted=challenge_id, state="VOID")
        await self._tx.connection.execute(delete(sendings).where(sendings.c.id == challenge_id))

    async def count_sending(self, sending_id: UUID, key: bytes, limits: tuple[SendLimit, ...]) -> None:
        """Records a sending under a key. Raises TOO_MANY_CODES (EXHAUSTED) with when to retry."""
        await _LOCK.value(self._tx.driver, lock=int.from_bytes(key[:8], signed=True))
        most = max(limit.codes for limit in limits)
        sent: list[datetime] = [row["send_time"] for row in await _SENT.rows(self._tx.driver, under=key, most=most)]
        retry = retry_time(sent, limits, self._tx.now)
        if retry is not None:
            raise errors.too_many_codes(retry)
        row = {"id": sending_id, "key": key, "send_time": self._tx.now}
        await inserting(sendings, tuple(row)).run(self._tx.driver, **row)


_MINE = (
    (challenges.c.id == bindparam("wanted", type_=Uuid))
    & (challenges.c.purpose == bindparam("for_purpose", type_=Text))
    & challenges.c.account_id.is_not_distinct_from(bindparam("account", type_=Uuid))
    & (challenges.c.state == "OPEN")
    & (challenges.c.expire_time > bindparam("now", type_=TIME))
)
_OPEN = Statement(select(challenges.c.id).where(_MINE))
_COUNTED = Statement(
    update(challenges)
    .where(_MINE & (challenges.c.tries < MAX_TRIES))
    .values(tries=challenges.c.tries + 1)
    .returning(challenges)
)
_END = Statement(
    update(challenges).where(challenges.c.id == bindparam("wanted", type_=Uuid), challenges.c.state == "OPEN"),
    ["state"],
)
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(:lock)"))
_SENT = Statement(
    select(sendings.c.send_time)
    .where(sendings.c.key == bindparam("under", type_=LargeBinary))
    .order_by(sendings.c.send_time.desc())
    .limit(bindparam("most", type_=Integer))
)


def _challenge(row: Row) -> Challenge:
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
