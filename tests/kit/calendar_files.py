"""Calendar files as an operator hands them in. The days are 样本 SAMPLE: the notice for 2027 was not published yet."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.common.deadlines import RuleBook
from tests.kit.rules import RULES

SOURCE_2027 = "样本 SAMPLE：2027年放假安排（虚构）"


def notice(
    year: int,
    *,
    also_off: Iterable[date] = (),
    not_off: Iterable[date] = (),
    worked: Iterable[date] = (),
    calendar: str = "cn",
    source: str = SOURCE_2027,
) -> bytes:
    """The file of a year: the days off by law, more or fewer of them, and make-up working days."""
    by_law = {day for day in RuleBook.load(RULES).calendars["cn"].by_law if day.year == year}
    off = sorted((by_law | set(also_off)) - set(not_off))
    lines = [
        "schema = 1",
        f'calendar = "{calendar}"',
        f"covers_from = {year}-01-01",
        f"covers_until = {year}-12-31",
        "weekend = [6, 7]",
        f'source = "{source}"',
        "compared_with_official_notice = false",
        f"days_off = [{_days(off)}]",
        f"makeup_working_days = [{_days(sorted(worked))}]",
    ]
    return "\n".join(lines).encode()


def _days(days: Iterable[date]) -> str:
    return ", ".join(f'{{ date = {day}, name = "样本" }}' for day in days)


def standing_pattern_of_2027() -> bytes:
    """What the notices since 2025 would give: three days at New Year, eight from the eve of the Spring Festival."""
    new_year = (date(2027, 1, 1) + timedelta(days=each) for each in range(3))
    spring = (date(2027, 2, 5) + timedelta(days=each) for each in range(8))
    return notice(2027, also_off=[*new_year, *spring], worked=[date(2027, 2, 14)])
