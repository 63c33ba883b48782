"""The time of a list tells nothing of what it hides: the database does not read a hidden item, not even to pass over it."""

import json
from collections.abc import Iterator
from copy import copy
from typing import Any
from uuid import UUID

import asyncpg
from comity.mediation.v1 import case_pb2

from services.common.storage.statement import Statement, paging
from services.mediation.domain.item import SHARED_SHELF, party_shelf
from services.mediation.domain.vocabulary import Compartment
from services.mediation.storage.items import ON_SHELVES
from services.mediation.storage.tables import items
from tests.integration.mediation.running import Mediation

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
    by_shelf = {"case": id, "shelves": [SHARED_SHELF, *own], "after": _FIRST, "size": 21}
    assert await _read(mediation, ON_SHELVES, **by_shelf) == SHARED
    by_case = {"case_id": id, "page_after": _FIRST, "page_size": 21}
    assert await _read(mediation, paging(items, ("case_id",)), **by_case) == SHARED + HIDDEN, "else nothing is proven"


async def _write(mediation: Mediation, case: str, compartment: int, **fields: Any) -> None:
    await mediation.call("AddItem", mediation.complainant, case=case, compartment=compartment, text="样本", **fields)


async def _read(mediation: Mediation, statement: Statement, **values: object) -> int:
    """How many items the database reads for the respondent, those included that a filter then takes out."""
    connection = await asyncpg.connect(mediation.database.url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")  # In a table as small as this one it would do.
            await connection.execute(f"SELECT set_config('comity.viewer', 'accounts/{mediation.respondent}', true)")
            asked = copy(statement)
            asked.sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
            (plan,) = json.loads(await asked.value(connection, **values))
            return round(sum(_touched(node) for node in _nodes(plan["Plan"])))
    finally:
        await connection.close()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _touched(node: dict[str, Any]) -> float:
    if node.get("Relation Name") != "items":
        return 0
    taken_out = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return float(node["Actual Loops"] * (node["Actual Rows"] + taken_out))
