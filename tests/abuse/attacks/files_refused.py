"""Files of 2.9 MB for a court's disk: without a right, for what is over, of the wrong kind, beyond what may be supplied."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from comity.court_link.v1 import court_link_service_pb2 as pb
from comity.court_link.v1.court_link_service_pb2_grpc import CourtLinkServiceStub

from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.visit import Visit
from services.court_link.settings import Settings
from tests.abuse.attacks import Found, Scene, Target
from tests.scenarios.played import SIDES, Played

SERVICE = "court_link"
TITLE = "files of 2.9 MB that are refused"
LANES = 4
_PDF = b"%PDF-1.7\n" + bytes(2_900_000)
_SCRIPT = b"#!/bin/sh\n" + bytes(2_900_000)


async def prepare(visited: Visit) -> Scene:
    key = uuid4().hex[:8]
    case = Played(visited, replace(CHINESE, key=key), Narrator(quiet=True), key, 2)
    await case.to_sealed()
    agreement = case.papers.agreement_name
    await case.eligibility(agreement)
    given_up = await case.create_application(agreement)
    given_up = await case.on_application(
        case.complainant, "WithdrawApplication", given_up, party=case.parties["complainant"]
    )
    full = await _full(case, visited, agreement)
    assert visited.suite is not None
    folder = visited.suite.layout.objects(SERVICE)
    before = _stored(folder)
    given = {
        "over": [given_up.name, given_up.version],
        "full": [full.name, full.version],
        "party": await case.complainant.metadata(),
    }

    def found() -> Found:
        more = _stored(folder) - before
        return Found(f"{more} bytes stored", (f"{more} bytes stored of what was refused",) if more else ())

    return Scene(given, found=found)


async def _full(case: Played, visited: Visit, agreement: str) -> Any:
    """An application for which the court asks for more, and no room is left for another large file."""
    application = await case.create_application(agreement)
    for side in SIDES:
        application = await case.consent(application, side)
    name = application.name
    application = await case.until(lambda: case.filed(name))
    for _ in range(_room(visited) // len(_PDF)):
        application = await _required(case, visited, application)
        application = await case.on_application(
            case.complainant, "SupplyMaterial", application, title="样本 SAMPLE", content=_PDF
        )
    return await _required(case, visited, application)


async def _required(case: Played, visited: Visit, application: Any) -> Any:
    clerk = visited.people.clerk
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    return await case.on_application(clerk, "RequireSupplement", application, materials="样本 SAMPLE", due_date=soon)


def _room(visited: Visit) -> int:
    """Bytes for one application in all: as set, or as it is by default."""
    assert visited.suite is not None
    default = Settings.model_fields["material_bytes_of_application"].default
    return int(visited.suite.service_environment(SERVICE).get("COMITY_MATERIAL_BYTES_OF_APPLICATION", default))


def _stored(folder: Any) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def attack(target: Target) -> None:
    court = CourtLinkServiceStub(await target.channel(SERVICE))  # type: ignore[no-untyped-call]
    party = tuple((key, value) for key, value in target.given["party"])
    over, full = target.given["over"], target.given["full"]
    kinds = ((full, target.account, _PDF), (over, party, _PDF), (full, party, _SCRIPT), (full, party, _PDF))

    async def lane(index: int) -> None:
        (name, version), caller, content = kinds[index % len(kinds)]
        request = pb.SupplyMaterialRequest(name=name, version=version, title="样本 SAMPLE", content=content)

        def supply() -> Any:
            request.request_id = str(uuid4())
            return court.SupplyMaterial(request, metadata=caller, timeout=30)

        await target.again_and_again(supply)

    await asyncio.gather(*(lane(index) for index in range(LANES)))
