"""One attack beside an honest caller: what that one sees before, during and after it, and who used the processor."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.local.suite import Suite
from services.cli.actor import Actor
from services.cli.visit import Visit
from tests.abuse import attacks
from tests.abuse.attacks import Found, Scene
from tests.abuse.honest import Act, Honest, Seen, asking
from tests.kit.processes import processor_seconds
from tests.kit.suite import SERVICES

CONNECT_SECONDS = 60.0
END_SECONDS = 60.0
HEALTH_SECONDS = 30.0
_BURN = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: pass"


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of looking; ``calm`` before, after and for the floor, which are left out when it is 0."""

    during: float = 60.0
    calm: float = 4.0


@dataclass(frozen=True, slots=True)
class Encounter:
    """What was seen of one attack."""

    title: str
    service: str
    health: str
    seen: Mapping[str, Seen]
    """Before, during, after, and the floor: the same act beside a process that burns one core and calls nobody."""
    processor: Mapping[str, float]
    """Seconds during the attack."""
    answers: Mapping[str, int]
    found: Callable[[], Found]
    """What was left behind, as of when it is asked: mails and the like come in their own time."""
    refused: Mapping[str, int]

    def faults(self) -> list[str]:
        unwell = [] if self.health == "SERVING" else [f"{self.service} is {self.health}"]
        refused = [f"the honest caller was refused: {what} ({count})" for what, count in self.refused.items()]
        return [f"{self.title}: {fault}" for fault in (*unwell, *refused, *self.found().faults)]

    def __str__(self) -> str:
        lines = [f"{self.title} ({self.service}): health {self.health}"]
        lines += [f"   {when:9s} {seen}" for when, seen in self.seen.items()]
        lines.append("   processor " + ", ".join(f"{name} {used:.1f} s" for name, used in self.processor.items()))
        answers = Counter(self.answers).most_common()
        lines.append("   attacker  " + (", ".join(f"{reason} {count}" for reason, count in answers) or "no answers"))
        figures = self.found().figures
        return "\n".join([*lines, *([f"   found     {figures}"] if figures else [])])


class Ground:
    """The suite on which attacks meet honest callers."""

    def __init__(self, visited: Visit, lengths: Lengths) -> None:
        assert visited.suite is not None
        self.suite: Suite = visited.suite
        self._visited = visited
        self._lengths = lengths
        self._processes = self._running()
        self._floors: dict[str, Seen] = {}

    async def meet(self, name: str) -> Encounter:
        """One attack, by somebody who has just signed up."""
        module, honest = attacks.named(name), Honest()
        scene = await module.prepare(self._visited) if hasattr(module, "prepare") else Scene()
        act = scene.act or asking(self._visited)[module.SERVICE]
        errands = iter(act.errands)
        seen = {}
        if self._lengths.calm:
            seen["before"] = await honest.see(act, self._lengths.calm, next(errands, None))
            seen["floor"] = await self._floor(honest, act)
        async with _attacking(name, await self._target(scene)) as attack:
            before = self._used(module.SERVICE, attack.pid)
            seen["during"] = await honest.see(act, self._lengths.during, next(errands, None))
            health = await self._health(module.SERVICE)
            used = {who: now - before[who] for who, now in self._used(module.SERVICE, attack.pid).items()}
        if self._lengths.calm:
            seen["after"] = await honest.see(act, self._lengths.calm, next(errands, None))
        return Encounter(
            title=module.TITLE,
            service=module.SERVICE,
            health=health,
            seen=seen,
            processor=used,
            answers=attack.answers,
            found=scene.found,
            refused=honest.refused,
        )

    async def _floor(self, honest: Honest, act: Act) -> Seen:
        if act.name not in self._floors:
            async with _process("-c", _BURN):
                self._floors[act.name] = await honest.see(act, self._lengths.calm)
        return self._floors[act.name]

    async def _target(self, scene: Scene) -> dict[str, Any]:
        house, stranger = self._visited.house, await somebody(self._visited)
        return {
            "addresses": {name: self.suite.address(name) for name in SERVICES},
            "account": await stranger.metadata(),
            "house": {"intake": house.intake, "mediation": house.mediation},
            "given": scene.given,
        }

    def faults(self) -> list[str]:
        """What happened to the suite in all of that: whether a process was started again or a fault of ours is logged."""
        logs = "".join(each.read_text(errors="replace") for each in self.suite.layout.root.rglob("*.log"))
        ended = ["a process was started again"] * (self._running() != self._processes)
        return [*ended, *(["a fault of ours is logged: call_failed"] * ("call_failed" in logs))]

    def _running(self) -> list[tuple[str, int | None]]:
        return [(each.name, each.pid) for each in self.suite.status()]

    def _used(self, service: str, attacker: int) -> dict[str, float]:
        """Seconds of processor time up to now."""
        of_suite = {each.name: processor_seconds(each.pid) for each in self.suite.status() if each.pid is not None}
        attacked = of_suite.pop(service, 0.0)
        return {
            service: attacked,
            "attacker": processor_seconds(attacker),
            "honest caller": time.process_time(),
            "rest of the suite": sum(of_suite.values()),
            "of": time.monotonic(),
        }

    async def _health(self, service: str) -> str:
        async with grpc.aio.insecure_channel(self.suite.address(service)) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=HEALTH_SECONDS)
            try:
                return str(health_pb2.HealthCheckResponse.ServingStatus.Name((await check).status))
            except grpc.aio.AioRpcError as error:
                return str(error.code().name)


@dataclass
class Attack:
    """A running one; ``answers`` when it has ended."""

    pid: int
    answers: Mapping[str, int] = field(default_factory=dict)


@asynccontextmanager
async def _attacking(name: str, target: Mapping[str, Any]) -> AsyncIterator["Attack"]:
    async with _process("-m", "tests.abuse.attacker", name) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(target).encode())
        child.stdin.close()
        async with asyncio.timeout(CONNECT_SECONDS):
            if not await child.stdout.readline():
                raise RuntimeError(f"the attack {name} ended before it was connected")
        attack = Attack(child.pid)
        yield attack
        with contextlib.suppress(ProcessLookupError):  # It ends by itself when this takes very long.
            child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(END_SECONDS):
            answers = await child.stdout.readline()
        if not answers:
            raise RuntimeError(f"the attack {name} failed by itself")
        attack.answers = json.loads(answers)


async def somebody(visited: Visit) -> Actor:
    """Who has signed up, as anybody may."""
    mail = f"stranger.{uuid4().hex[:8]}@sample.invalid"
    actor = Actor(visited.services, visited.mailbox, uuid4().hex, "路人（样本 SAMPLE）", mail, "zh")
    await actor.register()
    return actor


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python that is killed in the end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
