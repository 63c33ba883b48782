"""Spellings of contacts, and how many codes may be sent."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.common.kernel.errors import DomainError
from services.identity.credentials.code_keeper import HmacCodeKeeper
from services.identity.domain.challenge import SendLimit, retry_time
from services.identity.domain.contact import ContactKind, masked, normalised_identity_number, parse_contact
from tests.kit.clock import FakeClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = (SendLimit(2, HOUR), SendLimit(3, DAY))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (" Zhang.San@Example.ORG ", ContactKind.EMAIL, "zhang.san@example.org"),
        ("+86 138-0000-0001", ContactKind.PHONE, "+8613800000001"),
    ],
)
def test_a_contact_has_one_spelling(text: str, kind: ContactKind, value: str) -> None:
    contact = parse_contact(text)
    assert (contact.kind, contact.value) == (kind, value)


@pytest.mark.parametrize(
    "text", ["", "13800000001", "a@b@c", "a b@example.org", "a@example.org\r\nBcc: x@example.org", "张@例.cn", "+0123"]
)
def test_what_is_no_contact_is_refused(text: str) -> None:
    with pytest.raises(DomainError, match="CONTACT_MALFORMED"):
        parse_contact(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("zhang@example.org", "z***@example.org"), ("+8613800000001", "+861****0001"), ("+1234567", "****"), ("", "")],
)
def test_others_see_a_contact_masked(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_an_identity_number_has_one_spelling() -> None:
    assert normalised_identity_number(" 110101-19491231 002x ") == "11010119491231002X"


def test_the_next_code_waits_for_the_narrowest_limit(clock: FakeClock) -> None:
    now = clock.now()
    minute = timedelta(minutes=1)
    assert retry_time([], LIMITS, now) is None
    assert retry_time([now - minute], LIMITS, now) is None
    assert retry_time([now - minute, now - 2 * minute], LIMITS, now) == now - 2 * minute + HOUR
    spread = [now - 2 * HOUR, now - 4 * HOUR, now - 6 * HOUR]
    assert retry_time(spread, LIMITS, now) == now - 6 * HOUR + DAY


def test_a_hash_depends_on_key_and_challenge() -> None:
    challenge = uuid4()
    keeper = HmacCodeKeeper(bytes(32))
    assert keeper.hash_code(challenge, "123456") == keeper.hash_code(challenge, "123456")
    others = {
        keeper.hash_code(uuid4(), "123456"),
        HmacCodeKeeper(b"1" * 32).hash_code(challenge, "123456"),
        keeper.hash_code(challenge, "123457"),
    }
    assert keeper.hash_code(challenge, "123456") not in others


def test_codes_have_six_digits_and_differ() -> None:
    codes = {HmacCodeKeeper(bytes(32)).new_code() for _ in range(200)}
    assert len(codes) > 190 and all(len(code) == 6 and code.isdigit() for code in codes)
