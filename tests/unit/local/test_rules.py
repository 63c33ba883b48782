"""What the doctor says of the files of the law."""

from datetime import date
from pathlib import Path

import pytest

from deploy.local.doctor import Level, of_calendars, of_days_left, of_rules
from deploy.local.work import Work
from tests.kit.rules import RULES, edited


def test_the_shipped_rules_are_well() -> None:
    assert of_rules(RULES).level is Level.OK


def test_a_regime_that_nobody_compared_with_the_law_is_named(tmp_path: Path) -> None:
    rules = edited(tmp_path, {"regimes/peoples.toml": {'evidence = "PRIMARY"': 'evidence = "UNVERIFIED"'}})
    found = of_rules(rules)
    assert found.level is Level.WARNING and "PEOPLES@2024 (UNVERIFIED)" in found.message and found.remedy


def test_a_file_that_cannot_be_read_is_a_problem_that_names_its_key(tmp_path: Path) -> None:
    rules = edited(tmp_path, {"regimes/peoples.toml": {"no_shows_to_terminate = 2": "no_shows_to_terminate = 0"}})
    found = of_rules(rules)
    assert found.level is Level.PROBLEM and "session.no_shows_to_terminate" in found.message


@pytest.mark.parametrize(("today", "told"), [(date(2026, 10, 31), False), (date(2026, 11, 1), True)])
def test_sixty_days_before_a_calendar_ends_that_is_told(today: date, told: bool) -> None:
    found = of_calendars(RULES, today)
    assert bool(found) is told
    assert all(each.level is Level.WARNING and "2026-12-31" in each.message and each.remedy for each in found)


@pytest.mark.parametrize(("days", "told"), [(61, False), (60, True), (-3, True), (None, False)])
def test_a_running_service_says_itself_how_long_its_calendar_lasts(days: int | None, told: bool) -> None:
    found = of_days_left("intake", Work(failed=0, parked=0, waiting=0.0, calendar_days=days))
    assert bool(found) is told
    assert all(each.level is Level.WARNING and "comity calendar load" in each.remedy for each in found)
