"""Whole lifecycles with the whole suite running as processes: two parties, one session, an offer, four signatures, a ruling.

Also what the suite weighs (PSS, which counts shared pages once) and how long an event takes from one service to the next.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from deploy.local.suite import SERVICES, Suite
from services.cli import visit
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.visit import Visit
from tests.bench import filing
from tests.bench.load import Figures, closed_loop
from tests.kit.processes import family, processor_seconds, read

LANES = 4
# One keeper of the seal and one judge sign for the whole country here, and everybody comes from one address.
OVERRIDES = {
    "COMITY_SIGNING_CODES_PER_HOUR": "100000",
    "COMITY_CODES_PER_ADDRESS_AND_TEN_MINUTES": "100000",
    "COMITY_CODES_PER_HOUSE_AND_MINUTE": "100000",
    "COMITY_FILINGS_PER_PERSON_AND_DAY": "1000000",
    "COMITY_FILINGS_PER_OFFICER_AND_DAY": "1000000",
}
IDLE_SECONDS, HALF_SECONDS, FILING_SECONDS = 10.0, 20.0, 6.0
MEBIBYTE = 1024.0


@dataclass(frozen=True, slots=True)
class Latencies:
    """Milliseconds from the commit in one service to the commit of its effect in the next."""

    p50: float
    p99: float
    count: int

    def __str__(self) -> str:
        return f"p50 {self.p50:6.1f} ms, p99 {self.p99:6.1f} ms ({self.count} events)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Lifecycles a second, seconds each took, events between services, MiB by process, filing beside all of it."""

    rate: float
    count: int
    p50_seconds: float
    p99_seconds: float
    idle: Latencies
    half: Latencies
    loaded: Latencies
    unpublished: int
    filing: Figures
    at_rest: dict[str, float]
    after: dict[str, float]
    cpu_seconds: dict[str, float]


async def measure(folder: Path, seconds: float) -> Outcome:
    """One case after another, then cases in lanes, one per mediator, then half as many; filing alone at the end."""
    async with visit.embedded(folder, Narrator(quiet=True), OVERRIDES) as visited:
        bench = _Bench(visited, {name: _runtime_url(visited.suite, name) for name in SERVICES})
        at_rest = _weights(folder)
        await bench.cases(1, 1.0)  # the first case of a suite starts its signing workers
        idle = await bench.latencies_of(bench.cases(1, IDLE_SECONDS))
        cpu_before = _cpu(folder)
        loaded = await bench.latencies_of(bench.cases(LANES, seconds))
        taken, elapsed = sorted(bench.taken), bench.elapsed
        after, cpu_after = _weights(folder), _cpu(folder)
        unpublished = await bench.unpublished()
        half = await bench.latencies_of(bench.cases(LANES, HALF_SECONDS, each_seconds=2 * LANES * elapsed / len(taken)))
        filing = await bench.filing()
    return Outcome(
        rate=len(taken) / elapsed,
        count=len(taken),
        p50_seconds=_at(taken, 0.5),
        p99_seconds=_at(taken, 0.99),
        idle=idle,
        half=half,
        loaded=loaded,
        unpublished=unpublished,
        filing=filing,
        at_rest=at_rest,
        after=after,
        cpu_seconds={name: cpu_after[name] - cpu_before[name] for name in cpu_after},
    )


class _Bench:
    """A suite under load. ``taken`` and ``elapsed`` are of the last cases."""

    def __init__(self, visited: Visit, urls: dict[str, str]) -> None:
        self._visited = visited
        self._urls = urls
        self._numbers = itertools.count()
        self.taken: list[float] = []
        self.elapsed = 0.0

    async def cases(self, lanes: int, seconds: float, each_seconds: float = 0.0) -> None:
        """Whole cases for so many seconds; with ``each_seconds`` a lane begins one no more often than that."""
        self.taken = []
        started = time.perf_counter()

        async def lane(number: int) -> None:
            while (before := time.perf_counter()) - started < seconds:
                case = replace(CHINESE, key=f"bench {next(self._numbers)}")
                await Journey(self._visited, case, Narrator(quiet=True), "bench", number).to_ruling()
                took = time.perf_counter() - before
                self.taken.append(took)
                await asyncio.sleep(max(each_seconds - took, 0.0))

        await asyncio.gather(*(lane(number) for number in range(lanes)))
        self.elapsed = time.perf_counter() - started

    async def latencies_of(self, load: Awaitable[None]) -> Latencies:
        """Of the events that were sent while the load ran."""
        since = datetime.now(UTC)
        await load
        sent: dict[object, datetime] = {}
        for url in self._urls.values():
            rows = await _rows(url, "SELECT event_id, occur_time FROM event_log WHERE occur_time >= $1", since)
            sent |= {row[0]: row[1] for row in rows}
        applied = [
            row for url in self._urls.values() for row in await _rows(url, "SELECT event_id, apply_time FROM inbox")
        ]
        found = sorted((row[1] - sent[row[0]]) / timedelta(milliseconds=1) for row in applied if row[0] in sent)
        return Latencies(_at(found, 0.5), _at(found, 0.99), len(found))

    async def unpublished(self) -> int:
        return sum([(await _rows(url, "SELECT count(*) FROM outbox"))[0][0] for url in self._urls.values()])

    async def filing(self) -> Figures:
        """An officer files as fast as intake answers while everything else runs, notices and all."""
        officer, intake = self._visited.people.officer, self._visited.services.intake

        async def file() -> None:
            request = filing.request()
            request.organisation = self._visited.house.intake
            await officer.call(intake.FileMatter, request)

        return await closed_loop(file, callers=filing.CALLERS, seconds=FILING_SECONDS)


def _runtime_url(suite: Suite | None, name: str) -> str:
    assert suite is not None
    return suite.service_environment(name)["COMITY_DATABASE_URL"].replace("+asyncpg", "")


def _weights(folder: Path) -> dict[str, float]:
    """MiB of PSS by process name, children included."""
    return {file.stem: sum(_pss(pid) for pid in family(int(file.read_text()))) for file in _pid_files(folder)}


def _cpu(folder: Path) -> dict[str, float]:
    """Seconds of processor time by process name, children included, and of this program that drives them."""
    used = {file.stem: processor_seconds(int(file.read_text())) for file in _pid_files(folder)}
    return used | {"driver": time.process_time()}


def _pid_files(folder: Path) -> Iterator[Path]:
    return (folder / "run").glob("*.pid")


def _pss(pid: int) -> float:
    found = [line.split()[1] for line in read(f"/proc/{pid}/smaps_rollup").splitlines() if line.startswith("Pss:")]
    return int(found[0]) / MEBIBYTE if found else 0.0


async def _rows(url: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT set_config('comity.viewer', 'system', false)")
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
