"""Mediation, running on a database of its own, for each test that asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.mediation.running import Mediation, running
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


@pytest.fixture
async def mediation(postgres: KitPostgres, nats: KitNats, tmp_path: Path) -> AsyncIterator[Mediation]:
    async with running(postgres, nats, tmp_path) as one:
        yield one
