"""Terms of 200 obligations with 400 instalments each, and of as many as are allowed, for a case that does not exist."""

import asyncio
from uuid import uuid4

from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1 import terms_pb2

from tests.abuse.attacks import Target

SERVICE = "mediation"
TITLE = "terms of 80,000 and of 500 instalments"
LANES = 4
_METHOD = "/comity.mediation.v1.MediationService/ValidateTerms"


def request(obligations: int, instalments: int) -> bytes:
    """A request for a case that does not exist."""
    party = f"parties/{uuid4()}"
    part = terms_pb2.Instalment(due_date="2026-12-31", amount={"currency": "CNY", "minor_units": 1})
    one = terms_pb2.Obligation(
        obligor=party, obligee=party, amount={"currency": "CNY", "minor_units": 1}, instalments=[part] * instalments
    )
    terms = terms_pb2.Terms(obligations=[one] * obligations)
    return pb.ValidateTermsRequest(case=f"cases/{uuid4()}", terms=terms).SerializeToString()


async def attack(target: Target) -> None:
    bodies = (request(200, 400), request(100, 5))
    call = (await target.channel(SERVICE)).unary_unary(_METHOD)
    await asyncio.gather(
        *(
            target.again_and_again(lambda body=bodies[lane % 2]: call(body, metadata=target.account, timeout=30))  # type: ignore[misc]
            for lane in range(LANES)
        )
    )
