"""Some hundred random and mutated calls of every service; ``make abuse`` makes forty thousand."""

import os
from contextlib import AsyncExitStack
from uuid import uuid4

import grpc
import pytest
from comity.mediation.v1 import case_pb2

from services.cli.progress import Narrator
from services.cli.sample_cases import CHINESE
from services.cli.visit import Visit
from services.common.rpc.client import ServiceCredential
from tests.abuse.fuzz import Caller, World, fuzz
from tests.integration.rpc.conftest import Peopled
from tests.kit.suite import SERVICES
from tests.scenarios.mediated import Mediated

CALLS = int(os.environ.get("COMITY_FUZZ_CALLS", "600"))
SEED = int(os.environ.get("COMITY_FUZZ_SEED", "7"))


@pytest.mark.timeout(900)
async def test_nothing_that_anybody_sends_is_a_fault_of_ours(
    peopled: Peopled, capsys: pytest.CaptureFixture[str]
) -> None:
    async with AsyncExitStack() as stack:
        world = await _world(peopled, stack)
        findings = await fuzz(world, SEED, CALLS)
    logged = capsys.readouterr().out
    print(findings)
    assert findings.faults == []
    assert findings.codes["OK"] > 0
    assert "call_failed" not in logged, "nor of a service that another one asked on the way"


async def _world(peopled: Peopled, stack: AsyncExitStack) -> World:
    suite, people = peopled.suite, peopled.people
    house = peopled.house
    visit = Visit(suite.services, suite.mailbox, people, house)
    case = Mediated(visit, CHINESE, Narrator(quiet=True), uuid4().hex, 0, suite.clock)
    await case.to_open()
    item = await case.note(case.mediator, "样本 SAMPLE", case_pb2.COMPARTMENT_SHARED)
    callers: dict[str, Caller] = {"nobody": _nobody}
    for person in (people.administrator, people.officer, people.case_administrator, people.clerk, people.judge):
        callers[person.email] = person.metadata
    for person in (case.mediator, case.complainant, case.respondent):
        callers[person.email] = person.metadata
    for service in SERVICES:
        credential = ServiceCredential(suite.services.identity, service, f"secret of {service}", suite.clock)
        callers[f"service {service}"] = credential.metadata
    channels = {
        name: await stack.enter_async_context(grpc.aio.insecure_channel(suite.settings[name].listen))
        for name in SERVICES
    }
    names = {
        "organisations": [house.intake, house.mediation, house.court_organisation],
        "mediators": house.mediators,
        "courts": [house.court],
        "accounts": [case.complainant.account, case.mediator.account],
        "matters": [case.matter],
        "parties": sorted(case.parties.values()),
        "cases": [case.name],
        "items": [item.name],
    }
    return World(channels, callers, names)


async def _nobody() -> tuple[tuple[str, str], ...]:
    return ()
