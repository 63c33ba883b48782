"""Keys that sign tokens, over time."""

import json
from datetime import timedelta
from pathlib import Path

from services.identity.credentials.key_ring import RETAINED, KeyRing
from tests.kit.clock import FakeClock

PERIOD = timedelta(days=30)


async def published(ring: KeyRing) -> list[str]:
    return [key["kid"] for key in json.loads(await ring.key_set())["keys"]]


async def test_the_next_key_is_published_a_period_before_it_signs(tmp_path: Path, clock: FakeClock) -> None:
    ring = KeyRing(tmp_path / "tokens", PERIOD)
    ring.keep(clock.now())
    first, following = await published(ring)
    assert ring.signing_key(clock.now()).id == first
    clock.advance(PERIOD)
    assert ring.signing_key(clock.now()).id == following


async def test_the_key_before_is_published_until_nothing_it_signed_can_be_shown(
    tmp_path: Path, clock: FakeClock
) -> None:
    ring = KeyRing(tmp_path / "tokens", PERIOD)
    ring.keep(clock.now())
    (first, following) = await published(ring)
    clock.advance(PERIOD)
    ring.keep(clock.now())
    assert (await published(ring))[:2] == [first, following] and len(await published(ring)) == 3
    clock.advance(RETAINED)
    ring.keep(clock.now())
    assert first not in await published(ring) and following in await published(ring)


async def test_after_a_long_silence_there_is_a_key_and_a_next_one(tmp_path: Path, clock: FakeClock) -> None:
    KeyRing(tmp_path / "tokens", PERIOD).keep(clock.now())
    clock.advance(PERIOD * 5)
    ring = KeyRing(tmp_path / "tokens", PERIOD)
    ring.keep(clock.now())
    following = json.loads(await ring.key_set())["keys"][-1]["kid"]
    assert ring.signing_key(clock.now()).id != following
    clock.advance(RETAINED)
    assert ring.signing_key(clock.now()).id == following


async def test_replicas_on_one_folder_hold_the_same_keys(tmp_path: Path, clock: FakeClock) -> None:
    one, other = KeyRing(tmp_path / "tokens", PERIOD), KeyRing(tmp_path / "tokens", PERIOD)
    one.keep(clock.now())
    other.keep(clock.now())
    assert await published(one) == await published(other)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "tokens").iterdir())
