"""All clocks and calendars of a rules folder, checked as a whole when a service starts, and named by one digest."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Self
from zoneinfo import ZoneInfo

from services.common.deadlines.calendar import CalendarYear, StatutoryDays, WorkingCalendar
from services.common.deadlines.compute import Due, due, minute_of
from services.common.deadlines.datafile import RuleFileError, Table, digest_of, read_folder
from services.common.deadlines.kept import Deadline, DeadlineNotice
from services.common.deadlines.rule import (
    ANY_REGIME,
    Approver,
    Consequence,
    DeadlineRule,
    Evidence,
    ExtensionRule,
    Roll,
    Unit,
)
from services.common.kernel.errors import precondition

_MINUTES_KEPT = 256


@dataclass(frozen=True)
class RuleBook:
    """Every version of every clock, and the calendars. ``digest`` is the SHA-256 (hex) of the files."""

    rules: tuple[DeadlineRule, ...]
    calendars: Mapping[str, WorkingCalendar]
    digest: str
    _versions: Mapping[tuple[str, str], tuple[DeadlineRule, ...]] = field(init=False, repr=False, compare=False)
    _begun_in: Callable[[DeadlineRule, datetime], Due] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        versions: defaultdict[tuple[str, str], tuple[DeadlineRule, ...]] = defaultdict(tuple)
        for rule in sorted(self.rules, key=lambda rule: rule.effective_from):
            versions[rule.id, rule.regime] += (rule,)
        object.__setattr__(self, "_versions", dict(versions))
        object.__setattr__(self, "_begun_in", lru_cache(maxsize=_MINUTES_KEPT)(self._count))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``folder/clocks`` and ``folder/calendars``.

        Raises RuleFileError, naming file and key, for an unknown key, a missing source, versions that overlap, a
        calendar that nobody ships: a service that cannot trust its rules does not start.
        """
        clock_files = read_folder(folder, "clocks")
        calendar_files = read_folder(folder, "calendars")
        calendars = _calendars(file.table() for file in calendar_files)
        placed = [placed for file in clock_files for placed in _clocks(file.table(), calendars)]
        _refuse_overlaps(placed)
        return cls(
            rules=tuple(rule for _, rule in placed),
            calendars=MappingProxyType(calendars),
            digest=digest_of(clock_files + calendar_files),
        )

    def rule(self, id: str, on: date, regime: str = ANY_REGIME) -> DeadlineRule:
        """The version in force on a local day: the regime's own if it has one under this id, otherwise the one for any.

        Raises LookupError for an id that no file knows, NO_RULE_IN_FORCE (FAILED_PRECONDITION) outside every version.
        """
        for owner in (regime, ANY_REGIME):
            versions = self.versions(id, owner)
            for rule in versions:
                if rule.in_force(on):
                    return rule
            if versions:
                raise precondition(
                    "NO_RULE_IN_FORCE",
                    f"{on}当日没有生效的期限规则（{id}）",
                    f"no version of {id} was in force on {on}",
                    metadata={"rule": id, "on": on.isoformat()},
                )
        raise LookupError(f"no rule {id} for regime {regime}")

    def version(self, id: str, version: str, regime: str = ANY_REGIME) -> DeadlineRule:
        """A named version, whatever the day: for a clock that runs under an older text. Raises LookupError."""
        for rule in (*self.versions(id, regime), *self.versions(id, ANY_REGIME)):
            if rule.version == version:
                return rule
        raise LookupError(f"no version {version} of rule {id} for regime {regime}")

    def versions(self, id: str, regime: str = ANY_REGIME) -> tuple[DeadlineRule, ...]:
        """Every version written for exactly this regime, the oldest first."""
        return self._versions.get((id, regime), ())

    @cached_property
    def acting_by_themselves(self) -> tuple[str, ...]:
        """The ids of clocks whose end has a consequence that nobody decides."""
        return tuple(sorted({rule.id for rule in self.rules if rule.consequence is Consequence.AUTO}))

    def knows(self, id: str, regime: str = ANY_REGIME) -> bool:
        return bool(self.versions(id, regime) or self.versions(id, ANY_REGIME))

    def due(self, rule: DeadlineRule, anchor: datetime) -> Due:
        """When the period that began at ``anchor`` (aware) ends, if nothing prolongs it: see ``compute.due``.

        Counted once for all that begin in the same minute: days are counted from it, and the reasoning names it.
        """
        if rule.unit.is_time_of_day:
            return self._count(rule, anchor)
        return self._begun_in(rule, minute_of(anchor, rule.zone))

    def _count(self, rule: DeadlineRule, anchor: datetime) -> Due:
        return due(rule, anchor, self.calendar_of(rule))

    def calendar_of(self, rule: DeadlineRule) -> WorkingCalendar:
        """The calendar the rule counts by."""
        return self.calendars[rule.calendar]

    def notice_of(self, deadline: Deadline) -> DeadlineNotice:
        """What a person is told of a kept clock. Raises LookupError for one of a rule that no file knows."""
        id, _, version = deadline.rule.partition("@")
        rule = self.version(id, version, deadline.regime)
        return DeadlineNotice(
            rule=deadline.rule,
            name_zh=rule.name_zh,
            name_en=rule.name_en,
            missed_zh=rule.missed_zh,
            missed_en=rule.missed_en,
            due_date=deadline.due_date,
            provisional=deadline.provisional,
        )

    def with_calendar_year(self, year: CalendarYear, content_digest: str) -> "RuleBook":
        """The book after a calendar was published while running; ``content_digest`` names the file's content.

        Raises RuleFileError for a calendar that the book does not have, and what ``WorkingCalendar.with_year`` raises.
        """
        if year.calendar_id not in self.calendars:
            known = ", ".join(self.calendars)
            where = f"calendars/{year.calendar_id}"
            raise RuleFileError(where, "calendar", f"there is none but {known}", f"没有此日历；现有：{known}")
        prolonged = self.calendars[year.calendar_id].with_year(year)
        return replace(
            self,
            calendars=MappingProxyType({**self.calendars, year.calendar_id: prolonged}),
            digest=f"{self.digest}+{content_digest}",
        )


