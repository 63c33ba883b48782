"""What is of no more use to court_link goes in its time: beside what every service removes, spent proofs."""

from datetime import timedelta

import pytest

from services.common.storage import retention
from tests.integration.court_link.world import World
from tests.kit.eventually import eventually


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "POLL_SECONDS", 0.05)


async def test_a_spent_proof_is_known_for_thirty_days(world: World) -> None:
    now = world.clock.now()
    await world.execute(
        f"INSERT INTO spent_proofs VALUES ('old', '{now - timedelta(days=31)}'), ('known', '{now - timedelta(days=29)}')"
    )
    await eventually(lambda: _known(world))


async def _known(world: World) -> bool:
    return (await world.count("SELECT count(*) FROM spent_proofs"), await world.count(_KNOWN)) == (1, 1)


_KNOWN = "SELECT count(*) FROM spent_proofs WHERE token_id = 'known'"
