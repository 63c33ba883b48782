"""The largest agreements, frozen, given up and revised over and over, while a party of another case reads and signs."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

from comity.mediation.v1 import agreement_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub

from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.visit import Visit
from tests.abuse.attacks import Scene, Target
from tests.abuse.honest import Act, Step, asked
from tests.kit.largest_terms import fill
from tests.scenarios.mediated import SIDES, Mediated

SERVICE = "mediation"
TITLE = "largest papers drawn again and again"
_GIVEN_UP_SECONDS = 0.5
_PAUSE_SECONDS = 0.1


async def prepare(visited: Visit) -> Scene:
    honest, attacking = _case(visited, 0), _case(visited, 1)
    signing_round, agreement = await asyncio.gather(honest.to_frozen(), _drafted(attacking))
    given = {
        "agreement": agreement.name,
        "case": attacking.name,
        "mediator": await attacking.mediator.metadata(),
        "terms": base64.b64encode(agreement.terms.SerializeToString()).decode(),
    }
    reading = asked(
        honest.complainant,
        visited.services.mediation.GetAgreement,
        pb.GetAgreementRequest(name=signing_round.agreement),
    )
    return Scene(given, Act("reads its agreement", reading, 0.01, "signs", _signatures(honest, signing_round)))


def _case(visited: Visit, lane: int) -> Mediated:
    key = uuid4().hex[:8]
    return Mediated(visited, replace(CHINESE, key=key), Narrator(quiet=True), key, lane)


async def _drafted(case: Mediated) -> Any:
    await case.to_open()
    terms = fill(case.terms(CHINESE.countered))
    offer = await case.offer_of("complainant", terms)
    await case.respond(case.respondent, offer, "respondent")
    return await case.draft(terms)


def _signatures(case: Mediated, signing_round: Any) -> list[Step]:
    """One of each side, then the mediator's: from the proof to the signature in the file."""

    def signature(actor: Any, slot: str) -> Step:
        async def sign() -> None:
            await case.sign_for(actor, signing_round, slot)
            await case.slot_signed(signing_round.name, slot)

        return sign

    sides = [signature(case.of(side), case.slot(signing_round, side)) for side in SIDES]
    return [*sides, signature(case.mediator, "mediator")]


async def attack(target: Target) -> None:
    mediation = MediationServiceStub(await target.channel(SERVICE))  # type: ignore[no-untyped-call]
    mediator = tuple((key, value) for key, value in target.given["mediator"])
    terms = base64.b64decode(target.given["terms"])

    def calling(method: str, seconds: float, **fields: Any) -> Callable[[], Any]:
        request = getattr(pb, f"{method}Request")(**fields)
        return lambda: getattr(mediation, method)(request, metadata=mediator, timeout=seconds)

    drawing = _Drawing(target, calling, pb.ValidateTermsRequest(case=target.given["case"]).terms.FromString(terms))
    texts = calling("ValidateTerms", 30, case=target.given["case"], terms=drawing.terms)
    await asyncio.gather(
        drawing.anew(), drawing.given_up(), drawing.given_up(), target.again_and_again(texts, _PAUSE_SECONDS)
    )


class _Drawing:
    """One agreement, whose text is another one whenever it was drawn."""

    def __init__(self, target: Target, calling: Any, terms: Any) -> None:
        self.terms = terms
        self._target = target
        self._calling = calling
        self._name = target.given["agreement"]
        self._version = 1

    async def anew(self) -> None:
        for number in count():
            await asyncio.sleep(_PAUSE_SECONDS)
            found = await self._target.once(self._calling("GetAgreement", 30, name=self._name))
            if found is None:
                continue
            self._version = found.agreement.version
            this = {"request_id": str(uuid4()), "name": self._name, "version": self._version}
            if found.agreement.state == agreement_pb2.AGREEMENT_STATE_FROZEN:
                self.terms.costs = f"样本 SAMPLE {number}"
                await self._target.once(self._calling("ReviseAgreement", 30, terms=self.terms, **this))
            else:
                await self._target.once(self._calling("FreezeAgreement", 30, **this))

    async def given_up(self) -> None:
        while True:
            this = {"request_id": str(uuid4()), "name": self._name, "version": self._version}
            await self._target.once(self._calling("FreezeAgreement", _GIVEN_UP_SECONDS, **this))
            await asyncio.sleep(_PAUSE_SECONDS)
