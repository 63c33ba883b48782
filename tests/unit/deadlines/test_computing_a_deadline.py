"""What the engine does beyond the golden dates: months, zones, extensions, exclusions, and never a silent guess."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.deadlines import (
    Approver,
    CalendarYear,
    DayKind,
    DeadlineRule,
    Extension,
    ExtensionRule,
    Roll,
    RuleBook,
    Suspension,
    Unit,
    WorkingCalendar,
    due,
)
from services.common.kernel.errors import DomainError

CHINA = ZoneInfo("Asia/Shanghai")
BOOK = RuleBook.load(Path(__file__).parents[3] / "deploy" / "rules")
CN = BOOK.calendars["cn"]
PLAIN = replace(BOOK.rule("CONF.APPLY", date(2026, 1, 1)), suspend_on=("APPRAISAL",))
DAY_UNITS = [Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.TRADING_DAY, Unit.MONTH, Unit.YEAR]

START = datetime(2024, 1, 1, tzinfo=UTC)
anchors = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def counting(count: int, unit: Unit, roll: Roll = Roll.NEXT_WORKING_DAY) -> DeadlineRule:
    return replace(PLAIN, count=count, unit=unit, roll=roll)


day_rules = st.builds(
    counting,
    st.integers(1, 40),
    st.sampled_from([Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.TRADING_DAY]),
    st.sampled_from(list(Roll)),
) | st.builds(counting, st.integers(1, 14), st.sampled_from([Unit.MONTH]), st.sampled_from(list(Roll)))


@st.composite
def pauses(draw: Callable[..., object]) -> Suspension:
    began = draw(days)
    assert isinstance(began, date)
    length = draw(st.integers(0, 60))
    assert isinstance(length, int)
    return Suspension(reason="APPRAISAL", began=began, ended=began + timedelta(days=length))


def local(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


@given(day_rules, anchors, anchors, st.lists(pauses(), max_size=3))
def test_a_later_anchor_is_never_due_earlier(
    rule: DeadlineRule, one: datetime, other: datetime, pause: list[Suspension]
) -> None:
    earlier, later = sorted((one, other))
    assert due(rule, earlier, CN, (), pause).at <= due(rule, later, CN, (), pause).at


@given(day_rules, anchors, st.lists(pauses(), max_size=3), pauses())
def test_a_suspension_never_makes_a_deadline_earlier(
    rule: DeadlineRule, anchor: datetime, others: list[Suspension], one_more: Suspension
) -> None:
    assert due(rule, anchor, CN, (), others).at <= due(rule, anchor, CN, (), [*others, one_more]).at


@given(day_rules, anchors, st.lists(pauses(), max_size=3))
def test_a_deadline_that_rolls_lands_on_a_working_day(
    rule: DeadlineRule, anchor: datetime, pause: list[Suspension]
) -> None:
    result = due(replace(rule, roll=Roll.NEXT_WORKING_DAY), anchor, CN, (), pause)
    if result.provisional:
        assert CN.kind_of(result.date) is not DayKind.REST
        assert not CN.is_weekend(result.date) or CN.kind_of(result.date) is DayKind.WORKING
    else:
        assert CN.is_working_day(result.date)


@given(st.integers(1, 60), st.integers(0, 30), st.integers(0, 30), days)
def test_base_extension_and_excluded_days_are_summed_and_rolled_once(
    base: int, more: int, excluded: int, start: date
) -> None:
    rule = replace(
        counting(base, Unit.CALENDAR_DAY),
        extension=ExtensionRule(count=None, unit=Unit.CALENDAR_DAY, approver=Approver.ALL_PARTIES, once=True),
    )
    anchor = datetime(start.year, start.month, start.day, 12, tzinfo=CHINA)
    extensions = [Extension(count=more, approver="ALL_PARTIES", granted_at=anchor)] if more else []
    pause = [Suspension(reason="APPRAISAL", began=start, ended=start + timedelta(days=excluded))]
    expected = start + timedelta(days=base + more + excluded)
    while CN.kind_of(expected) is DayKind.REST or (not CN.covers(expected) and CN.is_weekend(expected)):
        expected += timedelta(days=1)
    assert due(rule, anchor, CN, extensions, pause).date == expected


@given(st.integers(1, 40), anchors)
def test_a_rolling_count_of_days_is_provisional_exactly_when_its_last_day_is_beyond_the_calendar(
    count: int, anchor: datetime
) -> None:
    result = due(counting(count, Unit.CALENDAR_DAY), anchor, CN)
    assert result.provisional == (result.date > CN.coverage_until)


@given(st.integers(1, 40), anchors)
def test_a_count_of_working_days_is_provisional_exactly_when_it_reaches_beyond_the_calendar(
    count: int, anchor: datetime
) -> None:
    result = due(counting(count, Unit.WORKING_DAY), anchor, CN)
    assert result.provisional == (result.date > CN.coverage_until)


@given(st.sampled_from([Unit.CALENDAR_DAY, Unit.MONTH, Unit.YEAR]), st.integers(1, 20), anchors)
def test_a_deadline_that_needs_no_calendar_is_never_provisional(unit: Unit, count: int, anchor: datetime) -> None:
    assert not due(counting(count, unit, Roll.NONE), anchor, CN).provisional


@given(day_rules, anchors)
def test_a_deadline_ends_with_its_local_day(rule: DeadlineRule, anchor: datetime) -> None:
    result = due(rule, anchor, CN)
    assert result.at.tzinfo is UTC
    end = result.at.astimezone(CHINA)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert end.date() == result.date + timedelta(days=1)


def test_before_the_calendar_begins_a_count_of_working_days_is_provisional_too() -> None:
    assert due(counting(3, Unit.WORKING_DAY), local(2023, 12, 27), CN).provisional


def test_the_local_day_of_the_anchor_counts_and_not_the_day_in_utc() -> None:
    just_before_midnight = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)
    midnight = datetime(2026, 3, 2, 16, 0, 0, tzinfo=UTC)
    rule = counting(1, Unit.CALENDAR_DAY, Roll.NONE)
    assert due(rule, just_before_midnight, CN).date == date(2026, 3, 3)
    assert due(rule, midnight, CN).date == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("start", "count", "unit", "expected"),
    [
        (date(2026, 8, 31), 6, Unit.MONTH, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, Unit.MONTH, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, Unit.MONTH, date(2024, 2, 29)),
        (date(2026, 2, 28), 1, Unit.MONTH, date(2026, 3, 28)),
        (date(2024, 2, 29), 2, Unit.YEAR, date(2026, 2, 28)),
        (date(2026, 11, 15), 2, Unit.MONTH, date(2027, 1, 15)),
    ],
)
def test_months_and_years_end_on_the_same_day_or_the_last_of_the_month(
    start: date, count: int, unit: Unit, expected: date
) -> None:
    anchor = datetime(start.year, start.month, start.day, 9, tzinfo=CHINA)
    assert due(counting(count, unit, Roll.NONE), anchor, CN).date == expected


def test_a_month_prolonged_by_a_month_is_two_months_and_not_two_shortened_ones() -> None:
    rule = replace(
        counting(1, Unit.MONTH, Roll.NONE),
        extension=ExtensionRule(count=1, unit=Unit.MONTH, approver=Approver.ALL_PARTIES, once=True),
    )
    one_more = Extension(count=1, approver="ALL_PARTIES", granted_at=local(2026, 2, 10))
    assert due(rule, local(2026, 1, 31), CN, [one_more]).date == date(2026, 3, 31)


def test_a_month_of_peoples_mediation_is_prolonged_by_days() -> None:
    rule = BOOK.rule("MED.PEOPLES", date(2026, 3, 10))
    ten_more = Extension(count=10, approver="ALL_PARTIES", granted_at=local(2026, 4, 1))
    assert due(rule, local(2026, 3, 10), CN).date == date(2026, 4, 10)
    assert due(rule, local(2026, 3, 10), CN, [ten_more]).date == date(2026, 4, 20)


def test_a_first_day_that_counts_is_counted() -> None:
    rule = replace(counting(3, Unit.CALENDAR_DAY, Roll.NONE), exclude_start=False)
    assert due(rule, local(2026, 3, 2), CN).date == date(2026, 3, 4)


def test_a_trading_day_is_no_make_up_saturday() -> None:
    # Saturday 2026-10-10 is a working day; the exchanges stay closed.
    friday = local(2026, 10, 9)
    assert due(counting(1, Unit.WORKING_DAY), friday, CN).date == date(2026, 10, 10)
    assert due(counting(1, Unit.TRADING_DAY), friday, CN).date == date(2026, 10, 12)


def test_minutes_run_from_the_instant_and_through_the_night() -> None:
    rule = BOOK.rule("CALLBACK.SMS", date(2026, 3, 7))
    result = due(rule, datetime(2026, 3, 7, 15, 58, tzinfo=UTC), CN)
    assert result.at == datetime(2026, 3, 7, 16, 1, tzinfo=UTC)
    assert result.date == date(2026, 3, 8)


def test_hours_do_not_roll_over_a_weekend() -> None:
    rule = counting(48, Unit.HOUR, Roll.NONE)
    assert due(rule, datetime(2026, 3, 6, 1, tzinfo=UTC), CN).at == datetime(2026, 3, 8, 1, tzinfo=UTC)


def test_days_excluded_twice_are_excluded_once() -> None:
    rule = counting(30, Unit.CALENDAR_DAY, Roll.NONE)
    two = [
        Suspension(reason="APPRAISAL", began=date(2026, 3, 5), ended=date(2026, 3, 15)),
        Suspension(reason="APPRAISAL", began=date(2026, 3, 10), ended=date(2026, 3, 20)),
    ]
    assert due(rule, local(2026, 3, 2), CN, (), two).date == date(2026, 4, 16)


def test_a_pause_the_rule_does_not_list_leaves_the_clock_running_and_says_so() -> None:
    challenge = Suspension(reason="CHALLENGE", began=date(2026, 3, 5), ended=date(2026, 3, 15))
    result = due(PLAIN, local(2026, 3, 2), CN, (), [challenge])
    assert result.date == due(PLAIN, local(2026, 3, 2), CN).date
    assert any("CHALLENGE" in step.zh and "CHALLENGE" in step.en for step in result.steps)


def test_a_pause_that_begins_after_the_end_revives_nothing() -> None:
    rule = counting(5, Unit.CALENDAR_DAY, Roll.NONE)
    too_late = Suspension(reason="APPRAISAL", began=date(2026, 3, 8), ended=date(2026, 3, 30))
    assert due(rule, local(2026, 3, 2), CN, (), [too_late]).date == date(2026, 3, 7)


def test_a_pause_that_begins_on_the_rolled_last_day_does_not_let_the_period_end_within_it() -> None:
    # Ends on Saturday the 7th, rolled to Monday the 9th; paused from that Monday to Thursday.
    pause = Suspension(reason="APPRAISAL", began=date(2026, 3, 9), ended=date(2026, 3, 12))
    assert due(counting(5, Unit.CALENDAR_DAY), local(2026, 3, 2), CN, (), [pause]).date == date(2026, 3, 12)


def test_excluded_time_before_the_period_began_is_not_excluded() -> None:
    rule = counting(10, Unit.CALENDAR_DAY, Roll.NONE)
    pause = Suspension(reason="APPRAISAL", began=date(2026, 2, 1), ended=date(2026, 3, 4))
    assert due(rule, local(2026, 3, 2), CN, (), [pause]).date == date(2026, 3, 14)


def test_working_days_are_given_back_as_working_days() -> None:
    # Monday to the Monday after: five working days stand still, the weekend was never counted.
    pause = Suspension(reason="APPRAISAL", began=date(2026, 3, 9), ended=date(2026, 3, 16))
    rule = counting(10, Unit.WORKING_DAY)
    assert due(rule, local(2026, 3, 2), CN).date == date(2026, 3, 16)
    assert due(rule, local(2026, 3, 2), CN, (), [pause]).date == date(2026, 3, 23)


def test_a_pause_is_made_from_instants_by_the_local_days() -> None:
    began, ended = datetime(2026, 5, 10, 16, 30, tzinfo=UTC), datetime(2026, 5, 22, 3, tzinfo=UTC)
    pause = Suspension.between("APPRAISAL", began, ended, CHINA)
    assert (pause.began, pause.ended) == (date(2026, 5, 11), date(2026, 5, 22))


@pytest.mark.parametrize(
    ("rule_id", "approver", "counts", "reason"),
    [
        ("CONF.APPLY", "ALL_PARTIES", [5], "EXTENSION_NOT_ALLOWED"),
        ("CONF.DECIDE.PM", "ALL_PARTIES", [10], "EXTENSION_WRONG_APPROVER"),
        ("CONF.DECIDE.PM", "COURT_PRESIDENT", [11], "EXTENSION_TOO_LONG"),
        ("CONF.DECIDE.PM", "COURT_PRESIDENT", [5, 5], "EXTENSION_ALREADY_USED"),
    ],
)
def test_an_extension_the_rule_does_not_know_is_refused(
    rule_id: str, approver: str, counts: list[int], reason: str
) -> None:
    rule = BOOK.rule(rule_id, date(2026, 3, 2))
    granted = [Extension(count=count, approver=approver, granted_at=local(2026, 3, 3)) for count in counts]
    with pytest.raises(DomainError) as refusal:
        due(rule, local(2026, 3, 2), CN, granted)
    assert refusal.value.reason == reason


def test_a_second_extension_in_the_time_the_first_one_won_is_good() -> None:
    rule = BOOK.rule("MED.DELEGATED", date(2026, 3, 2))
    granted = [
        Extension(count=10, approver="ALL_PARTIES", granted_at=local(2026, 4, 8)),
        Extension(count=10, approver="ALL_PARTIES", granted_at=local(2026, 3, 30)),
    ]
    assert due(rule, local(2026, 3, 2), CN, granted).date == date(2026, 4, 21)


def test_the_reasoning_names_start_count_and_roll_in_both_languages() -> None:
    steps = due(BOOK.rule("CONF.APPLY", date(2026, 9, 1)), local(2026, 9, 1), CN).steps
    assert [step.zh[:2] for step in steps] == ["自2", "30", "20"]
    assert "2026-10-01" in steps[1].en
    assert "2026-10-08" in steps[2].en


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        due(PLAIN, datetime(2026, 3, 2), CN)


def test_a_calendar_of_another_country_is_refused() -> None:
    with pytest.raises(ValueError, match="counts by calendar"):
        due(PLAIN, local(2026, 3, 2), replace(CN, id="elsewhere"))


def test_a_calendar_says_unknown_beyond_its_coverage_and_raises_when_pressed() -> None:
    assert CN.coverage_until == date(2026, 12, 31)
    assert CN.kind_of(date(2027, 1, 4)) is DayKind.UNKNOWN
    with pytest.raises(DomainError) as refusal:
        CN.is_working_day(date(2027, 1, 4))
    assert refusal.value.reason == "CALENDAR_UNKNOWN"


def test_make_up_weekend_days_are_working_days_and_holidays_are_not() -> None:
    assert CN.is_working_day(date(2026, 10, 10))
    assert CN.is_working_day(date(2026, 9, 20))
    assert not CN.is_working_day(date(2026, 10, 1))
    assert not CN.is_working_day(date(2026, 10, 11))


def year_2027(more: frozenset[date]) -> CalendarYear:
    """样本 SAMPLE: the days off by law, and more."""
    days_off = more | {day for day in CN.by_law if day.year == 2027}
    return CalendarYear(
        calendar_id="cn",
        covers_from=date(2027, 1, 1),
        covers_until=date(2027, 12, 31),
        weekend=frozenset({6, 7}),
        days_off=days_off,
        makeup_days=frozenset(),
        source="样本 SAMPLE",
        compared_with_official_notice=False,
    )


def test_scenario_30_a_published_calendar_turns_a_provisional_date_into_a_firm_one() -> None:
    book = BOOK.with_calendar_year(year_2027(frozenset({date(2027, 1, 11)})), "0" * 64)
    rule = book.rule("CONF.APPLY", date(2026, 12, 10))
    before, after = due(rule, local(2026, 12, 10), CN), due(rule, local(2026, 12, 10), book.calendar_of(rule))
    assert (before.date, before.provisional) == (date(2027, 1, 11), True)
    assert (after.date, after.provisional) == (date(2027, 1, 12), False)
    assert book.digest != BOOK.digest


def test_a_corrected_year_takes_the_place_of_the_one_before() -> None:
    first = CN.with_year(year_2027(frozenset({date(2027, 1, 11)})))
    corrected = first.with_year(year_2027(frozenset()))
    assert isinstance(corrected, WorkingCalendar)
    assert not first.is_working_day(date(2027, 1, 11))
    assert corrected.is_working_day(date(2027, 1, 11))


@pytest.mark.parametrize(
    ("anchor", "began", "ended", "last"),
    [
        # A month from 13 August ends on Sunday 13 September, so on the 14th. What begins on the 13th leaves a working day.
        (date(2026, 8, 13), date(2026, 9, 13), date(2026, 9, 30), date(2026, 10, 8)),
        (date(2026, 8, 13), date(2026, 9, 13), date(2026, 9, 16), date(2026, 9, 17)),
        # On the last day itself nothing is left of it: it ends with the pause.
        (date(2026, 8, 13), date(2026, 9, 14), date(2026, 9, 16), date(2026, 9, 16)),
        # From Saturday the 12th, the second day of a weekend is left as well.
        (date(2026, 8, 12), date(2026, 9, 12), date(2026, 9, 16), date(2026, 9, 17)),
    ],
)
def test_a_pause_on_the_rest_days_before_the_last_day_leaves_a_working_day(
    anchor: date, began: date, ended: date, last: date
) -> None:
    rule = BOOK.rule("MED.PEOPLES", anchor)
    pause = Suspension(reason="APPRAISAL", began=began, ended=ended)
    start = datetime(anchor.year, anchor.month, anchor.day, 9, tzinfo=CHINA)
    assert due(rule, start, CN, suspensions=[pause]).date == last
