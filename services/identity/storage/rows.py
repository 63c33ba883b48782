"""What every aggregate's repository does with its row: insert it, or update it at the version it was loaded at."""

from typing import Any

from sqlalchemy import Table, insert, update
from sqlalchemy.exc import IntegrityError

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
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
            await tx.connection.execute(insert(table).values(id=aggregate.id, **row))
            return
        mine = (table.c.id == aggregate.id) & (table.c.version == loaded)
        done = await tx.connection.execute(update(table).where(mine).values(**row))
    except IntegrityError as error:
        raise changed_meanwhile() from error
    if done.rowcount != 1:
        raise changed_meanwhile()
