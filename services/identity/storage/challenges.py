"""Codes that were sent, and the challenges for them. Both are forgotten a day after they ended."""

from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Text, Uuid, bindparam, select, text, update

from services.common.kernel.contacts import Contact, ContactKind
from services.common.storage.statement import Row, Statement, inserting
from services.common.storage.tables import TIME
from services.common.storage.transaction import Transaction
from services.identity.domain import errors
from services.identity.domain.challenge import MAX_TRIES, Challenge, Code, Length, Meant, Purpose, Try
from services.identity.storage.tables import challenges, codes


class Challenges:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def open_code(self, key: bytes) -> Code | None:
        """The newest code under the key that is still good; those that ask at once wait for each other."""
        await _LOCK.value(self._tx.driver, lock=int.from_bytes(key[:8], signed=True))
        row = await _NEWEST.first(self._tx.driver, under=key, now=self._tx.now)
        return _code(row) if row else None

    async def add(self, code: Code, key: bytes) -> None:
        meant = code.meant
        row = {
            "id": code.id,
            "key": key,
            "purpose": meant.purpose.value,
            "contact_kind": meant.contact.kind.value,
            "contact": meant.contact.value,
            "account_id": meant.account,
            "subject": meant.subject,
            "digest": meant.digest,
            "invitation_id": meant.invitation,
            "lane": code.lane,
            "length": code.length.name,
            "state": "OPEN",
            "expire_time": code.expire_time,
            "send_time": code.send_time,
            "sends": code.sends,
            "sent": code.sent,
        }
        await inserting(codes, tuple(row)).run(self._tx.driver, **row)

    async def ask(self, code: Code) -> Challenge:
        """A challenge for the code, under an id of 122 random bits."""
        challenge = Challenge(id=uuid4(), code=code)
        row = {"id": challenge.id, "code_id": code.id, "tries": 0}
        await inserting(challenges, tuple(row)).run(self._tx.driver, **row)
        return challenge

    async def send_again(self, code_id: UUID) -> None:
        await _SEND_AGAIN.run(self._tx.driver, wanted=code_id, now=self._tx.now)

    async def take_try(self, challenge_id: UUID, purpose: Purpose, account: UUID | None) -> Try:
        """Counts a try, if one is left. The statement locks the row, so replicas share the count."""
        values = {"wanted": challenge_id, "for_purpose": purpose.value, "account": account, "now": self._tx.now}
        row = await _COUNTED.first(self._tx.driver, **values)
        if row is not None:
            return Try(Challenge(id=challenge_id, code=_code(row)))
        return Try(exhausted=await _OPEN.value(self._tx.driver, **values) is not None)

    async def consume(self, code_id: UUID) -> None:
        """Uses the code up, with every challenge for it. Raises CODE_NOT_ACCEPTED the second time."""
        if not await _END.run(self._tx.driver, wanted=code_id, state="USED"):
            raise errors.code_not_accepted()

    async def void(self, code_id: UUID) -> None:
        """The code never left: it cannot be used."""
        await _END.run(self._tx.driver, wanted=code_id, state="VOID")


_GOOD = (codes.c.state == "OPEN") & (codes.c.expire_time > bindparam("now", type_=TIME))
_MINE = (
    (challenges.c.id == bindparam("wanted", type_=Uuid))
    & (challenges.c.code_id == codes.c.id)
    & (codes.c.purpose == bindparam("for_purpose", type_=Text))
    & codes.c.account_id.is_not_distinct_from(bindparam("account", type_=Uuid))
    & _GOOD
)
_NEWEST = Statement(
    select(codes)
    .where((codes.c.key == bindparam("under", type_=LargeBinary)) & _GOOD)
    .order_by(codes.c.send_time.desc(), codes.c.id.desc())
    .limit(1)
)
_OPEN = Statement(select(challenges.c.id).where(_MINE))
_COUNTED = Statement(
    update(challenges)
    .where(_MINE & (challenges.c.tries < MAX_TRIES))
    .values(tries=challenges.c.tries + 1)
    .returning(codes)
)
_SEND_AGAIN = Statement(
    update(codes)
    .where(codes.c.id == bindparam("wanted", type_=Uuid))
    .values(send_time=bindparam("now", type_=TIME), sends=codes.c.sends + 1, sent=False)
)
_END = Statement(
    update(codes).where(codes.c.id == bindparam("wanted", type_=Uuid), codes.c.state == "OPEN"),
    ["state"],
)
SENT = "UPDATE codes SET sent = true WHERE id = $1"
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(:lock)"))


def _code(row: Row) -> Code:
    meant = Meant(
        purpose=Purpose(row["purpose"]),
        contact=Contact(ContactKind(row["contact_kind"]), row["contact"]),
        account=row["account_id"],
        subject=row["subject"],
        digest=row["digest"],
        invitation=row["invitation_id"],
    )
    return Code(
        id=row["id"],
        meant=meant,
        lane=row["lane"],
        length=Length[row["length"]],
        expire_time=row["expire_time"],
        send_time=row["send_time"],
        sends=row["sends"],
        sent=row["sent"],
    )
