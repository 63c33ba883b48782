"""The time of a list tells nothing of what it hides: the database does not read a hidden item, not even to pass over it."""

from typing import Any
from uuid import UUID

from comity.mediation.v1 import case_pb2

from services.common.storage.statement import paging
from services.mediation.domain.item import SHARED_SHELF, party_shelf
from services.mediation.domain.vocabulary import Compartment
from services.mediation.storage.items import ON_SHELVES
from services.mediation.storage.tables import items
from tests.integration.mediation.running import Mediation
from tests.kit.plans import rows_read

HIDDEN, SHARED = 40, 3
_FIRST = UUID(int=0)


async def test_a_hidden_item_is_not_read_for_a_list_that_does_not_show_it(mediation: Mediation) -> None:
    case, mine = await mediation.opened(), f"parties/{mediation.party_a}"
    for _ in range(SHARED):
        await _write(mediation, case, case_pb2.COMPARTMENT_SHARED)
    for _ in range(HIDDEN):
        await _write(mediation, case, case_pb2.COMPARTMENT_CAUCUS, party=mine)
    seen = (await mediation.call("ListItems", mediation.respondent, case=case)).items
    assert len(seen) == SHARED
    own = [party_shelf(each, mediation.party_b) for each in (Compartment.CAUCUS, Compartment.PARTY_PRIVATE)]
    id = UUID(case.partition("/")[2])
    looking = mediation.database.url, f"accounts/{mediation.respondent}", "items"
    by_shelf = {"case": id, "shelves": [SHARED_SHELF, *own], "after": _FIRST, "size": 21}
    assert await rows_read(*looking, ON_SHELVES, **by_shelf) == SHARED
    by_case = {"case_id": id, "page_after": _FIRST, "page_size": 21}
    assert await rows_read(*looking, paging(items, ("case_id",)), **by_case) == SHARED + HIDDEN, (
        "else nothing is proven"
    )


async def _write(mediation: Mediation, case: str, compartment: int, **fields: Any) -> None:
    await mediation.call("AddItem", mediation.complainant, case=case, compartment=compartment, text="样本", **fields)