def _calendars(tables: Iterable[Table]) -> dict[str, WorkingCalendar]:
    years: defaultdict[str, list[CalendarYear]] = defaultdict(list)
    by_law: defaultdict[str, frozenset[date]] = defaultdict(frozenset)
    for table in tables:
        if table.has("statutory_from"):
            statutory = StatutoryDays.parse(table)
            by_law[statutory.calendar_id] |= statutory.days_off
        else:
            year = CalendarYear.parse(table)
            years[year.calendar_id].append(year)
    return {calendar_id: WorkingCalendar.of(parts, by_law[calendar_id]) for calendar_id, parts in years.items()}


def _clocks(table: Table, calendars: Mapping[str, WorkingCalendar]) -> list[tuple[Table, DeadlineRule]]:
    regime, zone, calendar = table.text("regime"), table.zone("zone"), table.text("calendar")
    if calendar not in calendars:
        raise table.error("calendar", f"there is no calendar {calendar}")
    placed = [(entry, _rule(entry, regime, zone, calendar)) for entry in table.tables("rule")]
    table.finish()
    return placed


def _rule(entry: Table, regime: str, zone: ZoneInfo, calendar: str) -> DeadlineRule:
    unit = entry.choice("unit", Unit)
    rule = DeadlineRule(
        id=entry.text("id"),
        regime=regime,
        version=entry.text("version"),
        effective_from=entry.day("effective_from"),
        effective_to=entry.day_if_any("effective_to"),
        anchor=entry.text("anchor"),
        count=entry.integer("count", minimum=1, maximum=3660),
        unit=unit,
        exclude_start=entry.flag("exclude_start", default=True),
        roll=entry.choice("roll", Roll, Roll.NONE if unit.is_time_of_day else Roll.NEXT_WORKING_DAY),
        extension=_extension(entry.table("extension"), unit) if entry.has("extension") else None,
        suspend_on=entry.texts("suspend_on", default=()),
        consequence=entry.choice("consequence", Consequence),
        zone=zone,
        calendar=calendar,
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        missed_zh=entry.text("missed_zh"),
        missed_en=entry.text("missed_en"),
        remind_days_before=entry.integers("remind_days_before", default=()),
        configurable=entry.flag("configurable", default=False),
        source=entry.text("source"),
        evidence=entry.choice("evidence", Evidence),
    )
    entry.finish()
    _check(entry, rule)
    return rule


def _extension(entry: Table, unit: Unit) -> ExtensionRule:
    extension = ExtensionRule(
        count=entry.integer("count", minimum=1, maximum=3660) if entry.has("count") else None,
        unit=entry.choice("unit", Unit, unit),
        approver=entry.choice("approver", Approver),
        once=entry.flag("once"),
    )
    entry.finish()
    if extension.unit.is_time_of_day:
        raise entry.error("unit", "a period is prolonged by days, months or years")
    return extension


def _check(entry: Table, rule: DeadlineRule) -> None:
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        raise entry.error("effective_to", "before effective_from")
    if any(days < 0 for days in rule.remind_days_before):
        raise entry.error("remind_days_before", "counted in days before the last day, so not negative")
    if rule.unit.is_time_of_day:
        for key in ("extension", "suspend_on", "exclude_start"):
            if entry.has(key):
                raise entry.error(key, "a rule in hours or minutes runs from the instant and cannot have this")
        if rule.roll is not Roll.NONE:
            raise entry.error("roll", "a rule in hours or minutes does not roll")


def _refuse_overlaps(placed: Iterable[tuple[Table, DeadlineRule]]) -> None:
    seen: defaultdict[tuple[str, str], list[DeadlineRule]] = defaultdict(list)
    for entry, rule in placed:
        for other in seen[rule.id, rule.regime]:
            if rule.version == other.version:
                raise entry.error("version", f"{rule.id} has version {rule.version} twice")
            if periods_overlap(rule.effective_from, rule.effective_to, other.effective_from, other.effective_to):
                raise entry.error("effective_from", f"{rule.id} {rule.version} overlaps version {other.version}")
        seen[rule.id, rule.regime].append(rule)


def periods_overlap(from_one: date, to_one: date | None, from_other: date, to_other: date | None) -> bool:
    """Whether two periods of days share a day; both ends are included, None is without end."""
    return from_one <= (to_other or date.max) and from_other <= (to_one or date.max)


__all__ = ["RuleBook", "RuleFileError", "periods_overlap"]
