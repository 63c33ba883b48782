"""``kill -9`` of any one process at random points of a case ends in the same outcome: nothing lost, nothing twice.

Real processes under the supervisor, which starts the dead again. The points follow from a seed, so that a failure can be
run again: COMITY_CHAOS_SEED. At the end the books are audited, in the databases and in the mail folder.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.local.suite import SERVICES, Suite
from deploy.local.supervisor import ChildStatus, State
from services.cli import house as houses
from services.cli.addresses import connect
from services.cli.journey import Journey, Papers
from services.cli.mailbox import Mailbox
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE, ENGLISH
from services.cli.suite import first_administrator_code
from services.cli.visit import Visit
from tests.chaos import books
from tests.kit.eventually import eventually

KILLS = 20
SEED = int(os.environ.get("COMITY_CHAOS_SEED", "20261121"))
VICTIMS = (*SERVICES, "postgres", "nats")
CASES = (CHINESE, ENGLISH)


@pytest.mark.timeout(900)
async def test_twenty_kills_during_a_case_change_nothing_in_its_outcome(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    data = tmp_path / "data"
    async with AsyncExitStack() as stack:
        suite = await stack.enter_async_context(Suite(data, SERVICES, report=print))
        visited = await _settle_in(suite, data, stack)
        await books.checkpoint(
            suite, data
        )  # the first recovery would have to write all that the setting up has written
        kills: Counter[str] = Counter()
        outages: list[books.Outage] = []
        cases = 0
        while kills.total() < KILLS:
            journey = Journey(visited, CASES[cases % 2], Narrator(), f"chaos {SEED} {cases}")
            case = asyncio.create_task(journey.to_ruling())
            kills += await _kill_until_done(suite, case, dice, KILLS - kills.total(), outages)
            await books.look_at(await case, visited.services)
            cases += 1
        await books.audit(suite, data, cases, outages)


async def _settle_in(suite: Suite, data: Path, stack: AsyncExitStack) -> Visit:
    services = await connect({name: suite.address(name) for name in SERVICES}, stack)
    mailbox = Mailbox(data / "mail")
    people = houses.staff(services, mailbox, "house")
    return Visit(services, mailbox, people, await houses.set_up(people, await first_administrator_code(suite)))


async def _kill_until_done(
    suite: Suite, case: "asyncio.Task[Papers]", dice: random.Random, most: int, outages: list[books.Outage]
) -> Counter[str]:
    """Kills one process after another, each when the last one is back, until there were enough or the case ended.

    When notify or its database were away is added to ``outages``.
    """
    kills: Counter[str] = Counter()
    while kills.total() < most and not case.done():
        await asyncio.wait([case], timeout=dice.uniform(0.0, 0.8))
        victim = dice.choice(VICTIMS)
        child = _child(suite, victim)
        if child.pid is None or child.state is not State.READY or case.done():
            continue
        print(f"     kill -9 {victim}")
        begin = time.time()
        os.kill(child.pid, signal.SIGKILL)
        kills[victim] += 1
        await eventually(lambda victim=victim, before=child.restarts: _is_back(suite, victim, before), 60)
        if victim in ("notify", "postgres"):
            outages.append(books.Outage(begin, time.time()))
    return kills


def _is_back(suite: Suite, victim: str, restarts: int) -> bool:
    child = _child(suite, victim)
    return child.restarts > restarts and child.state is State.READY


def _child(suite: Suite, name: str) -> ChildStatus:
    return next(each for each in suite.status() if each.name == name)
