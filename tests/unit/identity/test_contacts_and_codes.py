"""How codes are made, when they are sent again, and by whom limits count."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.common.kernel.contacts import parse_contact
from services.common.kernel.identity_numbers import compared_number
from services.identity.credentials.code_keeper import HmacCodeKeeper
from services.identity.domain.challenge import MAX_SENDS, Code, Length, Meant, Purpose
from services.identity.domain.limits import Rate
from services.identity.transport.peer import place_of
from tests.kit.clock import FakeClock


def code(length: Length = Length.SHORT, **given: object) -> Code:
    now = FakeClock().now()
    meant = Meant(purpose=Purpose.SIGN_IN, contact=parse_contact("a@example.org"))
    fields = {"expire_time": now + length.lifetime, "send_time": now, **given}
    return Code(id=uuid4(), meant=meant, lane="stranger", length=length, **fields)  # type: ignore[arg-type]


def test_the_digits_follow_from_key_and_code_alone() -> None:
    keeper, one = HmacCodeKeeper(bytes(32)), code(Length.LONG)
    assert keeper.code(one) == HmacCodeKeeper(bytes(32)).code(one)
    assert keeper.code(one) not in {HmacCodeKeeper(b"1" * 32).code(one), keeper.code(code(Length.LONG))}


@pytest.mark.parametrize(("length", "digits"), [(Length.SHORT, 6), (Length.LONG, 12)])
def test_codes_have_their_digits_and_differ(length: Length, digits: int) -> None:
    codes = {HmacCodeKeeper(bytes(32)).code(code(length)) for _ in range(200)}
    assert len(codes) > 190 and all(len(each) == digits and each.isdigit() for each in codes)


def test_a_code_is_sent_again_after_a_minute_and_three_times_at_most() -> None:
    now, minute = FakeClock().now(), timedelta(minutes=1)
    sent = code(sent=True)
    assert not sent.may_be_sent_again(now + minute - timedelta(seconds=1)) and sent.may_be_sent_again(now + minute)
    assert not code(sent=True, sends=MAX_SENDS).may_be_sent_again(now + minute)


def test_a_code_that_a_crash_may_have_swallowed_is_sent_again_sooner() -> None:
    now = FakeClock().now()
    assert code().may_be_sent_again(now + timedelta(seconds=10))
    assert not code().may_be_sent_again(now + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("peer", "place"),
    [
        ("ipv4:192.0.2.1:5000", "192.0.2.1"),
        ("ipv6:[2001:db8:1:2:3:4:5:6]:5000", "2001:db8:1:2::/64"),
        ("ipv6:%5B2001:db8:1:2:9:9:9:9%5D:1", "2001:db8:1:2::/64"),
        ("ipv6:%5B::ffff:192.0.2.1%5D:1", "192.0.2.1"),
        ("ipv6:%5Bfe80::1%25eth0%5D:1", "fe80::/64"),
        ("ipv6:[::1]:1", "::/64"),
        ("unix:", "unix"),
        ("unix:/run/x", "unix"),
        ("ipv4:nonsense:1", "ipv4"),
        ("", ""),
    ],
)
def test_who_asks_is_an_address_or_a_network_whatever_the_port(peer: str, place: str) -> None:
    assert place_of(peer) == place


def test_the_parts_of_a_rate_never_exceed_its_period() -> None:
    for count in (1, 3, 7, 120, 1200, 100_000):
        rate = Rate(count, timedelta(minutes=10))
        assert rate.interval * count <= rate.period


def test_an_identity_number_has_one_spelling() -> None:
    assert compared_number(" 110101-1949.1231 002x ") == "11010119491231002X"
