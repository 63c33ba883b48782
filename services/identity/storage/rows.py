"""What every aggregate's repository does with its row: insert it, or update it at the version it was loaded at."""

from typing import Any

import asyncpg

from services.common.kernel.errors import changed_meanwhile
from services.common.kernel.events import Aggregate
from services.common.storage import aggregates
from services.common.storage.content import Kind
from services.common.storage.transaction import Transaction


async def save(
    tx: Transaction, aggregate: Aggregate, kind: Kind, values: dict[str, Any], parts: aggregates.Parts | None = None
) -> None:
    """Logs the aggregate's events and writes its row; without events nothing changed and nothing is written.

    Raises STALE_VERSION (CONFLICT) when somebody was faster.
    """
    if not aggregate.events:
        return
    write = aggregates.save if aggregate.version else aggregates.add
    try:
        await write(tx, kind, aggregate, values, parts or {})
    except asyncpg.IntegrityConstraintViolationError as error:
        raise changed_meanwhile() from error
