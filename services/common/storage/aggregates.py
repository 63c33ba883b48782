"""The row of an aggregate: inserted once, then updated at the version it was loaded at. The version guard is here."""

from typing import Any

from sqlalchemy import Table

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
from services.common.storage.statement import inserting, saving
from services.common.storage.transaction import Transaction


async def add(tx: Transaction, table: Table, collection: str, aggregate: Aggregate, values: dict[str, Any]) -> None:
    """A new one with its events. ``collection`` is the aggregate's type in the log; ``values`` the columns of its own."""
    tx.record(aggregate, collection)
    row = {"id": aggregate.id, **_moved(aggregate), **values}
    if "organisation_id" in table.c:
        row["organisation_id"] = aggregate.organisation_id
    await inserting(table, tuple(row)).run(tx.driver, **row)


async def save(tx: Transaction, table: Table, collection: str, aggregate: Aggregate, values: dict[str, Any]) -> None:
    """What changed, with its events. Raises STALE_VERSION when somebody else saved it since it was loaded."""
    loaded = aggregate.version
    tx.record(aggregate, collection)
    row = {**_moved(aggregate), **values}
    written = await saving(table, tuple(row)).run(tx.driver, saved_id=aggregate.id, loaded_version=loaded, **row)
    if not written:
        raise changed_meanwhile()


def _moved(aggregate: Aggregate) -> dict[str, Any]:
    return {"version": aggregate.version, "head": aggregate.head}
