"""The mediated-complaints format (New York City's consumer department, open data) read into disputes.

Rows are dirty: one that cannot be read is refused with its reason, none is lost. Businesses appear by row number only.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from services.common.kernel.errors import DomainError
from services.common.kernel.money import Money

_COLUMNS = (
    "Business Name",
    "Industry",
    "Complaint Type",
    "Mediation Start Date",
    "Mediation Close Date",
    "Complaint Result",
    "Restitution",
)


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
_BY_CODE = {code: end for end, codes in ENDS.items() for code in codes.split()}
_WITHOUT_CODE = {"Consumer Restitution from Escrow": End.SETTLED}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One readable row. ``identity`` is the hash of its cells and its occurrence number; ``number`` its place."""

    number: int
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
    """One row that was refused, and why."""

    number: int
    reason: str


def read(file: Path, limit: int | None = None) -> Iterator[Complaint | Refused]:
    """The rows of a file in its order, at most ``limit`` of them. Raises ValueError when the columns are not there."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(f"{file} is not in the mediated-complaints format: no column {', '.join(missing)}")
        seen: Counter[str] = Counter()
        for number, row in enumerate(reader, start=1):
            if limit is not None and number > limit:
                return
            cells = "\x1f".join(str(row.get(column)) for column in reader.fieldnames or [])
            seen[cells] += 1
            identity = hashlib.sha256(f"{cells}\x1f{seen[cells]}".encode()).hexdigest()[:16]
            yield _row(number, identity, row)


def _row(number: int, identity: str, row: dict[str, str]) -> Complaint | Refused:
    if None in row or None in row.values():
        return Refused(number, "columns are shifted or missing")
    end = end_of(row["Complaint Result"])
    if end is None:
        return Refused(number, f"unknown result {row['Complaint Result']!r}")
    try:
        restitution = Money.parse(row["Restitution"].strip(), "USD").require_not_negative()
    except DomainError:
        return Refused(number, f"restitution is no amount: {row['Restitution']!r}")
    return Complaint(
        number=number,
        identity=identity,
        industry=row["Industry"].strip() or "not stated",
        kind=row["Complaint Type"].strip() or "not stated",
        result=row["Complaint Result"].strip(),
        end=end,
        restitution=restitution,
        start_date=row["Mediation Start Date"].strip(),
        close_date=row["Mediation Close Date"].strip(),
    )


def end_of(result: str) -> End | None:
    """What a published result becomes, by the code after its last dash; None for one that nobody mapped."""
    text = result.strip()
    if text in _WITHOUT_CODE:
        return _WITHOUT_CODE[text]
    return _BY_CODE.get(text.rpartition("-")[2].strip())
