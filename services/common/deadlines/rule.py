"""What a deadline rule is. Every number, article and version in it comes from a data file, never from code."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from zoneinfo import ZoneInfo

ANY_REGIME = "ANY"


class Unit(Enum):
    """What is counted. ``TRADING_DAY`` is a working day outside the weekend: exchanges close on make-up Saturdays."""

    MINUTE = "MINUTE"
    HOUR = "HOUR"
    CALENDAR_DAY = "CALENDAR_DAY"
    WORKING_DAY = "WORKING_DAY"
    TRADING_DAY = "TRADING_DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"

    @property
    def is_time_of_day(self) -> bool:
        """Counted from the instant itself, not in whole local days."""
        return self in (Unit.MINUTE, Unit.HOUR)


class Roll(Enum):
    """What happens when the last day is a rest day."""

    NEXT_WORKING_DAY = "NEXT_WORKING_DAY"
    NONE = "NONE"


class Consequence(Enum):
    """What a missed deadline does: the system acts, somebody is alerted, or a person decides."""

    AUTO = "AUTO"
    ALERT = "ALERT"
    MANUAL = "MANUAL"


class Approver(Enum):
    """Whose consent prolongs a period."""

    ALL_PARTIES = "ALL_PARTIES"
    COURT_PRESIDENT = "COURT_PRESIDENT"
    HEAD_OF_AGENCY = "HEAD_OF_AGENCY"
    SUPERIOR = "SUPERIOR"
    SUPERVISOR = "SUPERVISOR"


class Evidence(Enum):
    """How the rule was checked: in the primary text, in a secondary source, not at all, or it is a house decision."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    UNVERIFIED = "UNVERIFIED"
    HOUSE = "HOUSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRule:
    """How a period may be prolonged: at most ``count`` units each time (None: as long as the approver says)."""

    count: int | None
    unit: Unit
    approver: Approver
    once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One version of one clock. ``anchor`` names the event it runs from; ``source`` cites the article.

    ``regime`` is a regime id or ``ANY``. ``effective_to`` is the last day the version is in force, None while it is.
    ``suspend_on`` lists the reasons for which days are excluded; any other pause leaves the clock running.
    """

    id: str
    regime: str
    version: str
    effective_from: date
    effective_to: date | None
    anchor: str
    count: int
    unit: Unit
    exclude_start: bool
    roll: Roll
    extension: ExtensionRule | None
    suspend_on: tuple[str, ...]
    consequence: Consequence
    zone: ZoneInfo
    calendar: str
    name_zh: str
    name_en: str
    missed_zh: str
    missed_en: str
    remind_days_before: tuple[int, ...]
    configurable: bool
    source: str
    evidence: Evidence

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
