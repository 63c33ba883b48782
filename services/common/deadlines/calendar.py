"""Working days of a country, from published data. Beyond its coverage a calendar knows the days off that the law itself
names, and says that it knows no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Self

from services.common.deadlines.datafile import DataFile, RuleFileError, Table
from services.common.kernel.errors import precondition

ONE_DAY = timedelta(days=1)
LONGEST_SOURCE = 500


class DayKind(Enum):
    WORKING = "WORKING"
    REST = "REST"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYear:
    """What one data file says: the days off and the make-up working days (调休上班) of some days, usually a year."""

    calendar_id: str
    covers_from: date
    covers_until: date
    weekend: frozenset[int]
    days_off: frozenset[date]
    makeup_days: frozenset[date]
    source: str
    compared_with_official_notice: bool

    @classmethod
    def parse(cls, table: Table) -> Self:
        """Read and check one calendar file. Raises RuleFileError naming the key."""
        year = cls(
            calendar_id=table.text("calendar"),
            covers_from=table.day("covers_from"),
            covers_until=table.day("covers_until"),
            weekend=frozenset(table.integers("weekend")),
            days_off=_days(table, "days_off"),
            makeup_days=_days(table, "makeup_working_days"),
            source=table.text("source"),
            compared_with_official_notice=table.flag("compared_with_official_notice"),
        )
        table.finish()
        year._check(table)
        return year

    @classmethod
    def handed_in(cls, file: DataFile) -> Self:
        """One calendar year from 1 January to 31 December, as somebody gives it to a running service.

        Raises RuleFileError naming file and key, and for TOML that cannot be read the line.
        """
        table = file.table()
        year = cls.parse(table)
        if (year.covers_from.month, year.covers_from.day) != (1, 1):
            raise table.error("covers_from", "a year begins on 1 January", "一年自1月1日起")
        if year.covers_until != date(year.covers_from.year, 12, 31):
            last = date(year.covers_from.year, 12, 31)
            raise table.error("covers_until", f"the year ends on {last}", f"该年至{last}止")
        if len(year.source) > LONGEST_SOURCE or not year.source.isprintable():
            problem = f"one line of at most {LONGEST_SOURCE} printable characters"
            raise table.error("source", problem, f"应为不超过{LONGEST_SOURCE}个可见字符的一行文字")
        return year

    def _check(self, table: Table) -> None:
        if self.covers_until < self.covers_from:
            raise table.error("covers_until", "before covers_from", "早于 covers_from")
        if not self.weekend < set(range(1, 8)):
            zh = "应为1（星期一）至7（星期日）中的若干日，不得为全部"
            raise table.error("weekend", "some of the days 1 (Monday) to 7 (Sunday), never all", zh)
        for key, days in (("days_off", self.days_off), ("makeup_working_days", self.makeup_days)):
            _require_within(table, key, days, self.covers_from, self.covers_until)
        for day in sorted(self.makeup_days):
            if day.isoweekday() not in self.weekend or day in self.days_off:
                zh = f"{day}不是调休上班的周末"
                raise table.error("makeup_working_days", f"{day} is not a weekend day that became a working day", zh)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatutoryDays:
    """The days off that the law itself names, from one local day to another; a yearly notice only adds to them."""

    calendar_id: str
    first: date
    last: date
    days_off: frozenset[date]
    source: str

    @classmethod
    def parse(cls, table: Table) -> Self:
        """Read and check one file. Raises RuleFileError naming the key."""
        days = cls(
            calendar_id=table.text("calendar"),
            first=table.day("statutory_from"),
            last=table.day("statutory_until"),
            days_off=_days(table, "days_off"),
            source=table.text("source"),
        )
        table.finish()
        if days.last < days.first:
            raise table.error("statutory_until", "before statutory_from", "早于 statutory_from")
        _require_within(table, "days_off", days.days_off, days.first, days.last)
        return days


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """The working days of one calendar between ``coverage_from`` and ``coverage_until``, both included; ``by_law`` are
    days off that are known of other years as well."""

    id: str
    coverage_from: date
    coverage_until: date
    weekend: frozenset[int]
    days_off: frozenset[date]
    makeup_days: frozenset[date]
    by_law: frozenset[date]
    years: tuple[CalendarYear, ...]

    @classmethod
    def of(cls, years: Iterable[CalendarYear], by_law: frozenset[date] = frozenset()) -> Self:
        """One calendar from its files. They must be of one calendar, follow each other without gap or overlap, and leave
        free what the law does.

        Raises RuleFileError.
        """
        ordered = sorted(years, key=lambda year: year.covers_from)
        if not ordered:
            raise ValueError("a calendar needs at least one year")
        for earlier, later in pairwise(ordered):
            where = f"calendars/{later.calendar_id}"
            if later.calendar_id != earlier.calendar_id or later.weekend != earlier.weekend:
                zh = "同一日历各年文件的编号或周末不一致"
                raise RuleFileError(where, "calendar", "files of one calendar disagree about its id or its weekend", zh)
            if later.covers_from != earlier.covers_until + ONE_DAY:
                zh = f"{later.covers_from}没有紧接{earlier.covers_until}：年份之间不得有空缺或重叠"
                problem = f"{later.covers_from} does not follow {earlier.covers_until}: a gap or an overlap"
                raise RuleFileError(where, "covers_from", problem, zh)
        for year in ordered:
            for day in sorted(by_law):
                if year.covers_from <= day <= year.covers_until and day not in year.days_off:
                    where = f"calendars/{year.calendar_id}"
                    zh = f"{day}是法定节假日，未列入放假日"
                    raise RuleFileError(where, "days_off", f"{day} is a day off by law and is not among them", zh)
        return cls(
            id=ordered[0].calendar_id,
            coverage_from=ordered[0].covers_from,
            coverage_until=ordered[-1].covers_until,
            weekend=ordered[0].weekend,
            days_off=frozenset().union(*(year.days_off for year in ordered)),
            makeup_days=frozenset().union(*(year.makeup_days for year in ordered)),
            by_law=by_law,
            years=tuple(ordered),
        )

    def kind_of(self, day: date) -> DayKind:
        """Working, rest, or unknown: outside the coverage, unless the law itself names it. Make-up working Saturdays and
        Sundays are working days."""
        if not self.covers(day):
            return DayKind.REST if day in self.by_law else DayKind.UNKNOWN
        return DayKind.REST if self._rests(day) else DayKind.WORKING

    def is_working_day(self, day: date) -> bool:
        """Raises CALENDAR_UNKNOWN (FAILED_PRECONDITION) where it is unknown: nobody may take that for no."""
        if self.kind_of(day) is DayKind.UNKNOWN:
            raise precondition(
                "CALENDAR_UNKNOWN",
                f"尚无{day.year}年的工作日历，不能确定{day}是否为工作日",
                f"the calendar of {day.year} is not loaded: whether {day} is a working day is unknown",
                metadata={"calendar": self.id, "coverage_until": self.coverage_until.isoformat()},
            )
        return self.kind_of(day) is DayKind.WORKING

    def covers(self, day: date) -> bool:
        return self.coverage_from <= day <= self.coverage_until

    def is_weekend(self, day: date) -> bool:
        """By the day of the week alone; says nothing about holidays. Known for every day."""
        return day.isoweekday() in self.weekend

    def with_year(self, year: CalendarYear) -> "WorkingCalendar":
        """This calendar with newly published days, or with a correction in place of what covered the same days.

        Deadlines are then computed again. Raises RuleFileError when the days leave a gap or overlap another file's.
        """
        span = (year.covers_from, year.covers_until)
        others = (old for old in self.years if (old.covers_from, old.covers_until) != span)
        return WorkingCalendar.of((*others, year), self.by_law)

    def _rests(self, day: date) -> bool:
        return day in self.days_off or (self.is_weekend(day) and day not in self.makeup_days)


def _require_within(table: Table, key: str, days: Iterable[date], first: date, last: date) -> None:
    for day in sorted(days):
        if not first <= day <= last:
            zh = f"{day}不在本文件所涵盖的日期之内"
            raise table.error(key, f"{day} is outside the days this file covers", zh)


def _days(table: Table, key: str) -> frozenset[date]:
    days: list[date] = []
    for item in table.tables(key):
        days.append(item.day("date"))
        item.text("name")
        item.finish()
    if len(set(days)) != len(days):
        raise table.error(key, "the same day twice", "同一日期出现两次")
    return frozenset(days)
