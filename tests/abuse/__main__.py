"""``make abuse``: every attack against the embedded suite, with what an honest caller sees before, during and after it;
then forty thousand random calls. Fails when the honest caller is refused, or anything is a fault of ours.

``python -m tests.abuse [NAME ...]`` runs the attacks named, ``fuzz`` among them.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.notify.v1 import notify_service_pb2 as notify_pb
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.cli import visit
from services.cli.actor import Actor
from services.cli.progress import Narrator
from services.cli.visit import Visit
from services.common.kernel.clock import SystemClock
from services.common.rpc.client import ServiceCredential
from tests.abuse import attacks
from tests.abuse.fuzz import Caller, World, fuzz
from tests.kit.suite import SERVICES

BEFORE_SECONDS, DURING_SECONDS, AFTER_SECONDS = 4.0, 10.0, 4.0
CONNECT_SECONDS = 60.0
FUZZED = 40_000
SEED = int(os.environ.get("COMITY_FUZZ_SEED", str(time.time_ns() % 1_000_000)))
"""Given, or another one every time; it is printed."""


class Honest:
    """Somebody who asks each service for what is theirs, again and again, and is answered."""

    def __init__(self, visited: Visit) -> None:
        services, people = visited.services, visited.people
        self._asks: dict[str, tuple[Actor, Any, Any]] = {
            "identity": (people.officer, services.identity.GetOrganisation, identity_pb.GetOrganisationRequest()),
            "intake": (people.officer, services.intake.ListMatters, intake_pb.ListMattersRequest()),
            "mediation": (people.case_administrator, services.mediation.ListCases, mediation_pb.ListCasesRequest()),
            "court_link": (people.clerk, services.court_link.ListApplications, court_pb.ListApplicationsRequest()),
            "notify": (people.officer, services.notify.GetPreferences, notify_pb.GetPreferencesRequest()),
        }
        self._asks["identity"][2].name = visited.house.intake
        self.refused: Counter[str] = Counter()

    async def ask(self, service: str, seconds: float) -> str:
        """Latencies in milliseconds."""
        actor, method, request = self._asks[service]
        taken: list[float] = []
        end = time.perf_counter() + seconds
        while (before := time.perf_counter()) < end:
            try:
                await method(request, timeout=30, metadata=await actor.metadata())
            except grpc.aio.AioRpcError as error:
                self.refused[f"{service}: {error.code().name} {error.details()}"] += 1
            taken.append((time.perf_counter() - before) * 1000)
            await asyncio.sleep(0.01)
        taken.sort()
        return f"p50 {taken[len(taken) // 2]:7.1f}  p99 {taken[int(len(taken) * 0.99)]:7.1f} ms"


@asynccontextmanager
async def _attacking(name: str, target: dict[str, Any]) -> Any:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.abuse.attacker",
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(json.dumps(target).encode())
    child.stdin.close()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if not await child.stdout.readline():
                raise SystemExit(f"the attack {name} ended before it was connected")
        yield
    finally:
        child.kill()
        await child.wait()


async def _run(name: str, visited: Visit, honest: Honest, target: dict[str, Any]) -> None:
    module = attacks.named(name)
    before = await honest.ask(module.SERVICE, BEFORE_SECONDS)
    async with _attacking(name, target):
        during = await honest.ask(module.SERVICE, DURING_SECONDS)
        health = await _health(target["addresses"][module.SERVICE])
    after = await honest.ask(module.SERVICE, AFTER_SECONDS)
    print(f"{module.TITLE} ({module.SERVICE}): health {health}")
    print(f"   before {before}\n   during {during}\n   after  {after}", flush=True)


async def _health(address: str) -> str:
    async with grpc.aio.insecure_channel(address) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def _fuzz(visited: Visit, addresses: dict[str, str], stranger: Actor) -> list[str]:
    suite, people, house = visited.suite, visited.people, visited.house
    assert suite is not None
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
            name: await stack.enter_async_context(grpc.aio.insecure_channel(addresses[name])) for name in SERVICES
        }
        findings = await fuzz(World(channels, callers, names), SEED, FUZZED // len(SERVICES))
    print(findings, flush=True)
    return findings.faults


async def _nobody() -> tuple[tuple[str, str], ...]:
    return ()


async def _everything(folder: Path, wanted: list[str]) -> list[str]:
    async with visit.embedded(folder, Narrator(quiet=True)) as visited:
        suite, house = visited.suite, visited.house
        assert suite is not None
        stranger = await _somebody(visited)
        addresses = {name: suite.address(name) for name in SERVICES}
        processes = [(each.name, each.pid) for each in suite.status()]
        honest, faults = Honest(visited), []
        for name in wanted:
            target = {
                "addresses": addresses,
                "account": await stranger.metadata(),
                "house": {"intake": house.intake, "mediation": house.mediation},
            }
            if name == "fuzz":
                faults += await _fuzz(visited, addresses, stranger)
            else:
                await _run(name, visited, honest, target)
        if [(each.name, each.pid) for each in suite.status()] != processes:
            faults.append("a process was started again")
        logs = "".join(each.read_text(errors="replace") for each in folder.rglob("*.log"))
        faults += ["a fault of ours is logged: call_failed"] if "call_failed" in logs else []
        return faults + [f"the honest caller was refused: {what} ({count})" for what, count in honest.refused.items()]


async def _somebody(visited: Visit) -> Actor:
    mail = f"stranger.{uuid4().hex[:8]}@sample.invalid"
    actor = Actor(visited.services, visited.mailbox, uuid4().hex, "路人（样本 SAMPLE）", mail, "zh")
    await actor.register()
    await actor.sign_in()
    return actor


def main() -> None:
    wanted = sys.argv[1:] or [*attacks.names(), "fuzz"]
    with tempfile.TemporaryDirectory() as folder:
        faults = asyncio.run(_everything(Path(folder), wanted))
    if faults:
        raise SystemExit("\n".join(faults[:50]))


if __name__ == "__main__":
    main()
