"""Each kind of value has one spelling, whatever people write; what is refused is refused in words with an example."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.documents.typefaces import require_printable
from services.common.kernel.characters import require_seen
from services.common.kernel.contacts import ContactKind, parse_contact, parse_optional
from services.common.kernel.docket_numbers import docket_key, normal_docket_number
from services.common.kernel.entering import entered, entry_warnings
from services.common.kernel.errors import DomainError
from services.common.kernel.identity_numbers import compared_number, credit_code_holds, normal_identity_number
from services.common.kernel.names import normal_name, one_spelling
from services.common.kernel.nationalities import normal_nationality
from services.common.kernel.particulars import Particulars, PartyKind
from services.common.kernel.phones import normal_phone, takes_text_messages

DASHES = "\u2010\u2011\u2013\u2014\u2212\uff0d-"
NUMBERS = st.text("0123456789ABCxyz０１２ＡＢ -()（）·\u3000" + DASHES, max_size=30)
PHONES = st.text("0123456789+０１２＋ -()（）.转#,x" + DASHES, max_size=24)
TEXTS = st.text(max_size=40)


def name(text: str) -> str:
    return normal_name(text, "display_name", require_printable)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Jose\u0301 Nu\u0301n\u0303ez", "José Núñez"),
        ("Nguye\u0302\u0303n Thi\u0323 A\u0301nh", "Nguyễn Thị Ánh"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉‧买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉･买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ∙ 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提", "阿卜杜拉·买买提"),
        ("  王  秀兰 ", "王 秀兰"),
        ("ＡＢＣ贸易（南京）有限公司", "ABC贸易（南京）有限公司"),
        ("O'Neil & Sons, Ltd.", "O'Neil & Sons, Ltd."),
    ],
)
def test_a_name_has_one_spelling(text: str, spelling: str) -> None:
    assert name(text) == spelling


@pytest.mark.parametrize("char", "\u200b\u200d\u202e\u2800\u00a0\u3000\ufe0f\U000e0100\u3164\u034f\u2028", ids=ascii)
def test_what_does_not_show_is_refused_and_named(char: str) -> None:
    with pytest.raises(DomainError) as caught:
        name(f"王{char}兰")
    assert caught.value.reason == "UNPRINTABLE_CHARACTER" and f"U+{ord(char):04X}" in caught.value.zh


def test_every_format_character_and_odd_blank_is_among_them() -> None:
    def taken(char: str) -> bool:
        try:
            require_seen(f"a{char}b", "display_name")
        except DomainError:
            return False
        return True

    odd = {"Cf", "Zl", "Zp", "Zs"}
    points = map(chr, (*range(0x21, 0x3000), *range(0x3000, 0x3200), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200)))
    assert [ascii(char) for char in points if unicodedata.category(char) in odd and taken(char)] == []


def test_a_hundred_characters_are_a_name_and_one_more_is_told_with_the_limit() -> None:
    assert len(name("e\u0301" * 100)) == 100
    with pytest.raises(DomainError) as caught:
        name("王" * 101)
    assert caught.value.reason == "MALFORMED_REQUEST" and "100" in caught.value.zh and "101" in caught.value.en


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("320102 19550101 002x", "32010219550101002X"),
        ("320102-19550101-002Ｘ", "32010219550101002X"),
        ("３２０１０２１９５５０１０１００２X", "32010219550101002X"),
        ("A123456(7)", "A1234567"),
        ("a123456（7）", "A1234567"),
        ("e12345678", "E12345678"),
        ("91320102-MA1ABCDE-2X", "91320102MA1ABCDE2X"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_an_identity_number_has_one_spelling(text: str, spelling: str) -> None:
    assert normal_identity_number(text, "identity_number") == spelling


@pytest.mark.parametrize(
    "text", ["-----", "无", "不详", "n/a", "0000000000", "……", "ABCDEF", "1" * 33, "12\u200b345678"]
)
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        normal_identity_number(text, "complainant.identity_number")
    assert (caught.value.reason, caught.value.field) == ("IDENTITY_NUMBER_MALFORMED", "complainant.identity_number")
    assert "11010519491231002X" in caught.value.zh and "11010519491231002X" in caught.value.en


def test_fifteen_and_eighteen_digits_are_one_card() -> None:
    assert compared_number("320102 550101 002") == compared_number("320102195501010027")


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("320102195501010028", ["IDENTITY_NUMBER_CHECK"]),
        ("320102195502300026", ["IDENTITY_NUMBER_DATE"]),
        ("11010519491231002X", []),
        ("E12345678", []),
    ],
)
def test_a_number_that_looks_wrong_is_told_and_taken(number: str, rules: list[str]) -> None:
    given = Particulars(display_name="王样本", kind=PartyKind.NATURAL_PERSON, identity_number=number)
    taken = entered(given, "complainant", require_printable)
    assert [each.rule for each in entry_warnings(taken.kind, taken, "complainant")] == rules


@pytest.mark.parametrize(
    ("number", "holds"), [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("91I", False)]
)
def test_the_check_of_a_credit_code(number: str, holds: bool) -> None:
    assert credit_code_holds(number) is holds
    given = Particulars(display_name="样本公司", kind=PartyKind.ORGANISATION, identity_number=number)
    assert bool(entry_warnings(given.kind, given, "respondent")) is not holds


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("139 0000 0001", "+8613900000001"),
        ("１３９－００００－０００１", "+8613900000001"),
        ("(86) 139-0000-0001", "+8613900000001"),
        ("0086 139 0000 0001", "+8613900000001"),
        ("＋86 139 0000 0001", "+8613900000001"),
        ("010-12345678", "+861012345678"),
        ("（010）1234 5678", "+861012345678"),
        ("0512—61234567", "+8651261234567"),
        ("+86 (0)10 1234 5678", "+861012345678"),
        ("400-123-4567", "+864001234567"),
        ("95588", "+8695588"),
        ("010-12345678转801", "+861012345678;ext=801"),
        ("010-12345678-801", "+861012345678;ext=801"),
        ("0512 6123 4567 ext. 12", "+8651261234567;ext=12"),
        ("(010) 1234 5678-801", "+861012345678;ext=801"),
        ("tel:+86-10-1234-5678", "+861012345678"),
        ("电话：139 0000 0001", "+8613900000001"),
        ("010-12345678 分机 801", "+861012345678;ext=801"),
        ("+861012345678;ext=801", "+861012345678;ext=801"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("+852 2345 6789", "+85223456789"),
    ],
)
def test_a_telephone_number_has_one_spelling(text: str, spelling: str) -> None:
    assert normal_phone(text) == spelling
    assert parse_optional(text, ContactKind.PHONE, "phone") == spelling


@pytest.mark.parametrize(
    "text", ["83551234", "1390000000", "139000000011", "+0123456789", "(415) 555-0101", "电话", "+86 12"]
)
def test_what_is_no_telephone_number_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_optional(text, ContactKind.PHONE, "respondent.phone")
    assert caught.value.field == "respondent.phone" and "010-12345678" in caught.value.zh


@pytest.mark.parametrize(
    ("phone", "takes"),
    [
        ("+8613900000001", True),
        ("+861012345678", False),
        ("+864001234567", False),
        ("+861012345678;ext=801", False),
        ("+447946000000", True),
        ("", False),
    ],
)
def test_what_may_be_a_mobile_telephone(phone: str, takes: bool) -> None:
    assert takes_text_messages(phone) is takes


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("Wang＠Sample.Invalid", "wang@sample.invalid"),
        ("ｗａｎｇ＠sample．invalid", "wang@sample.invalid"),
        ("a@例子。中国", "a@xn--fsqu00a.xn--fiqs8s"),
        ("Mixed.Case+Tag@Sample.invalid", "mixed.case+tag@sample.invalid"),
    ],
)
def test_a_mail_address_has_one_spelling(text: str, spelling: str) -> None:
    assert parse_contact(text).value == spelling


@pytest.mark.parametrize(
    "text",
    [
        "(2026)苏0102民特1号",
        "〔2026〕苏０１０２民特1号",
        "（2026）苏0102 民特 1号",
        "[2026]苏0102民特１号",
        " （2026）苏0102民特1号 ",
    ],
)
def test_twins_of_a_docket_number_are_one(text: str) -> None:
    assert normal_docket_number(text, "docket_number", require_printable) == "（2026）苏0102民特1号"


@pytest.mark.parametrize("dash", DASHES, ids=ascii)
def test_dashes_make_no_other_docket_number(dash: str) -> None:
    assert docket_key(f"24{dash}CV{dash}0001") == docket_key("24-cv-0001")


def test_figures_stay_apart_in_the_key_of_a_docket_number() -> None:
    assert docket_key("24-1-11") != docket_key("24-11-1") != docket_key("24111")
    assert docket_key("24CV0001") == docket_key("24-cv-0001")
    assert docket_key("（2026）苏0102民特1号") == docket_key("2026苏0102民特1号")


def test_a_nationality_is_a_code_and_ours_goes_without_saying() -> None:
    assert (normal_nationality(" vn", "nationality"), normal_nationality("CN", "nationality")) == ("VN", "")
    with pytest.raises(DomainError, match="NATIONALITY_UNKNOWN"):
        normal_nationality("XX", "nationality")


@given(TEXTS)
def test_the_spelling_of_a_name_is_its_own_spelling(text: str) -> None:
    assert one_spelling(one_spelling(text)) == one_spelling(text)


@given(NUMBERS)
def test_the_spelling_of_a_number_is_its_own_spelling(text: str) -> None:
    try:
        found = normal_identity_number(text, "identity_number")
    except DomainError:
        return
    assert normal_identity_number(found, "identity_number") == found
    assert compared_number(text) == compared_number(found) == compared_number(compared_number(found))


@given(PHONES)
def test_the_spelling_of_a_telephone_number_is_its_own_spelling(text: str) -> None:
    found = normal_phone(text)
    if found is not None:
        assert normal_phone(found) == found
        assert re.fullmatch(r"\+[1-9]\d{6,14}(;ext=\d{1,8})?", found) and len(found) <= 32


@given(st.text("（）()[]〔〕 -—0123０１民特苏号cvCV", max_size=30))
def test_the_spelling_of_a_docket_number_is_its_own_spelling(text: str) -> None:
    try:
        found = normal_docket_number(text, "docket_number", require_printable)
    except DomainError:
        return
    assert normal_docket_number(found, "docket_number", require_printable) == found
    assert docket_key(found) == docket_key(text)
