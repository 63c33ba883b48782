"""What an import says: to the operator at the terminal, and a verdict for every row in a file."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from services.cli.complaints import Complaint, Register
from services.cli.importer import Became, Verdict
from services.cli.progress import Narrator

_SHOWN = 20
"""Refusals that are printed; the file has them all."""
_HEAD = ("row", "line", "last line", "verdict", "number", "matter", "column", "reason")


def write(file: Path, verdicts: Iterable[Verdict]) -> None:
    """A row for every row, as spreadsheet programs read it."""
    with file.open("w", encoding="utf-8-sig", newline="") as report:
        writer = csv.writer(report)
        writer.writerow(_HEAD)
        for each in verdicts:
            became = each.became.value
            writer.writerow(
                (each.row, each.line, each.last_line, became, each.number, each.matter, each.column, each.reason)
            )


def say_how_it_was_read(narrator: Narrator, file: Path, register: Register) -> None:
    content = register.content
    narrator.say(
        f"{file.name}: {content.encoding}, {content.lines} lines: {content.head.last_line - content.head.first_line + 1} "
        f"of the head, {content.empty_lines} empty, {content.data_lines} with rows. {len(content.records)} rows."
    )
    for note in register.notes:
        narrator.say(note)


def say_verdicts(narrator: Narrator, verdicts: Sequence[Verdict]) -> None:
    """Every refused row by number, line, column and reason; of many the first."""
    refused = [each for each in verdicts if each.became in (Became.REFUSED, Became.NOT_REACHED)]
    for each in refused[:_SHOWN]:
        lines = f"line {each.line}" if each.line == each.last_line else f"lines {each.line}-{each.last_line}"
        column = f', column "{each.column}"' if each.column else ""
        narrator.say(f"{each.became.value}: row {each.row} ({lines}{column}): {each.reason}")
    if len(refused) > _SHOWN:
        narrator.say(f"... and {len(refused) - _SHOWN} more: see the report.")


def accounted(register: Register, verdicts: Sequence[Verdict], limit: int | None) -> tuple[bool, str]:
    """Whether every line with a row has a verdict, and the sum in words. With a limit, of the rows that were looked at."""
    lines = Counter[Became]()
    for each in verdicts:
        lines[each.became] += each.last_line - each.line + 1
    looked_at = register.content.data_lines
    if limit is not None:
        looked_at = sum(row.last_line - row.line + 1 for row in register.rows)
    counted = [
        f"{count} {became.value}" for became in Became if (count := lines[became]) or became is not Became.NOT_REACHED
    ]
    agrees = lines.total() == looked_at and len(verdicts) == len(register.rows)
    meant = "lines with rows up to the limit" if limit else "lines with rows"
    return agrees, f"Lines: {' + '.join(counted)} = {lines.total()}; {meant}: {looked_at}."


def compared(
    register: Register, verdicts: Sequence[Verdict], before: Sequence[Any], after: Sequence[Any]
) -> tuple[bool, list[str]]:
    """What this import added by the file beside what the service counts in its database under the register, before and
    after. The register may hold rows of other files as well.
    """
    taken = {each.row for each in verdicts if each.became is Became.TAKEN}
    rows = [row for row in register.rows if isinstance(row, Complaint) and row.number in taken]
    claimed = sum(row.restitution.minor_units for row in rows)
    (had, had_money), (has, has_money) = _sums(before), _sums(after)
    lines = [
        f"{'':36s} {'in the database':>16s} {'by the file':>16s}",
        f"{'matters added':36s} {has - had:16d} {len(rows):16d}",
        f"{'money claimed in them (USD)':36s} {(has_money - had_money) / 100:16.2f} {claimed / 100:16.2f}",
        f"{'matters of the register in all':36s} {has:16d}",
        f"{'money claimed in all (USD)':36s} {has_money / 100:16.2f}",
    ]
    return (has - had, has_money - had_money) == (len(rows), claimed), lines


def _sums(totals: Sequence[Any]) -> tuple[int, int]:
    return sum(each.matters for each in totals), sum(each.minor_units for each in totals)
