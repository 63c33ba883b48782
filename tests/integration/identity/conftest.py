"""Identity, running on a database of its own, for each test that asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.identity.running import Running, running
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


@pytest.fixture
async def identity(postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(postgres, nats, clock, tmp_path) as one:
        yield one
