"""One running court link per test, and one signed agreement for all of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.court_link.world import World, signed_round
from tests.integration.court_link.world import world as open_world
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.signing import Round


@pytest.fixture(scope="session")
def agreement_round() -> Round:
    return signed_round()


@pytest.fixture
async def world(postgres: KitPostgres, nats: KitNats, tmp_path: Path, agreement_round: Round) -> AsyncIterator[World]:
    async with open_world(postgres, nats, tmp_path, agreement_round) as running:
        yield running
