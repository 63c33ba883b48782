"""Every attack in short, one after the other on one suite of processes; ``make abuse`` takes longer and tells figures."""

from pathlib import Path

import pytest

from services.cli import visit
from services.cli.progress import Narrator
from tests.abuse import attacks
from tests.abuse.encounter import Ground, Lengths

ROOM_FOR_TWO_FILES = {"COMITY_MATERIAL_BYTES_OF_APPLICATION": "6000000"}
SHORT = Lengths(during=1.5, calm=0.0)
PROVEN_ELSEWHERE = {"streams_without_a_message", "watches_of_health"}
"""By ``tests/integration/rpc/test_availability.py``, on a server of its own."""


@pytest.mark.timeout(600)
async def test_no_attack_has_an_honest_caller_refused_or_a_service_fail(tmp_path: Path) -> None:
    async with visit.embedded(tmp_path, Narrator(quiet=True), ROOM_FOR_TWO_FILES) as visited:
        ground = Ground(visited, SHORT)
        met = []
        for name in sorted({*attacks.names()} - PROVEN_ELSEWHERE):
            met.append(await ground.meet(name))
            print(met[-1])
        assert [fault for each in met for fault in each.faults()] == []
        assert ground.faults() == []
