"""Which contacts are taken, and the one spelling of each."""

import pytest

from services.common.kernel.contacts import ContactKind, parse_contact, parse_optional
from services.common.kernel.errors import DomainError
from services.common.kernel.masking import masked_contact


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Zhang.San@Example.ORG", "zhang.san@example.org"),
        (" a@b.cn ", "a@b.cn"),
        ("a+tag@example.org", "a+tag@example.org"),
        ("o'brien_1-2@mail.example.org", "o'brien_1-2@mail.example.org"),
        ("a@例子.中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("a@XN--FSQU00A.xn--fiqs8s", "a@xn--fsqu00a.xn--fiqs8s"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("+86(138)00000001", "+8613800000001"),
        ("13800000001", "+8613800000001"),
        ("+８613800000001", "+8613800000001"),
    ],
)
def test_a_contact_has_one_spelling(text: str, spelling: str) -> None:
    assert parse_contact(text).value == spelling


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a@b",
        "a@@example.org",
        "a@b@example.org",
        "(1)victim@example.org",
        "victim(1)@example.org",
        "<victim@example.org",
        "victim@example.org>",
        "root,victim@example.org",
        "victim;root@example.org",
        "a:victim;@example.org",
        '"victim@example.org',
        '"victim"@example.org',
        "vic\\tim@example.org",
        "victim @example.org",
        "victim\n@example.org",
        "victim\r\nBcc: x@example.org",
        "relay!victim@example.org",
        "victim%example.org@relay.example",
        ".victim@example.org",
        "victim.@example.org",
        "vic..tim@example.org",
        "victim@[127.0.0.1]",
        "victim@127.0.0.1",
        "victim@-example.org",
        "victim@example-.org",
        "victim@example..org",
        "victim@example.org.",
        "victim@.example.org",
        "victim@exa_mple.org",
        "victim@\u200bexample.org",
        "vi\u0441tim@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + "b." * 125 + "org",
        "+0123456789",
        "+86138000000011234",
        "+86138000x0001",
    ],
    ids=ascii,
)
def test_what_is_no_plain_contact_is_refused_by_field(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_contact(text, "complainant.email")
    assert (caught.value.reason, caught.value.field) == ("CONTACT_MALFORMED", "complainant.email")


def test_the_full_stop_of_other_scripts_is_a_full_stop() -> None:
    assert parse_contact("a@例子。中国").value == "a@xn--fsqu00a.xn--fiqs8s"


def test_a_mailbox_is_counted_without_its_tag_and_kept_with_it() -> None:
    contact = parse_contact("Victim+7@example.org")
    assert contact.value == "victim+7@example.org"
    assert contact.counted == "victim@example.org" and contact.tagged
    assert not parse_contact("+8613800000001").tagged
    assert parse_contact("+7@example.org").counted == "+7@example.org"


def test_an_optional_contact_is_of_its_kind() -> None:
    assert parse_optional(" ", ContactKind.EMAIL, "email") == ""
    with pytest.raises(DomainError):
        parse_optional("+8613800000001", ContactKind.EMAIL, "email")


def test_a_masked_contact_tells_little() -> None:
    assert masked_contact("zhang@example.org") == "z***@example.org"
    assert masked_contact("+8613800000001") == "+861****0001"
    assert masked_contact("") == ""
