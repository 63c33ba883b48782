"""The honest caller: what it does again and again while others attack, how long that takes, and what it is refused."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.cli.actor import Actor
from services.cli.visit import Visit
from services.common.kernel.errors import DomainError
from services.common.rpc.errors import refusal_of

_SECONDS = 30.0
_MAIL_SECONDS = 30.0

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Act:
    """What an honest caller does. ``errands``: longer things, of which one is done before, one during, one after."""

    name: str
    do: Step
    pause: float = 0.01
    errand_name: str = ""
    errands: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """How long it took, in milliseconds; how many succeeded; the errand in seconds."""

    taken: tuple[float, ...]
    succeeded: int
    errand: float | None = None

    def __str__(self) -> str:
        if not self.taken:
            return "nothing was asked"
        errand = "" if self.errand is None else f"; errand {self.errand:.2f} s"
        return f"p50 {self._at(0.5):7.1f}  p99 {self._at(0.99):7.1f} ms, {self.succeeded} of {len(self.taken)}{errand}"

    def _at(self, share: float) -> float:
        return self.taken[int(len(self.taken) * share)]


class Honest:
    """Does an act for a while. ``refused``: what was refused, and how often."""

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()

    async def see(self, act: Act, seconds: float, errand: Step | None = None) -> Seen:
        """Goes on for so many seconds, and once at least."""
        taken, done = await asyncio.gather(self._repeat(act, seconds), self._errand(act, errand))
        times = sorted(duration for duration, _ in taken)
        return Seen(tuple(times), sum(succeeded for _, succeeded in taken), done)

    async def _repeat(self, act: Act, seconds: float) -> list[tuple[float, bool]]:
        taken: list[tuple[float, bool]] = []
        end = time.perf_counter() + seconds
        while not taken or time.perf_counter() < end:
            taken.append(await self._timed(act.name, act.do))
            await asyncio.sleep(act.pause)
        return taken

    async def _errand(self, act: Act, errand: Step | None) -> float | None:
        if errand is None:
            return None
        return (await self._timed(f"{act.name}: {act.errand_name}", errand))[0] / 1000

    async def _timed(self, name: str, step: Step) -> tuple[float, bool]:
        before = time.perf_counter()
        refused = await _refusal(step)
        if refused:
            self.refused[f"{name}: {refused}"] += 1
        return (time.perf_counter() - before) * 1000, not refused


async def _refusal(step: Step) -> str:
    try:
        await step()
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {error.details()}"
    except (DomainError, TimeoutError) as error:
        return str(error) or "nothing came in time"
    return ""


def asking(visited: Visit) -> dict[str, Act]:
    """By service: somebody asks for what is theirs."""
    services, people = visited.services, visited.people
    organisation = identity_pb.GetOrganisationRequest(name=visited.house.intake)
    asks: dict[str, tuple[Actor, Any, Any]] = {
        "identity": (people.officer, services.identity.GetOrganisation, organisation),
        "intake": (people.officer, services.intake.ListMatters, intake_pb.ListMattersRequest()),
        "mediation": (people.case_administrator, services.mediation.ListCases, mediation_pb.ListCasesRequest()),
        "court_link": (people.clerk, services.court_link.ListApplications, court_pb.ListApplicationsRequest()),
        "notify": (people.officer, services.notify.GetPreferences, notify_pb.GetPreferencesRequest()),
    }
    return {service: Act(f"asks {service}", asked(*each)) for service, each in asks.items()}


def asked(actor: Actor, method: Any, request: Any) -> Step:
    """One call as this person, which is not repeated when it is refused."""

    async def ask() -> None:
        await method(request, timeout=_SECONDS, metadata=await actor.metadata())

    return ask


class SigningIn:
    """Somebody who signs in, by turns with the device that is known and, as from elsewhere, without."""

    def __init__(self, visited: Visit, mail: str) -> None:
        self.mail = mail
        self._identity = visited.services.identity
        self._mailbox = visited.mailbox
        self._device = ""
        self._known = False
        self._used: set[str] = set()

    def act(self) -> Act:
        return Act("signs in", self.sign_in, pause=2.0)

    async def sign_in(self) -> None:
        """Asks for a code and gives what came by mail. The first time opens the account."""
        self._known = not self._known and bool(self._device)
        device = self._device if self._known else ""
        start = identity_pb.StartSignInRequest(request_id=str(uuid4()), contact=self.mail, device=device)
        challenge = (await self._identity.StartSignIn(start, timeout=_SECONDS)).challenge.name
        profile = identity_pb.Profile(display_name="失主（样本 SAMPLE）", locale="zh")
        tried: set[str] = set()
        while not tried & self._used:
            code = await self._code(tried)
            tried.add(code)
            complete = identity_pb.CompleteSignInRequest(challenge=challenge, code=code, device=device, profile=profile)
            try:
                answer = await self._identity.CompleteSignIn(complete, timeout=_SECONDS)
            except grpc.aio.AioRpcError as error:
                if refusal_of(error).reason != "CODE_NOT_ACCEPTED":
                    raise
            else:
                self._device = self._device or answer.device
                self._used.add(code)

    async def _code(self, tried: set[str]) -> str:
        """The newest that may be meant: what others ask for comes by mail as well, and a mail does not say who asked."""
        async with asyncio.timeout(_MAIL_SECONDS):
            while True:
                fresh = (code for code in self._mailbox.codes_for(self.mail) if code not in tried | self._used)
                if code := next(fresh, ""):
                    return code
                await asyncio.sleep(0.02)
