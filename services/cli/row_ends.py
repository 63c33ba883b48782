"""Takes imported rows on to their published ends, through the public API, and counts what the services say of them."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from services.cli.complaints import Complaint, End
from services.cli.imported_case import sample_case
from services.cli.importer import Verdict
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.visit import Visit
from services.common.kernel.errors import DomainError

_LANES = 4
"""Cases under way at once: one for each mediator of the sample house."""


class Ends:
    """One run over the rows of a register that became matters."""

    def __init__(self, visited: Visit, narrator: Narrator, register: str) -> None:
        self._visited = visited
        self._narrator = narrator
        self._register = register
        self._ends: Counter[End] = Counter()
        self._money = 0
        self._failed = 0

    async def reach(self, rows: Sequence[tuple[Complaint, Verdict]]) -> None:
        """Every row, in lanes. One that cannot be taken to its end is told with its reason, and the next is taken."""

        async def lane(number: int) -> None:
            # A row always has the same mediator, also when the run is started again.
            for row, verdict in rows[number::_LANES]:
                became = await self._one(row, verdict, number)
                done = sum(self._ends.values()) + self._failed
                self._narrator.say(f"  {done:5d}/{len(rows)}  row {row.number}: {became}")

        await asyncio.gather(*(lane(number) for number in range(_LANES)))

    async def _one(self, row: Complaint, verdict: Verdict, lane: int) -> str:
        journey = Journey(self._visited, sample_case(row), Narrator(quiet=True), self._register, lane)
        amount = 0
        try:
            await journey.take_over(verdict.matter)
            if row.end is End.SETTLED:
                await journey.settle()
                amount = await journey.settled_amount()
            else:
                await journey.end_otherwise(row.end)
        except (DomainError, TimeoutError) as error:
            self._failed += 1
            return f"NOT at its end: {error}"
        self._money += amount
        self._ends[row.end] += 1
        return row.end.value

    def report(self, rows: Sequence[Complaint]) -> bool:
        """Prints the ends that were reached beside the published ones; true when they agree."""
        say = self._narrator.say
        published = Counter(row.end for row in rows)
        money = sum(row.restitution.minor_units for row in rows if row.end is End.SETTLED)
        say("")
        say(f"{'':52s} {'reached':>12s} {'published':>12s}")
        for end in End:
            say(f"{end.value:52s} {self._ends[end]:12d} {published[end]:12d}")
        say(f"{'money agreed (USD)':52s} {self._money / 100:12.2f} {money / 100:12.2f}")
        return self._ends == published and self._money == money
