"""A rules folder is trusted as a whole or not at all, and the refusal names file and key."""

import importlib.util
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.common.deadlines import CalendarYear, DataFile, Evidence, RuleBook, RuleFileError, Unit
from services.common.kernel.errors import DomainError

RULES = Path(__file__).parents[3] / "deploy" / "rules"
CALENDARS = RULES / "calendars"


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook.load(RULES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules that only this test sees."""
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


# Every clock of the deadline catalogue, by id and the count it must have.
CATALOGUE = {
    ("CONF.APPLY", "ANY"): (30, Unit.CALENDAR_DAY),
    ("CONF.ACCEPT", "ANY"): (3, Unit.CALENDAR_DAY),
    ("CONF.DECIDE.PM", "ANY"): (15, Unit.CALENDAR_DAY),
    ("CONF.DECIDE.SP", "ANY"): (30, Unit.CALENDAR_DAY),
    ("CONF.OBJ.PARTY", "ANY"): (15, Unit.CALENDAR_DAY),
    ("CONF.OBJ.THIRD", "ANY"): (6, Unit.MONTH),
    ("ENF.APPLY", "ANY"): (2, Unit.YEAR),
    ("MED.DELEGATED", "ANY"): (30, Unit.CALENDAR_DAY),
    ("MED.ENTRUSTED.ORD", "ANY"): (15, Unit.CALENDAR_DAY),
    ("MED.ENTRUSTED.SUM", "ANY"): (7, Unit.CALENDAR_DAY),
    ("MED.PEOPLES", "ANY"): (1, Unit.MONTH),
    ("ODM.PICK", "ANY"): (2, Unit.WORKING_DAY),
    ("ODM.DESIGNATE", "ANY"): (3, Unit.WORKING_DAY),
    ("ODM.CONFIRM", "ANY"): (3, Unit.WORKING_DAY),
    ("ODM.CONTACT", "ANY"): (3, Unit.WORKING_DAY),
    ("NOOBJ.PROPOSAL", "ANY"): (7, Unit.CALENDAR_DAY),
    ("12315.ACCEPT", "ADMIN_12315"): (7, Unit.WORKING_DAY),
    ("12315.MED", "ADMIN_12315"): (60, Unit.CALENDAR_DAY),
    ("12315.TERM.NOTICE", "ADMIN_12315"): (7, Unit.WORKING_DAY),
    ("12315.REPORT.VERIFY", "ADMIN_12315"): (15, Unit.WORKING_DAY),
    ("12315.COMPETENCE", "ADMIN_12315"): (7, Unit.WORKING_DAY),
    ("BI.FORWARD", "BANKING_INSURANCE"): (7, Unit.WORKING_DAY),
    ("BI.DECIDE", "BANKING_INSURANCE"): (15, Unit.CALENDAR_DAY),
    ("BI.DECIDE.COMPLEX", "BANKING_INSURANCE"): (30, Unit.CALENDAR_DAY),
    ("SEC.ACCEPT", "SECURITIES"): (15, Unit.CALENDAR_DAY),
    ("SEC.CLOSE", "SECURITIES"): (60, Unit.CALENDAR_DAY),
    ("RATIFY.MINOR", "ANY"): (30, Unit.CALENDAR_DAY),
    ("CALLBACK.MISSED", "ANY"): (1, Unit.WORKING_DAY),
    ("CALLBACK.SMS", "ANY"): (3, Unit.MINUTE),
}


@pytest.mark.parametrize(("key", "expected"), CATALOGUE.items(), ids=[key[0] for key in CATALOGUE])
def test_every_clock_of_the_catalogue_is_shipped(
    book: RuleBook, key: tuple[str, str], expected: tuple[int, Unit]
) -> None:
    rule = book.rule(key[0], date(2026, 11, 1), key[1])
    assert (rule.count, rule.unit) == expected
    assert rule.source


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


CLOCKS, CALENDAR = "clocks/confirmation.toml", "calendars/cn-2026.toml"


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        pytest.param(CLOCKS, "count = 30", "count = 30\ncuont = 31", "rule[0].cuont", id="unknown-key"),
        pytest.param(CLOCKS, "count = 30", "", "rule[0].count", id="missing-count"),
        pytest.param(CLOCKS, "count = 30", "count = 0", "rule[0].count", id="count-of-zero"),
        pytest.param(CLOCKS, "count = 30", "count = true", "rule[0].count", id="count-that-is-no-number"),
        pytest.param(CLOCKS, '"CALENDAR_DAY"', '"FORTNIGHT"', "rule[0].unit", id="unknown-unit"),
        pytest.param(
            CLOCKS, "effective_from = 2024-01-01", 'effective_from = "soon"', "rule[0].effective_from", id="no-date"
        ),
        pytest.param(CLOCKS, 'evidence = "PRIMARY"', "", "rule[0].evidence", id="missing-evidence"),
        pytest.param(CLOCKS, 'zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"', "zone", id="unknown-zone"),
        pytest.param(CLOCKS, 'calendar = "cn"', 'calendar = "xx"', "calendar", id="unknown-calendar"),
        pytest.param(CLOCKS, "schema = 1", "schema = 2", "schema", id="unknown-schema"),
        pytest.param(CLOCKS, "schema = 1", "schema 1", "", id="not-toml"),
        pytest.param(
            CLOCKS, "once = true", "once = true, twice = 1", "rule[2].extension.twice", id="unknown-nested-key"
        ),
        pytest.param(CLOCKS, "[10, 3, 1]", "[10, 3, -1]", "rule[0].remind_days_before", id="reminder-after-the-end"),
        pytest.param(
            "clocks/house.toml",
            'unit = "MINUTE"',
            'unit = "MINUTE"\nsuspend_on = ["APPRAISAL"]',
            "rule[2].suspend_on",
            id="minutes-that-pause",
        ),
        pytest.param(
            CALENDAR, "date = 2026-10-10", "date = 2026-10-09", "makeup_working_days", id="make-up-on-a-weekday"
        ),
        pytest.param(CALENDAR, "date = 2026-10-01", "date = 2025-10-01", "days_off", id="day-outside-the-year"),
        pytest.param(
            CALENDAR, "covers_from = 2026-01-01", "covers_from = 2025-12-31", "covers_from", id="years-overlap"
        ),
        pytest.param(CALENDAR, "weekend = [6, 7]", "weekend = [6, 8]", "weekend", id="eighth-day-of-the-week"),
        pytest.param(CALENDAR, "[6, 7]", "[1, 2, 3, 4, 5, 6, 7]", "weekend", id="nobody-ever-works"),
    ],
)
def test_a_malformed_rule_file_is_refused_naming_the_key(folder: Path, file: str, old: str, new: str, key: str) -> None:
    spoil(folder, file, old, new)
    with pytest.raises(RuleFileError) as refusal:
        RuleBook.load(folder)
    assert refusal.value.key == key
    assert refusal.value.file in (file, "calendars/cn")


def test_a_rule_without_a_source_is_refused(folder: Path) -> None:
    spoil(
        folder,
        CLOCKS,
        'source = "民事诉讼法（2023）第205条；人民调解法第33条；期间计算：民事诉讼法第85条"',
        'source = " "',
    )
    with pytest.raises(RuleFileError) as refusal:
        RuleBook.load(folder)
    assert (refusal.value.file, refusal.value.key) == (CLOCKS, "rule[0].source")


def test_versions_that_overlap_are_refused(folder: Path) -> None:
    spoil(folder, "clocks/market_regulation.toml", "effective_to = 2026-04-14", "effective_to = 2026-04-15")
    with pytest.raises(RuleFileError) as refusal:
        RuleBook.load(folder)
    assert refusal.value.key == "rule[1].effective_from"


def test_the_same_version_in_two_files_is_refused(folder: Path) -> None:
    (folder / "clocks" / "zz.toml").write_bytes((folder / CLOCKS).read_bytes())
    with pytest.raises(RuleFileError) as refusal:
        RuleBook.load(folder)
    assert (refusal.value.file, refusal.value.key) == ("clocks/zz.toml", "rule[0].version")


def test_an_empty_rules_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError):
        RuleBook.load(tmp_path)


def test_a_year_missing_in_the_middle_of_a_calendar_is_refused(folder: Path) -> None:
    (folder / "calendars" / "cn-2025.toml").unlink()
    with pytest.raises(RuleFileError, match="does not follow"):
        RuleBook.load(folder)


def test_the_digest_follows_the_content(folder: Path, book: RuleBook) -> None:
    assert RuleBook.load(folder).digest == book.digest
    spoil(folder, CLOCKS, "count = 30", "count = 31")
    assert RuleBook.load(folder).digest != book.digest


def test_a_rule_nobody_wrote_and_a_day_no_version_covers_are_two_refusals(book: RuleBook) -> None:
    with pytest.raises(LookupError):
        book.rule("CONF.NOTHING", date(2026, 1, 1))
    with pytest.raises(DomainError) as refusal:
        book.rule("CONF.APPLY", date(2001, 1, 1))
    assert refusal.value.reason == "NO_RULE_IN_FORCE"


def test_a_rule_of_any_regime_serves_a_named_one_but_not_the_other_way_round(book: RuleBook) -> None:
    assert book.rule("CONF.APPLY", date(2026, 1, 1), "PEOPLES").id == "CONF.APPLY"
    with pytest.raises(LookupError):
        book.rule("12315.MED", date(2026, 1, 1), "PEOPLES")


def test_an_older_version_can_be_named_for_a_clock_that_still_runs_under_it(book: RuleBook) -> None:
    assert book.version("12315.MED", "2020", "ADMIN_12315").count == 45


def script(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"calendar_{name}", CALENDARS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_calendar_nobody_corrected_is_what_its_script_writes(book: RuleBook, year: int) -> None:
    (part,) = (part for part in book.calendars["cn"].years if part.covers_from.year == year)
    assert not part.compared_with_official_notice, "a corrected calendar is its operator's: leave it out of this test"
    assert script("export").year_file(year) == (CALENDARS / f"cn-{year}.toml").read_text(encoding="utf-8")


def test_the_days_off_by_law_are_what_their_script_writes() -> None:
    shipped = (CALENDARS / "cn-statutory.toml").read_text(encoding="utf-8")
    assert _days_of(script("statutory").content()) == _days_of(shipped)


def _days_of(content: str) -> str:
    """Without the version of the package."""
    return content[content.index("days_off") :]


def test_the_days_off_by_law_are_known_of_years_without_a_notice(book: RuleBook) -> None:
    calendar = book.calendars["cn"]
    of_2027 = ["01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15"]
    of_2027 += ["10-01", "10-02", "10-03"]
    assert [f"{day:%m-%d}" for day in sorted(calendar.by_law) if day.year == 2027] == of_2027
    assert not calendar.is_working_day(date(2027, 1, 1))
    with pytest.raises(DomainError, match="CALENDAR_UNKNOWN"):
        calendar.is_working_day(date(2027, 1, 4))


def test_a_notice_that_takes_a_day_off_by_law_away_is_refused(folder: Path) -> None:
    file = folder / CALENDAR
    file.write_text(re.sub(r".*2026-10-01.*\n", "", file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RuleFileError, match="2026-10-01 is a day off by law"):
        RuleBook.load(folder)


def test_the_shipped_calendars_say_that_nobody_compared_them_with_the_notice(book: RuleBook) -> None:
    for year in book.calendars["cn"].years:
        assert not year.compared_with_official_notice
        assert "not compared with the State Council notice itself" in year.source


def test_a_calendar_published_while_running_is_read_from_its_bytes(book: RuleBook) -> None:
    published = (RULES / CALENDAR).read_text(encoding="utf-8").replace("2026-", "2027-")
    # 样本 SAMPLE: the days off by law of 2027 under the head of 2026.
    by_law = sorted(day for day in book.calendars["cn"].by_law if day.year == 2027)
    days = "".join(f'{{ date = {day}, name = "样本" }}, ' for day in by_law)
    published = f"{published[: published.index('days_off')]}days_off = [{days}]\nmakeup_working_days = []\n"
    year = CalendarYear.parse(DataFile("calendars/cn-2027.toml", published.encode()).table())
    assert book.with_calendar_year(year, "0" * 64).calendars["cn"].coverage_until == date(2027, 12, 31)


def test_peoples_mediation_does_not_claim_the_courts_online_rules_as_its_source(book: RuleBook) -> None:
    court, house = (book.rule("ODM.CONTACT", date(2026, 1, 1), regime) for regime in ("ANY", "PEOPLES"))
    assert (court.evidence, house.evidence) == (Evidence.PRIMARY, Evidence.HOUSE)
    assert "本系统的设定" in house.source
