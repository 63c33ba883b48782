"""What every stage of a case needs: who takes part, a write at the present version, and waiting for what follows.

Every write's request id follows from the run and the step, so an interrupted run that is started again repeats what was
done and goes on where it stopped.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from comity.common.v1 import money_pb2
from comity.intake.v1 import intake_service_pb2 as intake_pb
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from services.cli.journey.papers import Papers
from services.cli.mailbox import BEGINNING
from services.cli.progress import Narrator
from services.cli.sample_cases import SampleCase, Side
from services.cli.visit import Visit
from services.common.kernel.clock import Clock, SystemClock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.ids import derived_id

T = TypeVar("T")

_DOMAIN = "sample.invalid"
_WAIT_SECONDS = 90.0
_VERSION_TRIES = 8
REMEDIES = "仲裁、行政处理或者向人民法院起诉。Arbitration, the administration, or a lawsuit. (样本 SAMPLE)"
"""What a party whose case ends without a settlement is told it can do (sample wording)."""


class Moves:
    """One case of one run, as its people move it."""

    def __init__(
        self,
        visited: Visit,
        case: SampleCase,
        narrator: Narrator,
        run: str,
        lane: int = 0,
        clock: Clock | None = None,
    ) -> None:
        """``lane`` says which mediator takes the case: nobody can sit in two sessions at once."""
        services, mailbox, people, house = visited.services, visited.mailbox, visited.people, visited.house
        self.case = case
        self.papers = Papers()
        self._clock = clock or SystemClock()
        self._services = services
        self._mailbox = mailbox
        self._people = people
        self._house = house
        self._narrator = narrator
        self._journal = visited.journal
        # Addresses are this run's own, so that any invitation to them is meant, one to an earlier life too.
        self._start = BEGINNING
        self._run = run_of(run, case)
        self._mediator = people.mediators[lane]
        self._mediator_name = house.mediators[lane]
        self._complainant = self._actor(case.complainant)
        self._respondent = self._actor(case.respondent)
        self._matter = ""
        self._mediation_case = ""
        self._parties: dict[str, str] = {}

    def _actor(self, side: Side) -> Actor:
        mail = address_in(self._run, side)
        return Actor(
            self._services, self._mailbox, self._run, side.display_name, mail, side.locale, self._clock, self._journal
        )

    def _sides(self) -> list[tuple[Actor, str]]:
        return [
            (self._complainant, self._parties["complainant"]),
            (self._respondent, self._parties["respondent"]),
        ]

    def _money(self, amount: int) -> money_pb2.Money:
        return money_pb2.Money(currency=self.case.currency, minor_units=amount)

    # A write on each kind of aggregate, at its present version and with a request id of its own.

    async def _matter_step(self, actor: Actor, method: Any, message: Any, *, step: str = "", **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_matter, step=step, name=self._matter, **fields)

    async def _case_step(self, actor: Actor, method: Any, message: Any, **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_case, name=self._mediation_case, **fields)

    async def _case_write(self, actor: Actor, method: Any, message: Any, **fields: Any) -> Any:
        return await self._versioned(actor, method, message, self._get_case, case=self._mediation_case, **fields)

    async def _versioned(
        self,
        actor: Actor,
        method: Any,
        message: Any,
        read: Callable[[Actor], Awaitable[Any]],
        *,
        step: str = "",
        **fields: Any,
    ) -> Any:
        """A write at the version now current; when somebody else was faster, at the next one."""
        for attempt in range(_VERSION_TRIES):
            current = await read(actor)
            request = message(
                request_id=actor.request_id(f"{self._run} {message.DESCRIPTOR.name} {step} {attempt}"),
                version=current.version,
                **fields,
            )
            try:
                return await actor.call(method, request)
            except DomainError as error:
                if error.kind is not ErrorKind.CONFLICT:
                    raise
        raise TimeoutError(f"{message.DESCRIPTOR.name}: the version kept changing")

    async def _repeatable(self, actor: Actor, method: Any, request: Any) -> Any:
        return await actor.call(method, request)

    async def _proven(self, actor: Actor, method: Any, request: Any) -> None:
        """Sends a request with the proof that an earlier life of the program got for it, or with a new one."""
        earlier = actor.earlier(request)
        if earlier is not None:
            try:
                await actor.call(method, earlier)
            except DomainError as refusal:
                if refusal.kind is ErrorKind.UNAVAILABLE:
                    raise
            else:
                return
        request.proof = await actor.prove(request.name, request.frozen_digest)
        await actor.call(method, request)

    # What is waited for, asked as the person it matters to would ask.

    async def _eventually(self, ask: Callable[[], Awaitable[T | None]], seconds: float = _WAIT_SECONDS) -> T:
        end = time.monotonic() + seconds
        pause = 0.02
        while time.monotonic() < end:
            found = await ask()
            if found is not None:
                return found
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.3)
        raise TimeoutError(f"not within {seconds:.0f} s: {getattr(ask, '__name__', 'a reply')}")

    async def _get_matter(self, actor: Actor) -> Any:
        request = intake_pb.GetMatterRequest(name=self._matter)
        return (await actor.call(self._services.intake.GetMatter, request)).matter

    async def _get_case(self, actor: Actor) -> Any:
        request = mediation_pb.GetCaseRequest(name=self._mediation_case)
        return (await actor.call(self._services.mediation.GetCase, request)).case

    async def _in_state(self, state: int) -> bool | None:
        return True if (await self._get_matter(self._complainant)).state == state else None

    async def _document(self, name: str, form: Any) -> bytes:
        request = mediation_pb.DownloadDocumentRequest(document=name, form=form)
        return await self._complainant.download(self._services.mediation.DownloadDocument, request)


def run_of(run: str, case: SampleCase) -> str:
    """What one case of one run is known by."""
    return f"{run} {case.key}"


def address_in(run_of_case: str, side: Side) -> str:
    """The mail address that a side of a case has in a run."""
    return f"{side.mail}.{derived_id(run_of_case).hex[:8]}@{_DOMAIN}"


def due(deadline: Any) -> str:
    """A deadline as it is told: its day, its rule, and whether the day is still provisional."""
    return f"{deadline.due_date} ({deadline.rule}){' PROVISIONAL' if deadline.provisional else ''}"
