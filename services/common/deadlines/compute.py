"""When a period ends. Sum base, extensions and excluded days, then roll once; the last day ends at 24:00 local time.

Civil Code 200-204 and Civil Procedure Law 85: the first day is not counted; months and years end on the day of the same
number or, where there is none, on the last day of the month (202); a last day that is a rest day moves to the first day
after (203). Whatever a calendar does not cover is counted by weekends and the days off that
the law names, and marked provisional, never silently.
"""

import calendar as gregorian
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from services.common.deadlines.calendar import ONE_DAY, DayKind, WorkingCalendar
from services.common.deadlines.rule import DeadlineRule, Roll, Unit
from services.common.kernel.errors import DomainError, precondition


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the reasoning, for the person it binds."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A prolongation that was granted: so many of the unit the rule's extension names, by whom, when (aware UTC)."""

    count: int
    approver: str
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Days that are not counted, as local days: the day it began is not excluded, the day it ended is (Civil Code 201).

    An appraisal from 10 to 22 May excludes 12 days. One that still goes on is given with today as its end, and computed
    again.
    """

    reason: str
    began: date
    ended: date

    def __post_init__(self) -> None:
        if self.ended < self.began:
            raise ValueError("a suspension ends before it begins")

    @classmethod
    def between(cls, reason: str, began: datetime, ended: datetime, zone: ZoneInfo) -> Self:
        """From two aware instants, by the local days of the rule's zone."""
        return cls(
            reason=reason, began=_aware(began).astimezone(zone).date(), ended=_aware(ended).astimezone(zone).date()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The end of a period. ``at`` is the first instant (UTC) that is too late; ``date`` the last local day in time.

    ``provisional``: a day was needed that no published calendar covers, so the result may move when one is loaded.
    """

    at: datetime
    date: date
    provisional: bool
    steps: tuple[Step, ...]
    rule_id: str
    rule_version: str
    source: str

    def passed(self, now: datetime) -> bool:
        """Whether an act at this instant is late: see ``is_over``."""
        return is_over(self.at, now, provisional=self.provisional)


def is_over(due_time: datetime, now: datetime, *, provisional: bool) -> bool:
    """Whether an act at ``now`` comes too late for ``due_time``, the first instant that does (both aware).

    A provisional end does not show that: nobody is refused on one (ADR 30).
    """
    return now >= due_time and not provisional


def due(
    rule: DeadlineRule,
    anchor: datetime,
    calendar: WorkingCalendar,
    extensions: Iterable[Extension] = (),
    suspensions: Iterable[Suspension] = (),
) -> Due:
    """When the period that began at ``anchor`` (aware; the instant the event was recorded) ends.

    A suspension for a reason the rule does not list leaves the clock running, and one that began after the end revives
    nothing; both are said in the steps. Raises (FAILED_PRECONDITION) EXTENSION_NOT_ALLOWED, EXTENSION_WRONG_APPROVER,
    EXTENSION_ALREADY_USED, EXTENSION_TOO_LONG, and EXTENSION_AFTER_EXPIRY for one granted when the period was over, which a
    provisional end does not show.
    """
    if calendar.id != rule.calendar:
        raise ValueError(f"{rule.id} counts by calendar {rule.calendar}, not {calendar.id}")
    pauses = tuple(suspensions)
    granted: list[Extension] = []
    for extension in sorted(extensions, key=lambda item: _aware(item.granted_at)):
        _require_allowed(rule, extension, used=len(granted))
        end = _Count(rule, calendar).run(anchor, granted, pauses)
        if end.passed(extension.granted_at):
            raise _refused(
                "EXTENSION_AFTER_EXPIRY", "期限已届满，不能再延长", "the period had ended before it was extended"
            )
        granted.append(extension)
    return _Count(rule, calendar).run(anchor, granted, pauses)


def minute_of(anchor: datetime, zone: ZoneInfo) -> datetime:
    """The local minute of an aware instant."""
    return _aware(anchor).astimezone(zone).replace(second=0, microsecond=0)


class _Count:
    """One computation: walks the days, keeps the reasoning, notices when the calendar did not know."""

    def __init__(self, rule: DeadlineRule, calendar: WorkingCalendar) -> None:
        self._rule = rule
        self._calendar = calendar
        self._steps: list[Step] = []
        self._provisional = False

    def run(self, anchor: datetime, extensions: Sequence[Extension], suspensions: Sequence[Suspension]) -> Due:
        local = _aware(anchor).astimezone(self._rule.zone)
        if self._rule.unit.is_time_of_day:
            return self._instant(anchor, local)
        # Counting the first day is counting from the day before.
        origin = local.date() if self._rule.exclude_start else local.date() - ONE_DAY
        end = self._sum(local, origin, extensions)
        end = self._exclude(origin, end, suspensions)
        last_day = self._rolled(end)
        if last_day != end:
            self._say(
                f"{_day(end)}为休息日，顺延至其后第一个工作日{_day(last_day)}",
                f"{_day(end)} is a rest day: the period ends on the next working day, {_day(last_day)}",
            )
        return self._due(_end_of(last_day, self._rule.zone), last_day)

    def _instant(self, anchor: datetime, local: datetime) -> Due:
        rule = self._rule
        span = timedelta(hours=rule.count) if rule.unit is Unit.HOUR else timedelta(minutes=rule.count)
        at = anchor.astimezone(UTC) + span
        self._say(
            f"自{local:%Y-%m-%d %H:%M}（{rule.zone.key}）起{rule.count}{_ZH[rule.unit]}",
            f"{rule.count} {_en(rule.unit, rule.count)} from {local:%Y-%m-%d %H:%M} ({rule.zone.key})",
        )
        return self._due(at, at.astimezone(rule.zone).date())

    def _sum(self, local: datetime, origin: date, extensions: Sequence[Extension]) -> date:
        rule = self._rule
        self._say(
            f"自{local:%Y-%m-%d %H:%M}（{rule.zone.key}）起算，{'当日不计入' if rule.exclude_start else '当日计入'}",
            f"from {local:%Y-%m-%d %H:%M} ({rule.zone.key}), that day {'not ' if rule.exclude_start else ''}counted",
        )
        end = self._add(origin, rule.count, rule.unit)
        self._say(
            f"{rule.count}{_ZH[rule.unit]}，至{_day(end)}", f"{rule.count} {_en(rule.unit, rule.count)}: to {_day(end)}"
        )
        if not extensions or rule.extension is None:
            return end
        unit = rule.extension.unit
        total = sum(item.count for item in extensions)
        # In the rule's own unit the sum counts from the start (31 January + 1 + 1 months is 31 March, not the 28th).
        end = self._add(origin, rule.count + total, unit) if unit is rule.unit else self._add(end, total, unit)
        self._say(
            f"经批准或同意延长{total}{_ZH[unit]}，至{_day(end)}",
            f"extended by {total} {_en(unit, total)}: to {_day(end)}",
        )
        return end

    def _exclude(self, start: date, end: date, suspensions: Sequence[Suspension]) -> date:
        counted = [item for item in suspensions if item.reason in self._rule.suspend_on]
        for item in suspensions:
            if item not in counted:
                self._say(
                    f"{_day(item.began)}至{_day(item.ended)}的中止（{item.reason}）不影响本期限",
                    f"the pause {item.reason} from {_day(item.began)} to {_day(item.ended)} does not stop this clock",
                )
        for began, ended in _merged(counted, start):
            rolled = self._rolled(end, quietly=True)
            if began > rolled:
                self._say(
                    f"{_day(began)}起的扣除期间开始时期限已届满，不予扣除",
                    f"the exclusion from {_day(began)} began after the end and revives nothing",
                )
                continue
            # On a rest day before the last day it leaves what was left then: a working day after it.
            left = ended + ONE_DAY if end <= began < rolled else ended
            end = self._without(began, ended, end, left)
        return end

    def _without(self, began: date, ended: date, end: date, left: date) -> date:
        unit = self._rule.unit if self._rule.unit in (Unit.WORKING_DAY, Unit.TRADING_DAY) else Unit.CALENDAR_DAY
        days = sum(1 for offset in range(1, (ended - began).days + 1) if self._counts(began + offset * ONE_DAY, unit))
        # A period cannot run out while it stands still, so never before the day the suspension ended.
        moved = max(self._add(end, days, unit), left if days else end)
        self._say(
            f"扣除{_day(began)}至{_day(ended)}共{days}{_ZH[unit]}，至{_day(moved)}",
            f"{days} {_en(unit, days)} from {_day(began)} to {_day(ended)} excluded: to {_day(moved)}",
        )
        return moved

    def _add(self, origin: date, count: int, unit: Unit) -> date:
        if unit is Unit.CALENDAR_DAY:
            return origin + count * ONE_DAY
        if unit is Unit.MONTH:
            return _months_later(origin, count)
        if unit is Unit.YEAR:
            return _months_later(origin, 12 * count)
        day = origin
        while count > 0:
            day += ONE_DAY
            count -= self._counts(day, unit)
        return day

    def _counts(self, day: date, unit: Unit) -> bool:
        if unit is Unit.CALENDAR_DAY:
            return True
        if unit is Unit.TRADING_DAY and self._calendar.is_weekend(day):
            return False
        return self._works(day)

    def _works(self, day: date, *, quietly: bool = False) -> bool:
        kind = self._calendar.kind_of(day)
        if kind is DayKind.UNKNOWN:
            self._provisional = self._provisional or not quietly
            return not self._calendar.is_weekend(day)
        return kind is DayKind.WORKING

    def _rolled(self, day: date, *, quietly: bool = False) -> date:
        if self._rule.roll is Roll.NONE:
            return day
        while not self._works(day, quietly=quietly):
            day += ONE_DAY
        return day

    def _due(self, at: datetime, last_day: date) -> Due:
        if self._provisional:
            covered = (_day(self._calendar.coverage_from), _day(self._calendar.coverage_until))
            self._say(
                f"暂定：工作日历仅有{covered[0]}至{covered[1]}，其外只知周末和法定节假日，日历公布后重新计算",
                f"PROVISIONAL: the calendar covers {covered[0]} to {covered[1]}; beyond it only weekends and days off by "
                "law are known",
            )
        return Due(
            at=at,
            date=last_day,
            provisional=self._provisional,
            steps=tuple(self._steps),
            rule_id=self._rule.id,
            rule_version=self._rule.version,
            source=self._rule.source,
        )

    def _say(self, zh: str, en: str) -> None:
        self._steps.append(Step(zh, en))


_ZH = {
    Unit.MINUTE: "分钟",
    Unit.HOUR: "小时",
    Unit.CALENDAR_DAY: "日",
    Unit.WORKING_DAY: "个工作日",
    Unit.TRADING_DAY: "个交易日",
    Unit.MONTH: "个月",
    Unit.YEAR: "年",
}


def _en(unit: Unit, count: int) -> str:
    return unit.name.lower().replace("_", " ") + ("" if count == 1 else "s")


def _day(day: date) -> str:
    return day.isoformat()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot start or end a period")
    return moment


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + ONE_DAY, time.min, zone).astimezone(UTC)


def _months_later(origin: date, months: int) -> date:
    year, month = divmod(origin.year * 12 + origin.month - 1 + months, 12)
    return date(year, month + 1, min(origin.day, gregorian.monthrange(year, month + 1)[1]))


def _merged(suspensions: Sequence[Suspension], start: date) -> list[tuple[date, date]]:
    """The pauses as (began, ended) in order, cut at the start of the period; a day excluded twice is excluded once."""
    merged: list[tuple[date, date]] = []
    for item in sorted(suspensions, key=lambda pause: pause.began):
        began = max(item.began, start)
        if item.ended <= began:
            continue
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], item.ended))
        else:
            merged.append((began, item.ended))
    return merged


def _require_allowed(rule: DeadlineRule, extension: Extension, *, used: int) -> None:
    allowed = rule.extension
    if extension.count < 1:
        raise ValueError("an extension is at least one unit long")
    if allowed is None:
        raise _refused("EXTENSION_NOT_ALLOWED", "该期限不得延长", "this period cannot be extended")
    if extension.approver != allowed.approver.value:
        raise _refused(
            "EXTENSION_WRONG_APPROVER", "延长期限的批准主体不符", "not the one whose consent extends this period"
        )
    if allowed.once and used:
        raise _refused("EXTENSION_ALREADY_USED", "该期限只能延长一次", "this period can be extended only once")
    if allowed.count is not None and extension.count > allowed.count:
        raise _refused("EXTENSION_TOO_LONG", f"每次最多延长{allowed.count}", f"an extension is {allowed.count} at most")


def _refused(reason: str, zh: str, en: str) -> DomainError:
    return precondition(reason, zh, en)
