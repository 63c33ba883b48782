"""What every aggregate's repository does with its row: insert it, or update it at the version it was loaded at."""

from typing import Any

import asyncpg
from sqlalchemy import Table

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
from services.common.storage.statement import inserting, saving
from services.common.storage.transaction import Transaction


async def save(tx: Transaction, aggregate: Aggregate, table: Table, values: dict[str, Any]) -> None:
    """Logs the aggregate's events and writes its row; without events nothing changed and nothing is written.

    Raises STALE_VERSION (CONFLICT) when somebody was faster.
    """
    if not aggregate.events:
        return
    loaded = aggregate.version
    tx.record(aggregate, table.name)
    row = {**values, "version": aggregate.version, "head": aggregate.head}
    try:
        if loaded == 0:
            await inserting(table, ("id", *row)).run(tx.driver, id=aggregate.id, **row)
            return
        saved = saving(table, tuple(row))
        written = await saved.run(tx.driver, saved_id=aggregate.id, loaded_version=loaded, **row)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise changed_meanwhile() from error
    if not written:
        raise changed_meanwhile()
