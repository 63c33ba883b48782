"""Years of a calendar that were loaded into a running service: rows of its own database, read by all its replicas.

What was loaded goes before the file of that year in the rules folder. The newest file of a year is kept; the log keeps who
loaded which.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, LargeBinary, MetaData, Table, Text, Uuid, select

from services.common.deadlines.calendar import CalendarYear
from services.common.deadlines.datafile import DataFile, RuleFileError
from services.common.deadlines.rulebook import RuleBook
from services.common.kernel.errors import DomainError, invalid
from services.common.kernel.events import Aggregate, DomainEvent
from services.common.kernel.ids import derived_id
from services.common.storage import aggregates
from services.common.storage.content import Kind
from services.common.storage.statement import Row, Statement, selecting
from services.common.storage.tables import TIME
from services.common.storage.transaction import Transaction

_NOBODY = UUID(int=0)
"""Whose a calendar is: no organisation's."""

_TABLE = Table(
    "calendar_years",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("calendar", Text),
    Column("covers_from", Date),
    Column("covers_until", Date),
    Column("source", Text),
    Column("digest", LargeBinary),
    Column("file_name", Text),
    Column("content", LargeBinary),
    Column("loaded_by", Text),
    Column("load_time", TIME),
)
CALENDAR_YEARS = Kind("calendarYears", _TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYearLoaded(DomainEvent):
    """``digest`` is the SHA-256 of the file."""

    calendar: str
    covers_from: date
    covers_until: date
    source: str
    digest: bytes


@dataclass(slots=True, kw_only=True)
class LoadedYear(Aggregate):
    """A year as it was loaded; ``loaded_by`` is the caller, ``load_time`` aware UTC."""

    calendar: str
    covers_from: date
    covers_until: date
    source: str = ""
    digest: bytes = b""
    file_name: str = ""
    content: bytes = b""
    loaded_by: str = ""
    load_time: datetime | None = None

    @property
    def year(self) -> CalendarYear:
        """Raises RuleFileError when a newer version understands the file no more."""
        return CalendarYear.handed_in(DataFile(self.file_name, self.content))

    def take(self, year: CalendarYear, file: DataFile, digest: bytes, who: str, now: datetime) -> None:
        self.source, self.digest, self.file_name, self.content = year.source, digest, file.name, file.content
        self.loaded_by, self.load_time = who, now
        self.record(
            CalendarYearLoaded(
                calendar=self.calendar,
                covers_from=self.covers_from,
                covers_until=self.covers_until,
                source=year.source,
                digest=digest,
            )
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A year after a file was handed in, and whether it was there already."""

    year: LoadedYear
    already_there: bool


async def load(tx: Transaction, file: DataFile, shipped: RuleBook) -> Loaded:
    """Keeps the file of a year, once. ``shipped`` is the book of the rules folder.

    Raises CALENDAR_FILE_REFUSED (INVALID) with file, key and why, in words; nothing is kept then.
    """
    try:
        year = CalendarYear.handed_in(file)
    except RuleFileError as error:
        raise _refused(file, error) from error
    async with tx.elevated():
        await tx.driver.execute(_ONE_AT_A_TIME)
        kept = await all_loaded(tx)
        found = await _find(tx, year)
        digest = hashlib.sha256(file.content).digest()
        if found.digest == digest:
            return Loaded(found, already_there=True)
        found.take(year, file, digest, tx.caller.subject, tx.now)
        try:
            book_with(shipped, [*(each for each in kept if each.id != found.id), found])
        except RuleFileError as error:
            raise _refused(file, error) from error
        write = aggregates.save if found.version else aggregates.add
        await write(tx, CALENDAR_YEARS, found, _values(found))
    return Loaded(found, already_there=False)


async def all_loaded(tx: Transaction) -> list[LoadedYear]:
    """Every year that was loaded, the earliest first. Seen by the system alone."""
    return [_year(row) for row in await _ALL.rows(tx.driver)]


def book_with(shipped: RuleBook, years: Iterable[LoadedYear]) -> RuleBook:
    """The book of the rules folder with what was loaded in place of its own. Raises RuleFileError."""
    book = shipped
    for each in sorted(years, key=lambda year: (year.calendar, year.covers_from)):
        book = book.with_calendar_year(each.year, each.digest.hex())
    return book


async def _find(tx: Transaction, year: CalendarYear) -> LoadedYear:
    id = derived_id("calendar_year", year.calendar_id, year.covers_from.isoformat())
    row = await selecting(_TABLE, lock=True).first(tx.driver, id=id)
    return (
        _year(row)
        if row
        else LoadedYear(
            id=id,
            organisation_id=_NOBODY,
            calendar=year.calendar_id,
            covers_from=year.covers_from,
            covers_until=year.covers_until,
        )
    )


def _refused(file: DataFile, error: RuleFileError) -> DomainError:
    """What stands before the problem is the file that was handed in, wherever the problem was found."""
    zh = f"日历文件 {file.name} 未被采用。{error.key or '整个文件'}：{error.problem_zh}"
    en = f"the calendar {file.name} was not taken over. {error.key or 'the file'}: {error.problem}"
    return invalid("CALENDAR_FILE_REFUSED", zh, en, field="content")


def _values(year: LoadedYear) -> dict[str, Any]:
    own = (
        "calendar",
        "covers_from",
        "covers_until",
        "source",
        "digest",
        "file_name",
        "content",
        "loaded_by",
        "load_time",
    )
    return {name: getattr(year, name) for name in own}


def _year(row: Row) -> LoadedYear:
    values = {column.name: row[column.name] for column in _TABLE.c}
    return LoadedYear(**values | {name: bytes(values[name]) for name in ("head", "digest", "content")})


_ALL = Statement(select(_TABLE).order_by(_TABLE.c.calendar, _TABLE.c.covers_from))
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('comity.calendar_years'))"
"""A year is checked against the others: two at once could leave a gap."""
DIGESTS = "SELECT digest FROM calendar_years ORDER BY calendar, covers_from"
