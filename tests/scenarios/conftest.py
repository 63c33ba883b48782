"""The whole suite in one process, with a sample house in it: one town for all scenarios, for setting it up takes longest.

Every scenario has cases and people of its own. The clock is everybody's and only ever goes forward.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import pytest
import pytest_asyncio
import structlog

from services.cli import house as houses
from services.cli.house import House, Staff
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE, SampleCase
from services.cli.visit import Visit
from services.common.telemetry import set_up_logging
from tests.kit.clock import FlowingClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.quiet import quiet
from tests.kit.suite import SERVICES, SuiteInProcess, running_suite
from tests.scenarios.played import Played

P = TypeVar("P", bound=Played)
SHANGHAI = ZoneInfo("Asia/Shanghai")
LOG = "town.log"
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The town lives in one event loop; so does everybody who visits it."""
    for item in items:
        if item.path.is_relative_to(_HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Town:
    """A running suite with its people."""

    suite: SuiteInProcess
    people: Staff
    house: House
    nats: KitNats

    def journey(self, run: str, case: SampleCase = CHINESE, lane: int = 0) -> Played:
        """A case of its own. ``lane`` says which mediator takes it."""
        return self.played(Played, run, case, lane)

    def played(self, kind: type[P], run: str, case: SampleCase, lane: int = 0) -> P:
        """The same, of a kind of its own."""
        visited = Visit(self.suite.services, self.suite.mailbox, self.people, self.house)
        return kind(visited, case, Narrator(quiet=True), run, lane, self.suite.clock)

    def go_to(self, day: date, hour: int = 9) -> datetime:
        """The clock stands at this hour of this day in Beijing, and goes on from there; never backwards."""
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
        if moment < self.suite.clock.now():
            raise ValueError(f"the town is past {moment:%Y-%m-%d %H:%M} already")
        return self.suite.clock.set(moment)

    def today(self) -> date:
        """The day in Beijing."""
        return self.suite.clock.now().astimezone(SHANGHAI).date()

    async def quiet(self) -> None:
        """Everything that has happened has had its consequences everywhere."""

        async def count(service: str, query: str) -> int:
            return int((await rows(self.suite.databases[service].superuser_url, query))[0][0])

        await quiet(SERVICES, count, self.nats.connect)

    async def messages(self) -> list[Any]:
        """Every message in every stream, as it was published."""
        client = await self.nats.connect()
        try:
            jetstream = client.jetstream()
            found = []
            for stream in await jetstream.streams_info():
                name, state = str(stream.config.name), stream.state
                numbers = range(state.first_seq, state.last_seq + 1)
                found += [await jetstream.get_msg(name, number) for number in numbers]
            return found
        finally:
            await client.close()

    async def dead_letters(self) -> list[tuple[str, str]]:
        """Messages that a service gave up on, by service."""
        return await self._kept("SELECT * FROM dead_letters")

    async def failed_jobs(self) -> list[tuple[str, str]]:
        """Jobs that were given up, by service."""
        return await self._kept("SELECT kind, last_error FROM jobs WHERE state = 'FAILED'")

    async def _kept(self, query: str) -> list[tuple[str, str]]:
        return [
            (name, str(dict(row)))
            for name, database in self.suite.databases.items()
            for row in await rows(database.superuser_url, query)
        ]

    def log(self) -> str:
        """Everything that the services have logged."""
        return (self.suite.folder / LOG).read_text(encoding="utf-8")

    async def events_about(self, name: str) -> dict[str, list[bytes]]:
        """Published events that name this resource, by their short type (``case.opened``)."""
        found: dict[str, list[bytes]] = {}
        for message in await self.messages():
            kind = str((message.headers or {}).get("ce-type", "")).partition(".v1.")[2]
            if name.encode() in message.data or (message.headers or {}).get("ce-subject") == name:
                found.setdefault(kind, []).append(message.data)
        return found


async def rows(url: str, statement: str) -> list[Any]:
    """What a database holds, read past all row level security."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(
    postgres: KitPostgres, nats_server: KitNats, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """All services with one clock, an intake office, a committee and a court."""
    clock = FlowingClock()
    folder = tmp_path_factory.mktemp("town")
    await nats_server.delete_streams()
    await nats_server.create_streams()
    with _logging_into(folder / LOG):
        async with running_suite(postgres, nats_server, clock, folder) as suite:
            people = houses.staff(suite.services, suite.mailbox, "house", clock)
            house = await houses.set_up(people, await suite.first_administrator_code())
            town = Town(suite, people, house, nats_server)
            yield town
            assert await town.dead_letters() == []
    await nats_server.delete_streams()


@contextmanager
def _logging_into(file: Path) -> Iterator[None]:
    """What the services log, as they log it, in a file."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    with file.open("a", encoding="utf-8") as stream:
        set_up_logging("town", "INFO")
        handler = root.handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        try:
            yield
        finally:
            root.handlers[:], level = before
            root.setLevel(level)
            structlog.reset_defaults()
