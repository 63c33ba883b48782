"""Import: rows of a register that was kept elsewhere become matters, each once, with a verdict for each (ADR 36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import DomainError, not_found
from services.common.kernel.principal import Role
from services.intake.application.access import OFFICERS
from services.intake.application.file_matter import FileMatter, no_room, received, room_today
from services.intake.application.ports import FilingCapacity, ImportedAs, ImportTotal

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that can be filed, or why it cannot."""

    key: str
    filing: FileMatter | DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMatters:
    """``quota`` is how many rows one officer imports in a day."""

    organisation: UUID
    register: str
    rows: tuple[Row, ...]
    quota: int


class Verdict(Enum):
    """What became of a row."""

    TAKEN = "TAKEN"
    ALREADY_THERE = "ALREADY_THERE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row with its verdict: the matter it became, now or earlier, or the refusal."""

    key: str
    verdict: Verdict
    matter: ImportedAs | None = None
    refusal: DomainError | None = None


async def import_matters(tx: "IntakeTransaction", command: ImportMatters) -> tuple[Judged, ...]:
    """Files the rows that were not filed before under their keys; the verdicts are in the order of the rows.

    A key that comes twice in one call is taken once. Raises NOT_FOUND for who is no officer of the organisation,
    TOO_MANY_FILINGS (EXHAUSTED) beyond the day's quota: then none of them is taken.
    """
    if not tx.caller.holds(Role.INTAKE_OFFICER, command.organisation):
        raise not_found()
    tx.authority = f"officer of organisations/{command.organisation}"
    filings = {row.key: row.filing for row in reversed(command.rows) if isinstance(row.filing, FileMatter)}
    wanted = {key: ImportedAs(tx.new_id(), filing.number) for key, filing in filings.items()}
    earlier = await tx.imports.claim(command.organisation, command.register, wanted)
    new = [await received(tx, filings[key], None, wanted[key].matter) for key in wanted if key not in earlier]
    await tx.matters.add_imported([(matter, contacts) for matter, contacts, _ in new])
    room = room_today(tx, FilingCapacity.IMPORT, command.quota)
    # Last, for it holds up other imports of the same officer until the commit.
    if new and not await tx.imports.count(room, len(new)):
        raise no_room(room)
    return _judged(command.rows, wanted, earlier)


def _judged(rows: Sequence[Row], wanted: dict[str, ImportedAs], earlier: dict[str, ImportedAs]) -> tuple[Judged, ...]:
    judged, told = [], set()
    for row in rows:
        if isinstance(row.filing, DomainError):
            judged.append(Judged(key=row.key, verdict=Verdict.REFUSED, refusal=row.filing))
            continue
        taken = row.key not in earlier and row.key not in told
        told.add(row.key)
        verdict = Verdict.TAKEN if taken else Verdict.ALREADY_THERE
        judged.append(Judged(key=row.key, verdict=verdict, matter=earlier.get(row.key) or wanted[row.key]))
    return tuple(judged)


async def import_totals(tx: "IntakeTransaction", organisation: UUID, register: str) -> list[ImportTotal]:
    """What is stored now of what was imported. Raises NOT_FOUND."""
    if not tx.caller.holds_any(OFFICERS, organisation):
        raise not_found()
    return await tx.imports.totals(organisation, register)
