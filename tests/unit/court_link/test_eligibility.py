"""Which agreements a court may be asked to confirm, and which courts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from services.common.deadlines.rulebook import RuleBook
from services.common.regimes.loader import RegimeBook
from services.common.regimes.regime import Regime
from services.court_link.domain.agreement import (
    AgreementParty,
    Authority,
    CaseKind,
    Particulars,
    PartyKind,
    PartySide,
    SealedAgreement,
)
from services.court_link.domain.application import ApplicationState
from services.court_link.domain.court import Court, CourtLevel
from services.court_link.domain.eligibility import Eligibility, WindowView, assess
from services.court_link.domain.window import WindowState

RULES = Path(__file__).parents[3] / "deploy" / "rules"
BOOK = RegimeBook.load(RULES, RuleBook.load(RULES))
IN_TIME = datetime(2026, 10, 8, 15, 59, tzinfo=UTC)
TOO_LATE = datetime(2026, 10, 8, 16, 0, tzinfo=UTC)
WINDOW = WindowView(due_date=date(2026, 10, 8), due_time=TOO_LATE, state=WindowState.OPEN)


def regime(id: str) -> Regime:
    return BOOK.version(id, "2024")


def court(number: int, *codes: str, level: CourtLevel = CourtLevel.BASIC) -> Court:
    return Court(
        id=UUID(int=number),
        organisation_id=UUID(int=100 + number),
        display_name="样本法院",
        level=level,
        region_codes=codes,
        sample=True,
    )


def party(number: int, region: str) -> AgreementParty:
    return AgreementParty(
        party=UUID(int=number),
        side=PartySide(("COMPLAINANT", "RESPONDENT")[number % 2]),
        particulars=Particulars(display_name="样本", kind=PartyKind.NATURAL_PERSON, region_code=region),
        account=UUID(int=number),
        authority=Authority.SELF,
    )


AGREEMENT = SealedAgreement(
    agreement=UUID(int=1),
    number="1",
    case=UUID(int=2),
    case_number="1",
    court=None,
    organisation=UUID(int=3),
    organisation_display_name="样本",
    organisation_region_code="320102",
    regime="PEOPLES@2024",
    kind=CaseKind.SELF_INITIATED,
    subject_matter="SALES",
    parties=(party(10, "320205"), party(11, "320508")),
    mediator_display_name="李样本",
    effective_time=datetime(2026, 9, 1, tzinfo=UTC),
    effectiveness_rule="",
    sealed_digest=bytes(32),
    terms_digest=bytes(32),
    frozen_digest=bytes(32),
    certificates=(),
    undisputed_facts=(),
    sample=True,
)
COURTS = (
    court(1, "320205"),
    court(2, "320508"),
    court(3, "320102", "320104"),
    court(4, "320106"),
    court(5, "320100", level=CourtLevel.INTERMEDIATE),
)


def assessed(agreement: SealedAgreement = AGREEMENT, **changes: object) -> Eligibility:
    values: dict[str, object] = {
        "regime": regime("PEOPLES"),
        "window": WINDOW,
        "courts": COURTS,
        "earlier": (),
        "now": IN_TIME,
        "court": None,
    }
    return assess(agreement, **(values | changes))  # type: ignore[arg-type]


def reasons(found: Eligibility) -> list[str]:
    return [obstacle.reason for obstacle in found.obstacles]


def test_the_basic_courts_of_both_domiciles_and_of_the_seat_are_offered() -> None:
    found = assessed()
    assert found.eligible and [each.id.int for each in found.courts] == [1, 2, 3]


def test_a_court_of_another_place_is_not_competent() -> None:
    assert reasons(assessed(court=UUID(int=4))) == ["COURT_NOT_COMPETENT"]


def test_only_the_inviting_court_confirms_what_it_delegated_whatever_its_level() -> None:
    delegated = replace(AGREEMENT, kind=CaseKind.DELEGATED, court=UUID(int=5))
    found = assessed(delegated, regime=regime("SPECIAL_INVITED_DELEGATED"))
    assert [each.id.int for each in found.courts] == [5]
    named = assessed(delegated, regime=regime("SPECIAL_INVITED_DELEGATED"), court=UUID(int=3))
    assert reasons(named) == ["COURT_NOT_COMPETENT"]


def test_an_entrusted_case_is_never_confirmed_and_says_where_it_goes() -> None:
    entrusted = replace(AGREEMENT, kind=CaseKind.ENTRUSTED, court=UUID(int=5))
    found = assessed(entrusted, regime=regime("SPECIAL_INVITED_ENTRUSTED"), window=None)
    assert reasons(found) == ["NOT_CONFIRMABLE_ENTRUSTED"] and "调解书" in found.obstacles[0].message_zh


def test_the_last_minute_counts_and_the_next_does_not() -> None:
    assert assessed(now=IN_TIME).eligible
    late = assessed(now=TOO_LATE)
    assert reasons(late) == ["WINDOW_LAPSED"] and len(late.obstacles[0].alternatives) == 4


def test_the_days_left_are_counted_by_local_days() -> None:
    assert assessed(now=datetime(2026, 10, 6, 15, 59, tzinfo=UTC)).remaining_days == 2
    assert assessed(now=datetime(2026, 10, 6, 16, 1, tzinfo=UTC)).remaining_days == 1


@pytest.mark.parametrize("code", ["OUT_OF_SCOPE", "STATUS_RELATION", "OTHER_PROCEDURE", "RIGHTS_DETERMINATION"])
def test_what_355_excludes_is_blocked(code: str) -> None:
    assert reasons(assessed(replace(AGREEMENT, subject_matter=code))) == ["EXCLUDED_SUBJECT"]


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (ApplicationState.DRAFT, ["ALREADY_APPLIED"]),
        (ApplicationState.FILED, ["ALREADY_APPLIED"]),
        (ApplicationState.NOT_ACCEPTED, []),
        (ApplicationState.WITHDRAWN, []),
        (ApplicationState.DEEMED_WITHDRAWN, []),
        (ApplicationState.CONFIRMED, ["ALREADY_DECIDED"]),
        (ApplicationState.DISMISSED, ["ALREADY_DECIDED"]),
    ],
)
def test_an_earlier_application_matters_by_how_it_ended(earlier: ApplicationState, expected: list[str]) -> None:
    assert reasons(assessed(earlier=(earlier,))) == expected


def test_a_superseded_agreement_points_to_the_new_one() -> None:
    closed = replace(WINDOW, state=WindowState.CLOSED)
    assert reasons(assessed(window=closed)) == ["AGREEMENT_SUPERSEDED"]


@pytest.mark.parametrize(
    ("code", "place", "expected"),
    [
        ("320102", "320102", True),
        ("320102", "320104", False),
        ("320100", "320104", True),
        ("320100", "320205", False),
        ("320000", "320205", True),
        ("320000", "330102", False),
        ("320102", "320100", False),
        ("320102", "", False),
    ],
)
def test_a_territory_is_a_district_a_city_or_a_province(code: str, place: str, expected: bool) -> None:
    assert court(1, code).serves(place) is expected
