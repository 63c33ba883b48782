"""What is known of a party: read from its card where nobody says it, told where it contradicts, hidden in one way."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.kernel.entering import completed, entry_warnings
from services.common.kernel.identity_cards import card_facts, check_digit, whole_card
from services.common.kernel.masking import masked_contact, masked_number
from services.common.kernel.particulars import IdentityPaper, OrganisationForm, Particulars, PartyKind, Sex

DAYS = st.dates(date(1900, 1, 1), date(1999, 12, 31))


def a_person(number: str, **known: object) -> Particulars:
    return Particulars(display_name="王样本", kind=PartyKind.NATURAL_PERSON, identity_number=number, **known)  # type: ignore[arg-type]


def rules(given: Particulars) -> list[tuple[str, str]]:
    return [(each.rule, each.field) for each in entry_warnings(given.kind, given, "complainant")]


@given(DAYS, st.integers(0, 999), st.sampled_from(["110101", "320102", "659004"]))
def test_a_card_says_birth_date_and_sex_and_its_old_number_is_the_same_card(
    day: date, serial: int, region: str
) -> None:
    first = f"{region}{day:%Y%m%d}{serial:03}"
    number = first + check_digit(first)
    facts = card_facts(number)
    assert facts is not None and facts.check_holds
    assert (facts.birth_date, facts.sex) == (day, Sex.MALE if serial % 2 else Sex.FEMALE)
    assert whole_card(f"{region}{day:%y%m%d}{serial:03}") == number
    assert whole_card(whole_card(number)) == number


def test_what_the_number_says_is_filled_in_and_never_replaces_what_was_said() -> None:
    plain = completed(a_person("320102195501010027"))
    assert (plain.birth_date, plain.sex) == (date(1955, 1, 1), Sex.FEMALE)
    assert plain.identity_paper is IdentityPaper.RESIDENT_CARD and rules(plain) == []
    said = completed(a_person("320102195501010027", birth_date=date(1956, 1, 1), sex=Sex.MALE))
    assert (said.birth_date, said.sex) == (date(1956, 1, 1), Sex.MALE)
    assert rules(said) == [
        ("BIRTH_DATE_CONTRADICTS_NUMBER", "complainant.birth_date"),
        ("SEX_CONTRADICTS_NUMBER", "complainant.sex"),
    ]


@pytest.mark.parametrize("number", ["", "E12345678", "P-SAMPLE-0071", "320102195502300021", "123456789012345678901"])
def test_a_number_that_is_no_card_says_nothing(number: str) -> None:
    assert completed(a_person(number)) == a_person(number)


def test_a_passport_of_eighteen_digits_is_no_card_and_an_organisation_has_no_birth_date() -> None:
    passport = a_person("320102195501010027", identity_paper=IdentityPaper.PASSPORT)
    assert completed(passport) == passport
    house = Particulars(display_name="样本店", kind=PartyKind.ORGANISATION, identity_number="320102195501010027")
    assert completed(house) == house


def test_the_other_side_sees_what_a_register_says_and_nothing_of_the_person() -> None:
    whole = a_person(
        "320102195501010027",
        sex=Sex.FEMALE,
        ethnic_group="汉族",
        birth_date=date(1955, 1, 1),
        occupation="教师",
        nationality="VN",
        identity_paper=IdentityPaper.RESIDENT_CARD,
        address="样本路1号",
        email="a@sample.invalid",
        phone="+8613900000001",
        latin_name="Sample",
        organisation_form=OrganisationForm.SOLE_TRADER,
        trade_name="样本小吃店",
    )
    assert whole.masked() == Particulars(
        display_name="王样本",
        kind=PartyKind.NATURAL_PERSON,
        identity_number="320102****",
        phone="+861****0001",
        latin_name="Sample",
        organisation_form=OrganisationForm.SOLE_TRADER,
        trade_name="样本小吃店",
    )


def test_numbers_are_hidden_in_one_place_only() -> None:
    assert masked_number("320102199001010011") == "320102****" and masked_number("") == ""
    assert masked_contact("+8613800000001") == "+861****0001"
    services = Path(__file__).parents[3] / "services"
    hiding = [path.name for path in services.rglob("*.py") if '"****"' in path.read_text(encoding="utf-8")]
    assert hiding == ["masking.py"]
