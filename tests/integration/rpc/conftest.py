"""One real service, and all of them, behind their real servers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli import house as houses
from services.cli.house import House, Staff
from tests.integration.intake.conftest import intake
from tests.kit.clock import FlowingClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.suite import SuiteInProcess, running_suite

__all__ = ["intake"]


@dataclass(frozen=True, slots=True)
class Peopled:
    """A running suite with somebody in every role."""

    suite: SuiteInProcess
    people: Staff
    house: House


@pytest.fixture
async def peopled(postgres: KitPostgres, nats: KitNats, tmp_path: Path) -> AsyncIterator[Peopled]:
    clock = FlowingClock()
    async with running_suite(postgres, nats, clock, tmp_path) as suite:
        people = houses.staff(suite.services, suite.mailbox, "house", clock)
        house = await houses.set_up(people, await suite.first_administrator_code())
        yield Peopled(suite, people, house)
