"""Matters as large as the rules let them be: an office still sees all of them, and reads each one."""

from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2

from tests.integration.intake.conftest import Intake, a_filing

COUNT = 12
FACTS = "长" * 20_000


async def test_a_few_large_filings_blind_no_office(intake: Intake) -> None:
    filed = []
    for number in range(COUNT):
        request = a_filing(intake.organisation)
        request.facts, request.request = FACTS, f"第 {number} 件"
        request.source_facts.update({f"k{each}": "长" * 4000 for each in range(40)})
        filed.append((await intake.call("FileMatter", request, intake.as_person(intake.complainant))).matter)
    seen = await _listed(intake, intake.as_officer())
    assert [each.name for each in seen] == [matter.name for matter in reversed(filed)]
    for each in seen:
        assert (each.facts, each.request, dict(each.source_facts), list(each.contacts)) == ("", "", {}, [])
        assert each.parties and each.number, "what tells one from another is there"
    whole = await intake.get(filed[0].name, intake.as_officer())
    assert (whole.facts, len(whole.source_facts)) == (FACTS, 40)
    assert len(await _listed(intake, intake.as_person(intake.complainant))) == COUNT


async def _listed(intake: Intake, caller: object) -> list[matter_pb2.Matter]:
    found: list[matter_pb2.Matter] = []
    token = ""
    while True:
        request = pb.ListMattersRequest(page_size=200, page_token=token)
        page = await intake.call("ListMatters", request, caller)
        found += page.matters
        token = page.next_page_token
        if not token:
            return found
