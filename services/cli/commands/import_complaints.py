"""``comity import``: real rows, each driven through the public API to its published end, and the totals compared."""

import asyncio
from collections import Counter
from pathlib import Path

import click

from services.cli import complaints, visit
from services.cli.complaints import Complaint, End, Refused
from services.cli.imported_case import sample_case
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.visit import Visit

_OVERRIDES = {
    "COMITY_SIGNING_CODES_PER_HOUR": "5000",
    "COMITY_CODES_PER_ADDRESS_AND_TEN_MINUTES": "100000",
    "COMITY_CODES_PER_HOUSE_AND_MINUTE": "100000",
}
"""One sample judge signs in minutes what takes a court months, and everybody signs in from one address."""
_LANES = 4
"""Cases under way at once: one for each mediator of the sample house."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--limit", type=int, help="Only the first so many rows.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--run", "run", default="import", show_default=True, help="The same name goes on where it stopped.")
def import_complaints(file: Path, limit: int | None, folder: Path, run: str) -> None:
    """Takes rows of the mediated-complaints format to their published ends and compares the totals."""
    try:
        rows = list(complaints.read(file, limit))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    agree = asyncio.run(_import(rows, folder.absolute(), run))
    if not agree:
        raise SystemExit(1)


async def _import(rows: list[Complaint | Refused], folder: Path, run: str) -> bool:
    narrator = Narrator()
    folder.mkdir(parents=True, exist_ok=True)
    async with visit.embedded(folder / "data", narrator, _OVERRIDES) as visited:
        importer = Importer(visited, narrator, run)
        await importer.take([row for row in rows if isinstance(row, Complaint)])
    return importer.report(rows)


class Importer:
    """Drives the rows, a few at once, and counts what the services say became of them."""

    def __init__(self, visited: Visit, narrator: Narrator, run: str) -> None:
        self._visited = visited
        self._narrator = narrator
        self._run = run
        self._ends: Counter[End] = Counter()
        self._money = 0
        self._confirmed = 0
        self._filed = 0

    async def take(self, rows: list[Complaint]) -> None:
        """Every row, in lanes. A row that fails fails the run: none is passed over."""

        async def lane(number: int) -> None:
            # A row always has the same mediator, also when the run is started again.
            for row in rows[number::_LANES]:
                await self._one(row, number)
                done = sum(self._ends.values())
                self._narrator.say(f"  {done:5d}/{len(rows)}  row {row.number}: {row.end.value}")

        await asyncio.gather(*(lane(number) for number in range(_LANES)))

    async def _one(self, row: Complaint, lane: int) -> None:
        case = sample_case(row)
        journey = Journey(self._visited, case, Narrator(quiet=True), f"{self._run} {row.identity}", lane)
        await journey.file()
        self._filed += 1
        if row.end is End.SETTLED:
            await journey.settle()
            self._confirmed += 1
            amount = await journey.settled_amount()
            self._money += amount  # read and added without a wait between: other lanes add too
        else:
            await journey.end_otherwise(row.end)
        self._ends[row.end] += 1

    def report(self, rows: list[Complaint | Refused]) -> bool:
        """Prints what became of the rows beside the file's own totals; true when they agree."""
        say = self._narrator.say
        readable = [row for row in rows if isinstance(row, Complaint)]
        published = Counter(row.end for row in readable)
        money = sum(row.restitution.minor_units for row in readable if row.end is End.SETTLED)
        say("")
        say(f"{'':52s} {'here':>12s} {'in the file':>12s}")
        say(f"{'filed':52s} {self._filed:12d} {len(readable):12d}")
        for end in End:
            say(f"{end.value:52s} {self._ends[end]:12d} {published[end]:12d}")
        say(f"{'confirmed by the sample court':52s} {self._confirmed:12d} {published[End.SETTLED]:12d}")
        say(f"{'money agreed (USD)':52s} {self._money / 100:12.2f} {money / 100:12.2f}")
        for row in rows:
            if isinstance(row, Refused):
                say(f"refused: row {row.number}: {row.reason}")
        agree = (
            self._filed == len(readable)
            and self._ends == published
            and self._money == money
            and self._confirmed == published[End.SETTLED]
        )
        say("The totals equal the file's." if agree else "THE TOTALS DIFFER FROM THE FILE'S.")
        return agree
