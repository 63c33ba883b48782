"""Whole lifecycles with the whole suite running as processes: two parties, one session, an offer, four signatures, a ruling.

Also what the suite weighs (PSS, which counts shared pages once) and how long an event takes from one service to the next.
"""

import asyncio
import itertools
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from deploy.local.suite import SERVICES, Suite
from services.cli import visit
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.visit import Visit

LANES = 4
MEBIBYTE = 1024.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Lifecycles a second, seconds each took, milliseconds of events between services, MiB by process."""

    rate: float
    count: int
    p50_seconds: float
    p99_seconds: float
    event_p50: float
    event_p99: float
    unpublished: int
    at_rest: dict[str, float]
    loaded: dict[str, float]
    cpu_seconds: dict[str, float]


async def measure(folder: Path, seconds: float) -> Outcome:
    """Runs cases in lanes, one per mediator, for so many seconds."""
    async with visit.embedded(folder, Narrator(quiet=True)) as visited:
        urls = {name: _runtime_url(visited.suite, name) for name in SERVICES}
        at_rest, cpu_before = _weights(folder), _cpu(folder)
        taken, elapsed = await _run(visited, seconds)
        loaded, cpu_after = _weights(folder), _cpu(folder)
        latencies = await _event_latencies(urls)
        unpublished = await _unpublished(urls)
    taken.sort()
    latencies.sort()
    return Outcome(
        rate=len(taken) / elapsed,
        count=len(taken),
        p50_seconds=_at(taken, 0.5),
        p99_seconds=_at(taken, 0.99),
        event_p50=_at(latencies, 0.5),
        event_p99=_at(latencies, 0.99),
        unpublished=unpublished,
        at_rest=at_rest,
        loaded=loaded,
        cpu_seconds={name: cpu_after[name] - cpu_before[name] for name in cpu_after},
    )


async def _run(visited: Visit, seconds: float) -> tuple[list[float], float]:
    taken: list[float] = []
    numbers = itertools.count()
    started = time.perf_counter()

    async def lane(number: int) -> None:
        while time.perf_counter() - started < seconds:
            before = time.perf_counter()
            case = replace(CHINESE, key=f"bench {next(numbers)}")
            await Journey(visited, case, Narrator(quiet=True), "bench", number).to_ruling()
            taken.append(time.perf_counter() - before)

    await asyncio.gather(*(lane(number) for number in range(LANES)))
    return taken, time.perf_counter() - started


def _runtime_url(suite: Suite | None, name: str) -> str:
    assert suite is not None
    return suite.service_environment(name)["COMITY_DATABASE_URL"].replace("+asyncpg", "")


def _weights(folder: Path) -> dict[str, float]:
    """MiB of PSS by process name, children included."""
    weights: dict[str, float] = {}
    for file in (folder / "run").glob("*.pid"):
        weights[file.stem] = sum(_pss(pid) for pid in _family(int(file.read_text())))
    return weights


def _cpu(folder: Path) -> dict[str, float]:
    """Seconds of processor time by process name, children included, and of this program that drives them."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = {
        file.stem: sum(sum(_stat(pid)[13:15]) for pid in _family(int(file.read_text()))) / ticks
        for file in (folder / "run").glob("*.pid")
    }
    return used | {"driver": sum(_stat(os.getpid())[13:15]) / ticks}


def _stat(pid: int) -> list[int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return [0, 0, *(int(each) if each.lstrip("-").isdigit() else 0 for each in fields)]


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / MEBIBYTE
    return 0.0


async def _event_latencies(urls: dict[str, str]) -> list[float]:
    """Milliseconds from the instant of the sending transaction to that of the applying one, for every event applied."""
    sent: dict[object, float] = {}
    for url in urls.values():
        sent |= {row[0]: row[1].timestamp() for row in await _rows(url, "SELECT event_id, occur_time FROM event_log")}
    applied = [row for url in urls.values() for row in await _rows(url, "SELECT event_id, apply_time FROM inbox")]
    return [(row[1].timestamp() - sent[row[0]]) * 1000 for row in applied if row[0] in sent]


async def _unpublished(urls: dict[str, str]) -> int:
    return sum([(await _rows(url, "SELECT count(*) FROM outbox"))[0][0] for url in urls.values()])


async def _rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT set_config('comity.viewer', 'system', false)")
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
