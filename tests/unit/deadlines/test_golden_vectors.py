"""The dates that were computed by hand and by machine before there was an engine; each may only change with the law."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.common.deadlines import Due, Extension, RuleBook, Suspension, due
from services.common.kernel.errors import DomainError

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook.load(Path(__file__).parents[3] / "deploy" / "rules")


def at_ten(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=CHINA).astimezone(UTC)


def run(
    book: RuleBook,
    rule_id: str,
    day: date,
    *,
    regime: str = "ANY",
    extensions: tuple[Extension, ...] = (),
    suspensions: tuple[Suspension, ...] = (),
) -> Due:
    rule = book.rule(rule_id, day, regime)
    return due(rule, at_ten(day), book.calendar_of(rule), extensions, suspensions)


TEN_MORE = Extension(count=10, approver="COURT_PRESIDENT", granted_at=datetime(2026, 10, 20, 2, tzinfo=UTC))
APPRAISAL = Suspension(reason="APPRAISAL", began=date(2026, 5, 10), ended=date(2026, 5, 22))


@pytest.mark.parametrize(
    ("rule_id", "regime", "anchor", "expected"),
    [
        pytest.param(
            "CONF.APPLY", "ANY", date(2026, 9, 1), date(2026, 10, 8), id="conf-apply-thirtieth-day-is-a-holiday"
        ),
        pytest.param("CONF.APPLY", "ANY", date(2026, 10, 12), date(2026, 11, 11), id="conf-apply"),
        pytest.param(
            "12315.ACCEPT", "ADMIN_12315", date(2026, 9, 28), date(2026, 10, 13), id="12315-accept-makeup-day"
        ),
        pytest.param("12315.MED", "ADMIN_12315", date(2026, 4, 20), date(2026, 6, 22), id="12315-mediation-v2026"),
        pytest.param("12315.REPORT.VERIFY", "ADMIN_12315", date(2026, 9, 24), date(2026, 10, 22), id="12315-verify"),
        pytest.param("CONF.ACCEPT", "ANY", date(2026, 9, 29), date(2026, 10, 8), id="conf-accept"),
        pytest.param("CONF.DECIDE.PM", "ANY", date(2026, 10, 8), date(2026, 10, 23), id="conf-decide-fifteen"),
        pytest.param("MED.DELEGATED", "ANY", date(2026, 5, 6), date(2026, 6, 5), id="delegated"),
    ],
)
def test_the_golden_vector_holds(book: RuleBook, rule_id: str, regime: str, anchor: date, expected: date) -> None:
    result = run(book, rule_id, anchor, regime=regime)
    assert result.date == expected
    assert not result.provisional


def test_the_golden_vector_of_a_review_extended_by_ten_days_holds(book: RuleBook) -> None:
    assert run(book, "CONF.DECIDE.PM", date(2026, 10, 8), extensions=(TEN_MORE,)).date == date(2026, 11, 2)


def test_the_golden_vector_of_a_delegated_mediation_with_twelve_days_of_appraisal_holds(book: RuleBook) -> None:
    assert run(book, "MED.DELEGATED", date(2026, 5, 6), suspensions=(APPRAISAL,)).date == date(2026, 6, 17)


def test_scenario_2_a_complaint_of_28_september_is_to_be_answered_by_13_october(book: RuleBook) -> None:
    result = run(book, "12315.ACCEPT", date(2026, 9, 28), regime="ADMIN_12315")
    assert result.date == date(2026, 10, 13)
    assert not result.passed(datetime(2026, 10, 13, 23, 59, 59, tzinfo=CHINA))
    assert result.passed(datetime(2026, 10, 14, tzinfo=CHINA))


def test_scenario_3_old_and_new_12315_limits_live_side_by_side(book: RuleBook) -> None:
    new = run(book, "12315.MED", date(2026, 4, 20), regime="ADMIN_12315")
    old = run(book, "12315.MED", date(2026, 3, 2), regime="ADMIN_12315")
    assert (new.rule_version, new.date) == ("2026", date(2026, 6, 22))
    assert (old.rule_version, old.date) == ("2020", date(2026, 5, 8))
    assert "121" in new.source
    assert new.source != old.source


@pytest.mark.parametrize(("day", "version"), [(date(2026, 4, 14), "2020"), (date(2026, 4, 15), "2026")])
def test_scenario_3_the_version_changes_on_the_day_the_decree_takes_effect(
    book: RuleBook, day: date, version: str
) -> None:
    assert book.rule("12315.MED", day, "ADMIN_12315").version == version


def test_scenario_13_an_appraisal_moves_the_limit_and_a_consent_after_it_is_late(book: RuleBook) -> None:
    result = run(book, "MED.DELEGATED", date(2026, 5, 6), suspensions=(APPRAISAL,))
    assert result.date == date(2026, 6, 17)
    late = Extension(count=15, approver="ALL_PARTIES", granted_at=datetime(2026, 6, 18, 0, 0, tzinfo=CHINA))
    with pytest.raises(DomainError) as refusal:
        run(book, "MED.DELEGATED", date(2026, 5, 6), suspensions=(APPRAISAL,), extensions=(late,))
    assert refusal.value.reason == "EXTENSION_AFTER_EXPIRY"


def test_scenario_13_a_consent_in_the_last_second_is_in_time(book: RuleBook) -> None:
    last = Extension(count=15, approver="ALL_PARTIES", granted_at=datetime(2026, 6, 17, 23, 59, 59, tzinfo=CHINA))
    result = run(book, "MED.DELEGATED", date(2026, 5, 6), suspensions=(APPRAISAL,), extensions=(last,))
    assert result.date == date(2026, 7, 2)


def test_scenario_17_effective_on_another_day_means_another_last_day(book: RuleBook) -> None:
    by_parties = run(book, "CONF.APPLY", date(2026, 6, 1))
    after_the_seal = run(book, "CONF.APPLY", date(2026, 6, 3))
    assert (by_parties.date, after_the_seal.date) == (date(2026, 7, 1), date(2026, 7, 3))


def test_scenario_18_effective_on_1_september_may_be_filed_until_the_end_of_8_october(book: RuleBook) -> None:
    result = run(book, "CONF.APPLY", date(2026, 9, 1))
    assert result.at == datetime(2026, 10, 8, 16, tzinfo=UTC)
    assert not result.passed(datetime(2026, 10, 8, 15, 59, 59, tzinfo=UTC))
    assert result.passed(datetime(2026, 10, 9, 0, 0, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("effective", "expected"),
    [
        (date(2026, 12, 2), date(2027, 1, 4)),
        (date(2027, 1, 6), date(2027, 2, 9)),
        (date(2027, 9, 1), date(2027, 10, 4)),
    ],
)
def test_no_period_ends_on_a_day_off_by_law_of_a_year_without_a_notice(
    book: RuleBook, effective: date, expected: date
) -> None:
    result = run(book, "CONF.APPLY", effective)
    assert (result.date, result.provisional) == (expected, True)


def test_scenario_30_a_deadline_in_a_year_without_calendar_is_provisional_and_says_why(book: RuleBook) -> None:
    result = run(book, "CONF.APPLY", date(2026, 12, 10))
    assert result.provisional
    assert result.date == date(2027, 1, 11)
    assert "暂定" in result.steps[-1].zh
    assert "PROVISIONAL" in result.steps[-1].en
