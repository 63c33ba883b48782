"""Asking for a code and giving it back.

``issue`` leaves the sending to the caller, after the commit. ``check`` runs in a transaction of its own, so that a
wrong try stays counted although the call is refused; what the code was for then consumes the challenge in a second one.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.identity.application.ports import CodeKeeper, Tx
from services.identity.domain import errors
from services.identity.domain.challenge import LIFETIME, Challenge, Purpose, SendLimit
from services.identity.domain.contact import Contact


@dataclass(frozen=True, slots=True)
class Issued:
    """A challenge with the code that is still to be sent, in the reader's language."""

    challenge: Challenge
    code: str
    locale: str


Limits = Mapping[Purpose, tuple[SendLimit, ...]]


@dataclass(frozen=True, slots=True)
class Codes:
    """How codes are made, and how many may be sent."""

    keeper: CodeKeeper
    limits: Limits

    async def issue(
        self,
        tx: Tx,
        purpose: Purpose,
        contact: Contact,
        locale: str,
        *,
        account: UUID | None = None,
        subject: str = "",
        digest: bytes = b"",
        invitation: UUID | None = None,
    ) -> Issued:
        """A new challenge. Raises TOO_MANY_CODES (EXHAUSTED).

        Sendings are counted for each purpose, contact and caller, so that nobody uses up another person's.
        """
        challenge = Challenge(
            id=tx.new_id(),
            purpose=purpose,
            contact=contact,
            expire_time=tx.now + LIFETIME,
            account=account,
            subject=subject,
            digest=digest,
            invitation=invitation,
        )
        counted = f"{purpose.name} {account} {contact.value}"
        key = self.keeper.fingerprint("sending", counted)
        await tx.challenges.count_sending(challenge.id, key, self.limits[purpose])
        code = self.keeper.new_code()
        await tx.challenges.add(challenge, self.keeper.hash_code(challenge.id, code))
        return Issued(challenge, code, locale)


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
    if taken.exhausted:
        return Outcome(exhausted=True)
    if taken.challenge is None:
        return Outcome()
    right = hmac.compare_digest(keeper.hash_code(given.challenge, given.code), taken.code_hash)
    return Outcome(taken.challenge if right else None)


def limits(sign_in_hourly: int, sign_in_daily: int, claim_hourly: int, signing_hourly: int) -> Limits:
    """Few codes for those who are not known yet; more for somebody who is signed in and signs a day's documents."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    return {
        Purpose.SIGN_IN: (SendLimit(sign_in_hourly, hour), SendLimit(sign_in_daily, day)),
        Purpose.VERIFY_CONTACT: (SendLimit(claim_hourly, hour),),
        Purpose.CLAIM_INVITATION: (SendLimit(claim_hourly, hour),),
        Purpose.SIGN_DOCUMENT: (SendLimit(signing_hourly, hour),),
    }
