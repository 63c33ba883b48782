"""The mediated-complaints format (New York City's consumer department, open data) read into disputes.

Rows are dirty: one that cannot be read is refused with its reason, none is lost. Businesses appear by row number only.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path

from services.cli.register_file import HOW_TO_SAVE, Content, Record, Unreadable, parse, unread
from services.common.documents.typefaces import require_printable
from services.common.kernel.errors import DomainError
from services.common.kernel.money import Money

COLUMNS = (
    "Business Name",
    "Industry",
    "Complaint Type",
    "Mediation Start Date",
    "Mediation Close Date",
    "Complaint Result",
    "Restitution",
)
_OTHER_COLUMNS = (
    "Satisfaction",
    "Business Building",
    "Business Street",
    "Building Address Unit",
    "Business City",
    "Business State",
    "Business Zip",
    "Complainant Zip",
)
"""Known and not read."""
_PRINTED = ("Industry", "Complaint Type", "Mediation Start Date", "Mediation Close Date", "Complaint Result")
"""What stands in papers sooner or later."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MOST_BYTES = 64 * 1024 * 1024
"""The largest file that is read: a hundred times the largest known."""


class End(Enum):
    """What a published result becomes."""

    SETTLED = "settled"
    NO_AGREEMENT = "terminated: no agreement"
    REFERRED_ELSEWHERE = "terminated: referred elsewhere"
    OTHER_SIDE_UNREACHABLE = "terminated: other side not reached or silent"
    COMPLAINANT_GONE = "terminated: complainant silent, gone or acting alone"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined at intake"


ENDS = {
    End.SETTLED: "AMT SPF BLR CRC GEX GRS SCR GDR",
    End.NO_AGREEMENT: "ATS NSA NSP",
    End.REFERRED_ELSEWHERE: "RTH RTO RMF ACJ",
    End.OTHER_SIDE_UNREACHABLE: "ULV NVR OOB",
    End.COMPLAINANT_GONE: "NCR CTA ULC",
    End.WITHDRAWN: "CWC",
    End.DECLINED: "CIN",
}
_BY_CODE = {code: end for end, codes in ENDS.items() for code in codes.split()} | {
    "Consumer Restitution from Escrow": End.SETTLED  # Published in words.
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One readable row. ``identity`` is the hash of its cells and its occurrence number; ``number`` its place among the
    rows, ``line`` where it begins in the file.
    """

    number: int
    line: int
    last_line: int
    identity: str
    industry: str
    kind: str
    result: str
    end: End
    restitution: Money
    start_date: str
    close_date: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that was refused, and why; ``column`` is empty where it is not one cell's fault."""

    number: int
    line: int
    last_line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Register:
    """A file that was read: its rows in their order, and what the person should know about how it was read."""

    content: Content
    rows: tuple[Complaint | Refused, ...]
    notes: tuple[str, ...]


def read(file: Path, limit: int | None = None) -> Register:
    """The rows of a file, at most ``limit`` of them. Raises Unreadable, with what to do, when it is no such file."""
    if file.stat().st_size > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 2**20} MiB: import it in parts.")
    content = parse(file.read_bytes())
    places, notes = _places(content)
    if not content.records:
        raise Unreadable("There is a head of columns in the file, and no row below it.")
    rows = tuple(islice(_rows(content, places), limit))
    return Register(content, rows, tuple(notes))


def _places(content: Content) -> tuple[dict[str, int], list[str]]:
    """Where each column stands, and in words what is unusual about the head."""
    known = {_plain(column): column for column in (*COLUMNS, *_OTHER_COLUMNS)}
    found: dict[str, int] = {}
    twice, notes = [], []
    for place, cell in enumerate(content.head.cells):
        column = known.get(_plain(cell))
        if column is None:
            notes.append(f'The column "{cell.strip()}" is not known and not read.')
        elif column in found:
            twice.append(column)
        else:
            found[column] = place
            if cell.strip() != column:
                notes.append(f'The column "{cell.strip()}" is read as "{column}".')
    if twice:
        raise Unreadable(f"Columns that stand in the head twice: {', '.join(twice)}. Keep one of each.")
    if missing := [column for column in COLUMNS if column not in found]:
        there = ", ".join(f'"{cell.strip()}"' for cell in content.head.cells)
        raise Unreadable(
            f"The file is not in the mediated-complaints format: no column {', '.join(missing)}. "
            f"Its head (line {content.head.first_line}, separated by {content.separator}) has: {there}."
        )
    if content.separator != "commas":
        notes.append(f"The cells are separated by {content.separator}.")
    return found, notes


def _plain(column: str) -> str:
    """A column's name without what people change about it: case, width of letters, spaces, underscores and hyphens."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", column)).strip().casefold()


def _rows(content: Content, places: dict[str, int]) -> Iterator[Complaint | Refused]:
    seen: Counter[tuple[str, ...]] = Counter()
    head = content.head.cells
    for number, record in enumerate(content.records, start=1):
        seen[record.cells] += 1
        yield _row(number, record, head, places, seen[record.cells])


def _row(
    number: int, record: Record, head: Sequence[str], places: dict[str, int], occurrence: int
) -> Complaint | Refused:
    def refused(reason: str, column: str = "") -> Refused:
        return Refused(number, record.first_line, record.last_line, column, reason)

    if problem := record.problem or _shifted(record, head):
        return refused(problem)
    cells = {column: record.cells[place].strip() for column, place in places.items()}
    if fault := _damaged(record, head) or _unprintable(cells):
        return refused(*fault)
    end = end_of(cells["Complaint Result"])
    if end is None:
        return refused(f"unknown result {_shortened(cells['Complaint Result'])}", "Complaint Result")
    try:
        restitution = Money.parse(cells["Restitution"], "USD").require_not_negative()
    except DomainError:
        return refused(f"restitution is no amount: {_shortened(cells['Restitution'])}", "Restitution")
    return Complaint(
        number=number,
        line=record.first_line,
        last_line=record.last_line,
        identity=_identity(record.cells, occurrence),
        industry=cells["Industry"] or "not stated",
        kind=cells["Complaint Type"] or "not stated",
        result=cells["Complaint Result"],
        end=end,
        restitution=restitution,
        start_date=cells["Mediation Start Date"],
        close_date=cells["Mediation Close Date"],
    )


def _shifted(record: Record, head: Sequence[str]) -> str:
    if len(record.cells) == len(head):
        return ""
    return f"columns are shifted or missing: {len(record.cells)} cells, the head has {len(head)}"


def _damaged(record: Record, head: Sequence[str]) -> tuple[str, str] | None:
    """Reason and column of the first cell that no text can be."""
    for name, cell in zip(head, record.cells, strict=True):
        if unread(cell):
            return f"the cell is in another encoding than the file. {HOW_TO_SAVE}", name.strip()
        if found := _CONTROL.search(cell):
            return f"the cell holds the control character U+{ord(found.group()):04X}", name.strip()
    return None


def _unprintable(cells: dict[str, str]) -> tuple[str, str] | None:
    for column in _PRINTED:
        try:
            require_printable(cells[column], column)
        except DomainError as refusal:
            return refusal.en, column
    return None


def _identity(cells: Sequence[str], occurrence: int) -> str:
    joined = "\x1f".join(cells)
    return hashlib.sha256(f"{joined}\x1f{occurrence}".encode()).hexdigest()[:32]


def _shortened(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}...")


_SHOWN = 60


def end_of(result: str) -> End | None:
    """What a published result becomes, by the code after its last dash; None for one that nobody mapped."""
    return _BY_CODE.get(result.rpartition("-")[2].strip())
