"""The calendars of a service as its operator sees them."""

from collections.abc import Iterable
from datetime import date

from comity.common.v1 import operations_service_pb2 as pb

from services.common.deadlines import CalendarYear, RuleBook, WorkingCalendar
from services.common.storage.calendar_years import LoadedYear


def shown(book: RuleBook, loaded: Iterable[LoadedYear]) -> pb.GetCalendarsResponse:
    """Every calendar of the book; of a year that was loaded, by whom and when."""
    given = {(each.calendar, each.covers_from): each for each in loaded}
    return pb.GetCalendarsResponse(calendars=[_calendar(each, given) for each in book.calendars.values()])


def _calendar(calendar: WorkingCalendar, given: dict[tuple[str, date], LoadedYear]) -> pb.Calendar:
    known = [(year, given.get((year.calendar_id, year.covers_from))) for year in calendar.years]
    last = max(calendar.by_law, default=None)
    return pb.Calendar(
        name=calendar.id,
        years=[loaded_year(found) if found else _shipped(year) for year, found in known],
        by_law_until=last.replace(month=12, day=31).isoformat() if last else "",
    )


def loaded_year(found: LoadedYear) -> pb.CalendarYear:
    """A year that was loaded."""
    shown = _shipped(found.year)
    shown.digest, shown.loaded_by = found.digest, found.loaded_by
    if found.load_time is not None:
        shown.load_time.FromDatetime(found.load_time)
    return shown


def _shipped(year: CalendarYear) -> pb.CalendarYear:
    return pb.CalendarYear(
        calendar=year.calendar_id,
        covers_from=year.covers_from.isoformat(),
        covers_until=year.covers_until.isoformat(),
        source=year.source,
        compared_with_official_notice=year.compared_with_official_notice,
    )
