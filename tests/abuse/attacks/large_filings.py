"""Filings of half a megabyte, all within the rules, ten a second, while the office lists what has come."""

import asyncio
from typing import Any
from uuid import uuid4

from comity.common.v1 import party_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2

from tests.abuse.attacks import Target

SERVICE = "intake"
TITLE = "filings of 0.55 MB, ten a second"
_A_SECOND, _LANES = 10, 20
_METHOD = "/comity.intake.v1.IntakeService/FileMatter"


def filing(organisation: str) -> pb.FileMatterRequest:
    """As large as the rules let it be."""
    person = party_pb2.PartyParticulars(
        display_name="样本 SAMPLE", kind=party_pb2.PARTY_KIND_NATURAL_PERSON, locale="zh"
    )
    return pb.FileMatterRequest(
        request_id=str(uuid4()),
        organisation=organisation,
        kind=matter_pb2.MATTER_KIND_COMPLAINT,
        channel=matter_pb2.CHANNEL_WEB,
        subject_matter="CONSUMER",
        facts="长" * 20_000,
        request="长" * 1000,
        source_facts={f"k{number}": "长" * 4000 for number in range(40)},
        complainant=person,
        respondent=person,
        sample=True,
    )


async def attack(target: Target) -> None:
    call = (await target.channel(SERVICE)).unary_unary(_METHOD)

    async def lane(index: int) -> None:
        await asyncio.sleep(index / _A_SECOND)
        while True:
            await asyncio.gather(target.once(_file), asyncio.sleep(_LANES / _A_SECOND))

    def _file() -> Any:
        body = filing(target.house["intake"]).SerializeToString()
        return call(body, metadata=target.account, timeout=30)

    await asyncio.gather(*(lane(index) for index in range(_LANES)))
