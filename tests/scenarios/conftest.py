"""The whole suite in one process, with a sample house in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli import house as houses
from services.cli.house import House, Staff
from services.cli.journey import Journey
from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE, SampleCase
from services.cli.visit import Visit
from tests.kit.clock import FlowingClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.suite import SuiteInProcess, running_suite


@dataclass
class Town:
    """A running suite with its people."""

    suite: SuiteInProcess
    people: Staff
    house: House

    def journey(self, run: str, case: SampleCase = CHINESE, lane: int = 0) -> Journey:
        """A case of its own."""
        visited = Visit(self.suite.services, self.suite.mailbox, self.people, self.house)
        return Journey(visited, case, Narrator(quiet=True), run, lane, self.suite.clock)


@pytest.fixture
async def town(postgres: KitPostgres, nats: KitNats, tmp_path: Path) -> AsyncIterator[Town]:
    """All services with one clock, an intake office, a committee and a court."""
    clock = FlowingClock()
    async with running_suite(postgres, nats, clock, tmp_path) as suite:
        people = houses.staff(suite.services, suite.mailbox, "house", clock)
        house = await houses.set_up(people, await suite.first_administrator_code())
        yield Town(suite, people, house)
