"""``kill -9`` of any one process at random points of a case ends in the same outcome: nothing lost, nothing twice.

Real processes under the supervisor, which starts the dead again. The points follow from a seed, so that a failure can be
run again: COMITY_CHAOS_SEED. At the end the books are audited, in the databases and in the mail folder.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack
from email import message_from_bytes
from pathlib import Path

import asyncpg
import pytest

from deploy.local.suite import SERVICES, Suite
from services.cli import house as houses
from services.cli.addresses import connect
from services.cli.journey import Journey
from services.cli.mailbox import Mailbox
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.suite import first_administrator_code
from services.cli.visit import Visit
from tests.kit.eventually import eventually

KILLS = 20
SEED = int(os.environ.get("COMITY_CHAOS_SEED", "20261121"))
VICTIMS = (*SERVICES, "postgres", "nats")


@pytest.mark.timeout(420)
async def test_twenty_kills_during_a_case_change_nothing_in_its_outcome(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    async with AsyncExitStack() as stack:
        suite = await stack.enter_async_context(Suite(tmp_path / "data", SERVICES))
        services = await connect({name: suite.address(name) for name in SERVICES}, stack)
        mailbox = Mailbox(tmp_path / "data" / "mail")
        people = houses.staff(services, mailbox, "house")
        house = await houses.set_up(people, await first_administrator_code(suite))
        journey = Journey(Visit(services, mailbox, people, house), CHINESE, Narrator(), f"chaos {SEED}")
        case = asyncio.create_task(journey.to_ruling())
        kills = await _kill_until_done(suite, case, dice)
        papers = await case
        assert papers.agreement.startswith(b"%PDF") and papers.ruling.startswith(b"%PDF")
        await _audit(suite, tmp_path / "data")
        assert kills, "no kill happened: the case was too fast for this seed"


async def _kill_until_done(suite: Suite, case: "asyncio.Task[object]", dice: random.Random) -> int:
    """Kills one process after another, each when the suite is whole again, until there were enough or the case ended."""
    kills = 0
    while kills < KILLS and not case.done():
        await asyncio.wait([case], timeout=dice.uniform(0.05, 1.5))
        victim = dice.choice(VICTIMS)
        child = next(each for each in suite.status() if each.name == victim)
        if child.pid is not None and not case.done():
            os.kill(child.pid, signal.SIGKILL)
            kills += 1
            await eventually(lambda: _whole(suite), 60)
    return kills


def _whole(suite: Suite) -> bool:
    states = {each.name: each.state.name for each in suite.status()}
    assert all(state in ("RUNNING", "READY") for state in states.values()), states
    return True


async def _audit(suite: Suite, data: Path) -> None:
    """The books: everything published, nothing parked, one filing, one signature per slot, no mail twice."""
    for name in SERVICES:
        await eventually(lambda name=name: _count(suite, name, "SELECT count(*) FROM outbox", 0), 60)
        await eventually(
            lambda name=name: _count(suite, name, "SELECT count(*) FROM jobs WHERE state = 'QUEUED'", 0), 60
        )
        await _count(suite, name, "SELECT count(*) FROM dead_letters WHERE state = 'PARKED'", 0)
        await _count(suite, name, "SELECT count(*) FROM jobs WHERE state = 'FAILED'", 0)
    await _count(suite, "court_link", "SELECT count(*) FROM docket", 1)
    identifiers = Counter(_message_id(each) for each in (data / "mail").glob("*.eml"))
    assert [each for each, times in identifiers.items() if times > 1] == [], "a mail was sent twice"


def _message_id(file: Path) -> str:
    return str(message_from_bytes(file.read_bytes())["Message-ID"])


async def _count(suite: Suite, service: str, query: str, expected: int) -> bool:
    url = suite.service_environment(service)["COMITY_DATABASE_URL"].replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT set_config('comity.viewer', 'system', false)")
        found = await connection.fetchval(query)
    finally:
        await connection.close()
    assert found == expected, f"{service}: {query}: {found}"
    return True
