"""``kill -9`` of intake, NATS and PostgreSQL in the middle of an import: every row once, with its verdict."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.local.suite import SERVICES, Suite
from deploy.local.supervisor import ChildStatus, State
from services.cli import complaints, import_report
from services.cli import house as houses
from services.cli.addresses import connect
from services.cli.importer import Became, Importer, Verdict
from services.cli.mailbox import Mailbox
from services.cli.suite import first_administrator_code
from services.cli.visit import Visit
from tests.kit.eventually import eventually
from tests.unit.cli.test_complaints import HEADER, row

ROWS = 1500
_VICTIMS = ("intake", "nats", "postgres", "intake")


@pytest.mark.timeout(600)
async def test_an_import_during_which_everything_is_killed_takes_each_row_once(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([HEADER, *(row(restitution=f"{number}.00") for number in range(ROWS)), row("?")]))
    register = complaints.read(file)
    async with AsyncExitStack() as stack:
        suite = await stack.enter_async_context(Suite(tmp_path / "data", SERVICES, report=print))
        visited = await _settle_in(suite, tmp_path / "data", stack)
        done = asyncio.Semaphore(0)
        first = Importer(visited, "chaos", lambda _: done.release())
        before = await first.totals()
        importing = asyncio.create_task(first.take(register.rows))
        for victim in _VICTIMS:
            for _ in range(8):
                await done.acquire()
            await _kill(suite, victim)
        verdicts = await importing
        assert _counted(verdicts) == {Became.TAKEN: ROWS, Became.REFUSED: 1}
        assert import_report.compared(register, verdicts, before, await first.totals())[0]
        again = Importer(visited, "chaos", lambda _: None)
        before = await again.totals()
        repeated = await again.take(register.rows)
        assert _counted(repeated) == {Became.ALREADY_THERE: ROWS, Became.REFUSED: 1}
        assert [each.matter for each in repeated] == [each.matter for each in verdicts]
        assert import_report.compared(register, repeated, before, await again.totals())[0]


def _counted(verdicts: list[Verdict]) -> Counter[Became]:
    return Counter(each.became for each in verdicts)


async def _settle_in(suite: Suite, data: Path, stack: AsyncExitStack) -> Visit:
    services = await connect({name: suite.address(name) for name in SERVICES}, stack)
    mailbox = Mailbox(data / "mail")
    people = houses.staff(services, mailbox, "house")
    return Visit(services, mailbox, people, await houses.set_up(people, await first_administrator_code(suite)))


async def _kill(suite: Suite, victim: str) -> None:
    child = _child(suite, victim)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    await eventually(lambda: _is_back(suite, victim, child.restarts), 60)


def _is_back(suite: Suite, victim: str, restarts: int) -> bool:
    child = _child(suite, victim)
    return child.restarts > restarts and child.state is State.READY


def _child(suite: Suite, name: str) -> ChildStatus:
    return next(each for each in suite.status() if each.name == name)
