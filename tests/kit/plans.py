"""What PostgreSQL reads for a statement, beside what it answers."""

import json
from collections.abc import Iterator
from copy import copy
from typing import Any

import asyncpg

from services.common.storage.statement import Statement


async def rows_read(url: str, viewer: str, table: str, statement: Statement, **values: object) -> int:
    """How many rows of the table are read for the viewer, those included that a filter then takes out."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")  # In a table as small as a test's it would do.
            await connection.execute("SELECT set_config('comity.viewer', $1, true)", viewer)
            asked = copy(statement)
            asked.sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}"
            (plan,) = json.loads(await asked.value(connection, **values))
            return round(sum(_touched(node, table) for node in _nodes(plan["Plan"])))
    finally:
        await connection.close()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _touched(node: dict[str, Any], table: str) -> float:
    if node.get("Relation Name") != table:
        return 0
    taken_out = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return float(node["Actual Loops"] * (node["Actual Rows"] + taken_out))
