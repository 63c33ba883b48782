"""The row of an aggregate: inserted once, then updated at the version it was loaded at. The version guard is here, and
what the log says of the row's content.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
from services.common.kernel.steps import breathe
from services.common.storage.content import Kind, Values
from services.common.storage.statement import inserting, saving
from services.common.storage.transaction import Transaction

Parts = Mapping[str, Iterable[Values]]
_NONE: Parts = {}


async def add(
    tx: Transaction, kind: Kind, aggregate: Aggregate, values: Mapping[str, Any], parts: Parts = _NONE
) -> None:
    """A new one with its events. ``values``: the columns of its own; ``parts``: the rows that it has elsewhere."""
    await breathe()
    tx.record(aggregate, kind.collection, kind.digest(_content(kind, aggregate, values), parts))
    await breathe()
    row = {**_content(kind, aggregate, values), **_moved(aggregate)}
    await inserting(kind.table, tuple(row)).run(tx.driver, **row)


async def add_unless_there(
    tx: Transaction, kind: Kind, aggregate: Aggregate, values: Mapping[str, Any], parts: Parts = _NONE
) -> bool:
    """``add``; false, and nothing is logged, when one with its id or another of its keys is there already."""
    mark = tx.mark()
    tx.record(aggregate, kind.collection, kind.digest(_content(kind, aggregate, values), parts))
    row = {**_content(kind, aggregate, values), **_moved(aggregate)}
    if await inserting(kind.table, tuple(row), anew=False).run(tx.driver, **row):
        return True
    tx.forget_since(mark)
    return False


async def save(
    tx: Transaction,
    kind: Kind,
    aggregate: Aggregate,
    values: Mapping[str, Any],
    parts: Parts = _NONE,
    *,
    lasting: Mapping[str, Any] | None = None,
) -> None:
    """What changed, with its events. ``lasting``: columns that never change, and are not written again.

    Raises STALE_VERSION when somebody else saved it since it was loaded.
    """
    loaded = aggregate.version
    content = _content(kind, aggregate, {**(lasting or {}), **values})
    await breathe()
    tx.record(aggregate, kind.collection, kind.digest(content, parts))
    await breathe()
    row = {**_moved(aggregate), **values}
    written = await saving(kind.table, tuple(row)).run(tx.driver, saved_id=aggregate.id, loaded_version=loaded, **row)
    if not written:
        raise changed_meanwhile()


def _content(kind: Kind, aggregate: Aggregate, values: Mapping[str, Any]) -> dict[str, Any]:
    content = {"id": aggregate.id, **values}
    if "organisation_id" in kind.table.c:
        content["organisation_id"] = aggregate.organisation_id
    return content


def _moved(aggregate: Aggregate) -> dict[str, Any]:
    return {"version": aggregate.version, "head": aggregate.head}
