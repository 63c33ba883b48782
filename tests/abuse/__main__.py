"""``make abuse``: every attack against the embedded suite, with what an honest caller sees before, during and after it;
then forty thousand random calls. Fails when the honest caller is refused, or anything is a fault of ours.

``python -m tests.abuse [NAME ...]`` runs the attacks named, ``fuzz`` among them.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import grpc

from services.cli import visit
from services.cli.progress import Narrator
from services.cli.visit import Visit
from services.common.kernel.clock import SystemClock
from services.common.rpc.client import ServiceCredential
from tests.abuse import attacks
from tests.abuse.encounter import Ground, Lengths, somebody
from tests.abuse.fuzz import Caller, World, fuzz
from tests.kit.suite import SERVICES

FUZZED = 40_000
SEED = int(os.environ.get("COMITY_FUZZ_SEED", str(time.time_ns() % 1_000_000)))
"""Given, or another one every time; it is printed."""


async def _fuzz(visited: Visit) -> list[str]:
    suite, people, house = visited.suite, visited.people, visited.house
    assert suite is not None
    stranger = await somebody(visited)
    callers: dict[str, Caller] = {"nobody": _nobody, "somebody": stranger.metadata}
    for person in (people.administrator, people.officer, people.case_administrator, people.clerk, people.judge):
        callers[person.email] = person.metadata
    for service in SERVICES:
        secret = suite.service_environment(service)["COMITY_SERVICE_SECRET"]
        credential = ServiceCredential(visited.services.identity, service, secret, SystemClock())
        callers[f"service {service}"] = credential.metadata
    names = {
        "organisations": [house.intake, house.mediation, house.court_organisation],
        "mediators": house.mediators,
        "courts": [house.court],
        "accounts": [stranger.account],
    }
    async with AsyncExitStack() as stack:
        channels = {
            name: await stack.enter_async_context(grpc.aio.insecure_channel(suite.address(name))) for name in SERVICES
        }
        findings = await fuzz(World(channels, callers, names), SEED, FUZZED // len(SERVICES))
    print(findings, flush=True)
    return findings.faults


async def _nobody() -> tuple[tuple[str, str], ...]:
    return ()


async def _everything(folder: Path, wanted: list[str]) -> list[str]:
    async with visit.embedded(folder, Narrator(quiet=True)) as visited:
        ground, faults = Ground(visited, Lengths()), []
        for name in wanted:
            if name == "fuzz":
                faults += await _fuzz(visited)
            else:
                encounter = await ground.meet(name)
                print(encounter, flush=True)
                faults += encounter.faults()
        return faults + ground.faults()


def main() -> None:
    wanted = sys.argv[1:] or [*attacks.names(), "fuzz"]
    with tempfile.TemporaryDirectory() as folder:
        faults = asyncio.run(_everything(Path(folder), wanted))
    if faults:
        raise SystemExit("\n".join(faults[:50]))


if __name__ == "__main__":
    main()
