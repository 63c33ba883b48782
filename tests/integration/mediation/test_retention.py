"""What is of no more use to mediation goes in its time: beside what every service removes, spent proofs."""

from datetime import timedelta

import pytest

from services.common.storage import retention
from tests.integration.mediation.running import Mediation
from tests.kit.eventually import eventually


async def test_a_spent_proof_is_known_for_thirty_days(mediation: Mediation, monkeypatch: pytest.MonkeyPatch) -> None:
    now = mediation.clock.now()
    for name, age in (("old", 31), ("known", 29)):
        await mediation.sql(
            "INSERT INTO spent_proofs VALUES ($1, gen_random_uuid(), 'party-1', $2)", name, now - timedelta(days=age)
        )
    monkeypatch.setattr(retention, "POLL_SECONDS", 0.05)
    async with mediation.replica():
        await eventually(lambda: _known(mediation, ["known"]))


async def _known(mediation: Mediation, proofs: list[str]) -> bool:
    return [row["jti"] for row in await mediation.sql("SELECT jti FROM spent_proofs")] == proofs
