"""The deadline engine: rules and calendars are data, this is only arithmetic over them. Pure; standard library only."""

from services.common.deadlines.calendar import CalendarYear, DayKind, WorkingCalendar
from services.common.deadlines.compute import Due, Extension, Step, Suspension, due, is_over
from services.common.deadlines.datafile import DataFile, RuleFileError
from services.common.deadlines.kept import Deadline, DeadlineMove, DeadlineNotice, DeadlineState, DueDay, Owner
from services.common.deadlines.rule import Approver, Consequence, DeadlineRule, Evidence, ExtensionRule, Roll, Unit
from services.common.deadlines.rulebook import RuleBook

__all__ = [
    "Approver",
    "CalendarYear",
    "Consequence",
    "DataFile",
    "DayKind",
    "Deadline",
    "DeadlineMove",
    "DeadlineNotice",
    "DeadlineRule",
    "DeadlineState",
    "Due",
    "DueDay",
    "Evidence",
    "Extension",
    "ExtensionRule",
    "Owner",
    "Roll",
    "RuleBook",
    "RuleFileError",
    "Step",
    "Suspension",
    "Unit",
    "WorkingCalendar",
    "due",
    "is_over",
]
