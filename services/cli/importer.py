"""Has a register's rows filed by an intake officer, in batches, a few at once, and keeps the verdict of each."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

from comity.intake.v1 import intake_service_pb2 as pb

from services.cli.complaints import Complaint, Refused
from services.cli.imported_case import sample_case
from services.cli.journey.filing import complaint
from services.cli.journey.moves import address_in, run_of
from services.cli.visit import Visit
from services.common.kernel.errors import DomainError, ErrorKind

BATCH_ROWS, BATCH_BYTES = 25, 14 * 1024
"""So much together costs the service least (``ImportMattersRequest``)."""
_LARGEST_ROW = 64 * 1024
_AT_ONCE = 4
_COLUMNS_OF = {
    "facts": ("Complaint Type", "Industry"),
    "request": ("Complaint Type",),
    "amount": ("Restitution",),
    "source_facts": (
        *("Industry", "Complaint Type", "Complaint Result"),
        *("Mediation Start Date", "Mediation Close Date"),
    ),
}
"""From which columns a field of a filing is made."""


class Became(Enum):
    """What became of a row."""

    TAKEN = "taken"
    ALREADY_THERE = "already there"
    REFUSED = "refused"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row of the file with its lines, and the matter that it became, or why it became none."""

    row: int
    line: int
    last_line: int
    became: Became
    matter: str = ""
    number: str = ""
    column: str = ""
    reason: str = ""


class Importer:
    """One run. ``tell`` hears how many rows have their verdict."""

    def __init__(self, visited: Visit, register: str, tell: Callable[[int], None]) -> None:
        self._officer = visited.people.officer
        self._intake = visited.services.intake
        self._organisation = visited.house.intake
        self._register = register
        self._tell = tell
        self._verdicts: dict[int, Verdict] = {}
        self._stopped = ""
        """Why no further row is sent, once there is a reason."""

    async def take(self, rows: Iterable[Complaint | Refused]) -> list[Verdict]:
        """A verdict for every row, in their order. What is wrong with one keeps no other from being taken."""
        readable = []
        for row in rows:
            if isinstance(row, Refused):
                self._judge(row, Became.REFUSED, column=row.column, reason=row.reason)
            else:
                readable.append(row)
        batches = self._batches(readable)

        async def lane() -> None:
            for batch in batches:
                await self._send(batch)
                self._tell(len(self._verdicts))

        await asyncio.gather(*(lane() for _ in range(_AT_ONCE)))
        return [self._verdicts[number] for number in sorted(self._verdicts)]

    async def totals(self) -> list[Any]:
        """What is stored under the register, counted by the service."""
        request = pb.GetImportTotalsRequest(organisation=self._organisation, register=self._register)
        return list((await self._officer.call(self._intake.GetImportTotals, request)).totals)

    def _batches(self, rows: Iterable[Complaint]) -> Iterator[list[tuple[Complaint, bytes]]]:
        batch: list[tuple[Complaint, bytes]] = []
        size = 0
        for row in rows:
            filing = self._filing(row)
            if len(filing) > _LARGEST_ROW:
                reason = f"the row is larger than {_LARGEST_ROW // 1024} KiB"
                self._judge(row, Became.REFUSED, column=_column(row, "source_facts"), reason=reason)
                continue
            if batch and (len(batch) == BATCH_ROWS or size + len(filing) > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append((row, filing))
            size += len(filing)
        if batch:
            yield batch

    def _filing(self, row: Complaint) -> bytes:
        case = sample_case(row)
        run = run_of(self._register, case)
        filing = complaint(case, address_in(run, case.complainant), address_in(run, case.respondent))
        return filing.SerializeToString()

    async def _send(self, batch: list[tuple[Complaint, bytes]]) -> None:
        if self._stopped:
            self._all(batch, Became.NOT_REACHED, self._stopped)
            return
        request = pb.ImportMattersRequest(
            request_id=str(uuid4()),
            organisation=self._organisation,
            register=self._register,
            rows=[pb.ImportedRow(key=row.identity, filing=filing) for row, filing in batch],
        )
        try:
            response = await self._officer.call(self._intake.ImportMatters, request)
        except DomainError as refusal:
            # Not of the rows: who imports may not, has imported too much today, or nobody answers any more.
            self._stopped = _why_stopped(refusal)
            self._all(batch, Became.NOT_REACHED, self._stopped)
            return
        for (row, _), told in zip(batch, response.matters, strict=True):
            self._keep(row, told)

    def _keep(self, row: Complaint, told: pb.ImportedMatter) -> None:
        if told.verdict == pb.IMPORT_VERDICT_REFUSED:
            self._judge(row, Became.REFUSED, column=_column(row, told.field), reason=told.en)
            return
        became = Became.TAKEN if told.verdict == pb.IMPORT_VERDICT_TAKEN else Became.ALREADY_THERE
        self._judge(row, became, matter=told.matter, number=told.number)

    def _all(self, batch: list[tuple[Complaint, bytes]], became: Became, reason: str) -> None:
        for row, _ in batch:
            self._judge(row, became, reason=reason)

    def _judge(self, row: Complaint | Refused, became: Became, **told: str) -> None:
        self._verdicts[row.number] = Verdict(
            row=row.number, line=row.line, last_line=row.last_line, became=became, **told
        )


def _why_stopped(refusal: DomainError) -> str:
    if refusal.reason == "TOO_MANY_FILINGS":
        return f"{refusal.en} (from {refusal.metadata.get('retry_time', 'tomorrow')}); the rest is taken then"
    if refusal.kind is ErrorKind.UNAVAILABLE:
        return f"{refusal.en}; import the file again, what was taken is not taken twice"
    return f"{refusal.reason}: {refusal.en}"


def _column(row: Complaint, field: str) -> str:
    """The column at fault for what the service says of a field: the longest of those that it is made of."""
    columns = _COLUMNS_OF.get(field.partition(".")[0].partition("[")[0], ())
    return max(columns, key=lambda column: len(_cells(row)[column]), default="")


def _cells(row: Complaint) -> dict[str, str]:
    return {
        "Industry": row.industry,
        "Complaint Type": row.kind,
        "Complaint Result": row.result,
        "Mediation Start Date": row.start_date,
        "Mediation Close Date": row.close_date,
        "Restitution": "",
    }
