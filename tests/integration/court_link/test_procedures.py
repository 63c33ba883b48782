"""A referral carries the procedure in which the court tries what it entrusts (法释〔2016〕14号第27条)."""

from typing import Any
from uuid import uuid4

import pytest
from comity.common.v1 import party_pb2
from comity.court_link.v1 import court_pb2

from tests.integration.court_link.world import XUANWU, Bench, World

DELEGATED, ENTRUSTED = court_pb2.REFERRAL_KIND_DELEGATED, court_pb2.REFERRAL_KIND_ENTRUSTED
NONE, ORDINARY, SUMMARY = court_pb2.TrialProcedure.values()


def asked(bench: Bench, organisation: str, kind: int, procedure: int) -> dict[str, Any]:
    def person(name: str, number: str) -> party_pb2.PartyParticulars:
        return party_pb2.PartyParticulars(
            display_name=name, kind=1, identity_number=number, phone="+8613900000000", locale="zh"
        )

    return {
        "court": bench.court.name,
        "organisation": organisation,
        "kind": kind,
        "docket_number": "（2026）样0102民初1号",
        "subject_matter": "SHOPPING",
        "facts": "样本 SAMPLE",
        "request": "样本 SAMPLE",
        "claimant": person("王样本", "320102199001010011"),
        "respondent": person("李样本", "320102199001010038"),
        "procedure": procedure,
        "sample": True,
    }


@pytest.mark.parametrize(
    ("kind", "given", "carried"),
    [
        (ENTRUSTED, SUMMARY, SUMMARY),
        (ENTRUSTED, ORDINARY, ORDINARY),
        (ENTRUSTED, NONE, ORDINARY),
        (DELEGATED, NONE, NONE),
    ],
)
async def test_a_referral_carries_its_procedure(world: World, kind: int, given: int, carried: int) -> None:
    bench = await world.bench(XUANWU)
    fields = asked(bench, f"organisations/{uuid4()}", kind, given)
    referral = (await world.call(bench.clerk, "CreateReferral", **fields)).referral
    assert referral.procedure == carried


async def test_what_is_not_filed_has_no_procedure(world: World) -> None:
    bench = await world.bench(XUANWU)
    fields = asked(bench, f"organisations/{uuid4()}", DELEGATED, SUMMARY)
    refused = await world.refusal(bench.clerk, "CreateReferral", **fields)
    assert (refused.reason, refused.field) == ("PROCEDURE_UNSUITABLE", "procedure")
