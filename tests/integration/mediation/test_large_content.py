"""Content as large as the rules let it be: read to the end page by page, and refused cheaply where it is about nothing."""

from uuid import UUID, uuid4

import pytest
from comity.mediation.v1 import case_pb2, terms_pb2

from tests.integration.mediation.running import Mediation, refusal

NOTES = 60
TEXT = "长" * 19_990


async def test_notes_of_any_length_are_read_to_the_last(mediation: Mediation) -> None:
    name = await mediation.opened()
    for number in range(NOTES):
        await mediation.call(
            "AddItem",
            mediation.mediator,
            case=name,
            compartment=case_pb2.COMPARTMENT_SHARED,
            text=f"{number:04d}{TEXT}",
        )
    read, token, pages = [], "", 0
    while True:
        page = await mediation.call("ListItems", mediation.mediator, case=name, page_size=200, page_token=token)
        read += [each.text[:4] for each in page.items]
        token, pages = page.next_page_token, pages + 1
        if not token:
            break
    assert read == [f"{number:04d}" for number in range(NOTES)]
    assert pages > 1, "else nothing was tried"


@pytest.mark.parametrize(
    ("obligations", "instalments", "reason"),
    [
        (100, 5, "NOT_FOUND"),
        (200, 400, "REQUEST_TOO_LARGE"),
        (5, 399, "TOO_MANY_PARTS"),
        (201, 1, "MALFORMED_REQUEST"),
    ],
)
async def test_terms_for_a_case_that_is_not_there(
    mediation: Mediation, obligations: int, instalments: int, reason: str
) -> None:
    asked = mediation.call("ValidateTerms", uuid4(), case=f"cases/{uuid4()}", terms=terms(obligations, instalments))
    assert await refusal(asked) == reason


async def test_who_sends_parts_without_end_has_to_wait_and_nobody_else(mediation: Mediation) -> None:
    async def asks(who: UUID, obligations: int, instalments: int) -> str:
        request = {"case": f"cases/{uuid4()}", "terms": terms(obligations, instalments)}
        return await refusal(mediation.call("ValidateTerms", who, **request))

    one, other = uuid4(), uuid4()
    assert await asks(one, 5, 399) == "TOO_MANY_PARTS"
    assert await asks(one, 1, 1) == "TOO_MUCH_WORK"
    assert await asks(other, 1, 1) == "NOT_FOUND"


def terms(obligations: int, instalments: int) -> terms_pb2.Terms:
    party = f"parties/{uuid4()}"
    part = terms_pb2.Instalment(due_date="2026-12-31", amount={"currency": "CNY", "minor_units": 1})
    one = terms_pb2.Obligation(
        obligor=party, obligee=party, amount={"currency": "CNY", "minor_units": 1}, instalments=[part] * instalments
    )
    return terms_pb2.Terms(obligations=[one] * obligations)
