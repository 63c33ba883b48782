"""``comity import``: rows of the mediated-complaints format, each filed once, with a verdict, and the totals compared."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click
import grpc

from services.cli import complaints, import_report, visit
from services.cli.addresses import parse_addresses
from services.cli.complaints import Complaint, Register
from services.cli.importer import Became, Importer, Verdict
from services.cli.progress import Narrator
from services.cli.register_file import Unreadable
from services.cli.row_ends import Ends
from services.cli.visit import Visit
from services.common.kernel.errors import DomainError

_OVERRIDES = {
    "COMITY_SIGNING_CODES_PER_HOUR": "5000",
    "COMITY_CODES_PER_ADDRESS_AND_TEN_MINUTES": "100000",
    "COMITY_CODES_PER_HOUSE_AND_MINUTE": "100000",
}
"""One sample judge signs in minutes what takes a court months, and everybody signs in from one address."""
_PROGRESS_ROWS = 500


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many rows.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option(
    "--register",
    "--run",
    "register",
    default="import",
    show_default=True,
    help="Where the rows come from: each is filed once under it, however often the file is imported.",
)
@click.option("--ends", is_flag=True, help="Also takes each row to its published end, through every service.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="A verdict for every row.  [FOLDER/import.csv]"
)
@click.option("--address", multiple=True, envvar="COMITY_ADDRESSES", help="NAME=HOST:PORT of each running service.")
@click.option("--house", "house_file", type=click.Path(path_type=Path), envvar="COMITY_HOUSE", help="Its house.json.")
@click.option("--mail", type=click.Path(path_type=Path), envvar="COMITY_MAIL", help="Its mail catcher's folder.")
def import_complaints(
    file: Path,
    limit: int | None,
    folder: Path,
    register: str,
    ends: bool,
    report: Path | None,
    address: tuple[str, ...],
    house_file: Path | None,
    mail: Path | None,
) -> None:
    """Files the rows of FILE (mediated-complaints format), says what became of each, and compares the totals.

    A row that cannot be taken is refused by number, line, column and reason; the others are taken. The same file again
    adds nothing.
    """
    narrator = Narrator()
    folder = folder.absolute()
    if address and (house_file is None or mail is None):
        raise click.UsageError("--address needs --house and --mail as well")
    try:
        read = complaints.read(file, limit)
        report = (report or folder / "import.csv").absolute()
        for needed in (folder, report.parent):
            needed.mkdir(parents=True, exist_ok=True)
        place: AbstractAsyncContextManager[Visit]
        if house_file is not None and mail is not None and address:
            place = visit.running_elsewhere(parse_addresses(address), house_file, mail)
        else:
            place = visit.embedded(folder / "data", narrator, _OVERRIDES)
        run = _Run(narrator, file, read, register, report, limit)
        agree = asyncio.run(run.over(place, ends=ends))
    except Unreadable as error:
        raise click.UsageError(f"{file}: {error}") from None
    except DomainError as refusal:
        raise click.ClickException(f"{refusal.en} ({refusal.reason})") from None
    except (OSError, TimeoutError, ValueError, grpc.aio.AioRpcError) as error:
        raise click.ClickException(f"{error} ({type(error).__name__})") from None
    if not agree:
        raise SystemExit(1)


class _Run:
    """One import of one file."""

    def __init__(
        self, narrator: Narrator, file: Path, read: Register, register: str, report: Path, limit: int | None
    ) -> None:
        self._narrator = narrator
        self._file = file
        self._read = read
        self._register = register
        self._report = report
        self._limit = limit
        self._told = 0

    async def over(self, place: AbstractAsyncContextManager[Visit], *, ends: bool) -> bool:
        """The whole import; true when every line is accounted for and all totals agree."""
        import_report.say_how_it_was_read(self._narrator, self._file, self._read)
        async with place as visited:
            importer = Importer(visited, self._register, self._progress)
            before = await importer.totals()
            started = time.perf_counter()
            verdicts = await importer.take(self._read.rows)
            seconds = time.perf_counter() - started
            agree = self._say(verdicts, before, await importer.totals(), seconds)
            if ends:
                agree &= await self._ends(visited, verdicts)
        return agree

    def _progress(self, done: int) -> None:
        if done // _PROGRESS_ROWS > self._told:
            self._told = done // _PROGRESS_ROWS
            self._narrator.say(f"  {done:5d} of {len(self._read.rows)} rows")

    def _say(self, verdicts: list[Verdict], before: list[object], after: list[object], seconds: float) -> bool:
        say = self._narrator.say
        import_report.write(self._report, verdicts)
        import_report.say_verdicts(self._narrator, verdicts)
        say(f"{len(verdicts)} rows have their verdict after {seconds:.1f} s; each is in {self._report}")
        accounted, lines = import_report.accounted(self._read, verdicts, self._limit)
        equal, table = import_report.compared(self._read, verdicts, before, after)
        for line in (lines, *table):
            say(line)
        if not accounted:
            say("LINES OF THE FILE HAVE NO VERDICT.")
        say("The totals equal the file's." if equal else "THE TOTALS DIFFER FROM THE FILE'S.")
        reached = all(each.became is not Became.NOT_REACHED for each in verdicts)
        if not reached:
            say("NOT ALL ROWS WERE REACHED: import the file again.")
        return accounted and equal and reached

    async def _ends(self, visited: Visit, verdicts: list[Verdict]) -> bool:
        by_row = {each.row: each for each in verdicts if each.matter}
        rows = [row for row in self._read.rows if isinstance(row, Complaint) and row.number in by_row]
        ends = Ends(visited, self._narrator, self._register)
        await ends.reach([(row, by_row[row.number]) for row in rows])
        agree = ends.report(rows)
        self._narrator.say("Every row is at its published end." if agree else "NOT EVERY ROW IS AT ITS PUBLISHED END.")
        return agree
