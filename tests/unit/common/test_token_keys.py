"""The keys are read anew for a token whose key is not known; whoever sends such tokens costs identity little."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.rpc.tokens import TokenVerifier
from tests.kit.clock import FakeClock
from tests.kit.tokens import TokenIssuer

_AWAY = DomainError(ErrorKind.UNAVAILABLE, "UNAVAILABLE", "服务暂不可用", "the service does not answer")


class Identity:
    """Where the keys come from: counts how often it is asked, answers when ``free`` is set, or fails while ``away``."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.issuer = TokenIssuer(clock, "first")
        self.asked = 0
        self.away = False
        self.free = asyncio.Event()
        self.free.set()

    async def key_set(self) -> str:
        self.asked += 1
        await self.free.wait()
        if self.away:
            raise _AWAY
        return await self.issuer.key_set()

    def rotate(self) -> None:
        self.issuer = TokenIssuer(self.clock, "second")

    def token(self) -> str:
        return self.issuer.person(uuid4())

    def forged(self) -> str:
        """A token by a key that was never published."""
        return TokenIssuer(self.clock, str(uuid4())).person(uuid4())


@pytest.fixture
def identity(clock: FakeClock) -> Identity:
    return Identity(clock)


@pytest.fixture
async def verifier(identity: Identity, clock: FakeClock) -> TokenVerifier:
    """With the keys read, long enough ago to be read again."""
    verifier = TokenVerifier(identity.key_set, clock)
    await verifier.refresh()
    clock.advance(timedelta(minutes=1))
    identity.asked = 0
    return verifier


async def _reason(verifier: TokenVerifier, token: str) -> str:
    try:
        await verifier.principal(token)
    except DomainError as refusal:
        return refusal.reason
    return "OK"


async def test_however_many_ask_at_once_the_keys_are_read_once_for_all_of_them(
    identity: Identity, verifier: TokenVerifier
) -> None:
    identity.rotate()
    identity.free.clear()
    honest = asyncio.ensure_future(_reason(verifier, identity.token()))
    forged = [asyncio.ensure_future(_reason(verifier, identity.forged())) for _ in range(50)]
    await _until_waiting()
    identity.free.set()
    assert await honest == "OK"
    assert {await each for each in forged} == {"TOKEN_INVALID"}
    assert identity.asked == 1


async def test_who_leaves_while_the_keys_are_read_takes_them_from_nobody(
    identity: Identity, verifier: TokenVerifier
) -> None:
    identity.rotate()
    identity.free.clear()
    first, second = (asyncio.ensure_future(_reason(verifier, identity.token())) for _ in range(2))
    await _until_waiting()
    first.cancel()
    await _until_waiting()
    identity.free.set()
    assert await second == "OK" and identity.asked == 1


async def test_a_failed_reading_is_told_to_all_who_ask_and_tried_again_a_second_later(
    identity: Identity, verifier: TokenVerifier, clock: FakeClock
) -> None:
    identity.rotate()
    identity.away = True
    for _ in range(20):
        assert await _reason(verifier, identity.token()) == "UNAVAILABLE", "not that its token is no good"
    assert identity.asked == 1
    identity.away = False
    clock.advance(timedelta(seconds=1))
    assert await _reason(verifier, identity.token()) == "OK" and identity.asked == 2


async def test_a_known_key_needs_no_reading_while_identity_is_away(identity: Identity, verifier: TokenVerifier) -> None:
    identity.away = True
    await _reason(verifier, identity.forged())
    assert await _reason(verifier, identity.token()) == "OK"


async def test_a_stranger_with_made_up_keys_holds_up_a_new_key_for_a_second_at_most(
    identity: Identity, verifier: TokenVerifier, clock: FakeClock
) -> None:
    await _reason(verifier, identity.forged())
    identity.rotate()
    for _ in range(10):
        clock.advance(timedelta(seconds=0.1))
        await _reason(verifier, identity.forged())
    assert await _reason(verifier, identity.token()) == "OK"
    assert identity.asked == 2, "that is what the stranger costs identity: a call a second"


async def _until_waiting() -> None:
    """Everybody has gone as far as goes without an answer."""
    for _ in range(20):
        await asyncio.sleep(0)
