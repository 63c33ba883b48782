"""Asking for a code and giving it back.

``issue`` leaves the sending to the caller, after the commit. ``check`` runs in a transaction of its own, so that a
wrong try stays counted although the call is refused; what the code was for then consumes it in a second one.
"""

import hmac
from dataclasses import dataclass, replace
from uuid import UUID

from services.identity.application.limits import Asker, Limits
from services.identity.application.phones import Phones
from services.identity.application.ports import CodeKeeper, Tx
from services.identity.domain import errors
from services.identity.domain.challenge import MAX_SENDS, Challenge, Code, Length, Meant, Purpose
from services.identity.domain.limits import TAGGED, UNANSWERED, Bucket


@dataclass(frozen=True, slots=True)
class Issued:
    """A challenge with the code that is still to be sent, in the reader's language; no code when none is to be.

    ``taken`` are the buckets that the sending was taken from. ``anew``: without the sending nobody has the code.
    """

    challenge: Challenge
    locale: str
    code: str = ""
    taken: tuple[Bucket, ...] = ()
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Codes:
    """How codes are made, and how many may be sent."""

    keeper: CodeKeeper
    limits: Limits
    phones: Phones

    async def issue(self, tx: Tx, meant: Meant, asker: Asker, locale: str, *, of_an_account: bool = True) -> Issued:
        """A challenge for the code that is on its way already, or for a new one. Raises TOO_MANY_CODES (EXHAUSTED).

        ``of_an_account``: whether an account is known to have the contact. Where none has, few codes go to a mailbox
        under tags; the answer does not tell.
        """
        await tx.buckets.take(asker.asking_for(meant.contact))
        key = self.keeper.fingerprint("lane", f"{asker.lane} {meant}")
        code = await tx.challenges.open_code(key)
        if code is not None and (code.length is Length.LONG or await self._unanswered(tx, code.lane, meant)):
            return await self._join(tx, code, asker, locale)
        length = Length.SHORT if await self._unanswered(tx, asker.lane, meant) else Length.LONG
        withheld = meant.contact.tagged and not of_an_account and not await tx.buckets.free(_tagged(meant))
        for bucket in asker.sendings:
            await tx.buckets.take(bucket)
        code = Code(
            id=tx.new_id(),
            meant=meant,
            lane=asker.lane,
            length=length,
            expire_time=tx.now + length.lifetime,
            send_time=tx.now,
            sends=MAX_SENDS if withheld else 1,
            sent=withheld,
        )
        await tx.challenges.add(code, key)
        challenge = await tx.challenges.ask(code)
        if withheld:
            return Issued(challenge, locale)
        return Issued(challenge, locale, self.keeper.code(code), asker.sendings, anew=True)

    async def _join(self, tx: Tx, code: Code, asker: Asker, locale: str) -> Issued:
        """A further challenge for a code that was sent; it is sent again, if it is time for that and nothing forbids."""
        challenge = await tx.challenges.ask(code)
        if not code.may_be_sent_again(tx.now) or not await tx.buckets.all_free(asker.sendings):
            return Issued(challenge, locale)
        await tx.challenges.send_again(code.id)
        again = replace(code, send_time=tx.now, sends=code.sends + 1)
        return Issued(replace(challenge, code=again), locale, self.keeper.code(code), asker.sendings)

    async def _unanswered(self, tx: Tx, lane: str, meant: Meant) -> bool:
        return await tx.buckets.free(unanswered(lane, meant))


def unanswered(lane: str, meant: Meant) -> Bucket:
    """The challenges for short codes to a mailbox, given back by the right answer."""
    return Bucket(f"unanswered {lane} {meant.contact.counted}", UNANSWERED)


def _tagged(meant: Meant) -> Bucket:
    return Bucket(f"tagged {meant.contact.counted}", TAGGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCode:
    """A code as it came back, from this account, or from a stranger who signs in."""

    challenge: UUID
    code: str
    purpose: Purpose
    account: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try; ``challenge`` only when the code was right."""

    challenge: Challenge | None = None
    exhausted: bool = False

    def require_right(self) -> Challenge:
        """Raises CODE_NOT_ACCEPTED or TRIES_EXHAUSTED."""
        if self.exhausted:
            raise errors.tries_exhausted()
        if self.challenge is None:
            raise errors.code_not_accepted()
        return self.challenge


async def check(tx: Tx, keeper: CodeKeeper, given: GivenCode) -> Outcome:
    """Counts the try and compares, in constant time. Never raises for a wrong code: the count must be committed."""
    taken = await tx.challenges.take_try(given.challenge, given.purpose, given.account)
    if taken.challenge is None:
        return Outcome(exhausted=taken.exhausted)
    right = hmac.compare_digest(keeper.code(taken.challenge.code).encode(), given.code.encode())
    return Outcome(taken.challenge if right else None)


async def consume(tx: Tx, challenge: Challenge) -> None:
    """Uses the code up, in the transaction of what it was for. Raises CODE_NOT_ACCEPTED the second time."""
    if challenge.code.length is Length.SHORT:
        await tx.buckets.give_back(unanswered(challenge.code.lane, challenge.meant))
    await tx.challenges.consume(challenge.code.id)
