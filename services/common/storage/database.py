"""The database of one service: an engine, and transactions that carry their viewer."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.common.kernel.clock import Clock
from services.common.kernel.principal import Principal
from services.common.storage.replies import Claim
from services.common.storage.transaction import EventEncoder, LawBooks, Transaction

T = TypeVar("T", bound=Transaction)

TransactionFactory = Callable[[AsyncConnection, EventEncoder, LawBooks, datetime, Principal], T]

_LIMITS = {
    "application_name": "comity",
    "statement_timeout": "10000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "30000",
    "jit": "off",
}


def create_engine(url: str, connections: int) -> AsyncEngine:
    """An engine whose statements, lock waits and idle transactions are bounded (10 s, 5 s, 30 s)."""
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=False,
        hide_parameters=True,  # A failed statement is logged without the names and contacts it carried.
        connect_args={"server_settings": _LIMITS, "timeout": 5},
    )


class Wakers:
    """Called after a commit that left something to publish or to run."""

    def __init__(self) -> None:
        self.on_events: list[Callable[[], None]] = []
        self.on_jobs: list[Callable[[], None]] = []


class Database(Generic[T]):
    """Opens transactions of the service's own type."""

    def __init__(
        self,
        engine: AsyncEngine,
        factory: TransactionFactory[T],
        encoder: EventEncoder,
        books: LawBooks,
        clock: Clock,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.wakers = Wakers()
        self._factory = factory
        self._encoder = encoder
        self._books = books

    @asynccontextmanager
    async def transaction(self, caller: Principal, asked: Claim | None = None) -> AsyncIterator[T]:
        """A transaction seen as ``caller``, serving ``asked``: commits on leaving, rolls back on any exception."""
        async with self.engine.begin() as connection:
            tx = self._factory(connection, self._encoder, self._books, self.clock.now(), caller)
            await tx.open(asked)
            yield tx
            pending = await tx.flush()
        for wake in (self.wakers.on_events if pending.events else []) + (self.wakers.on_jobs if pending.jobs else []):
            wake()

    async def ready(self) -> bool:
        """Whether the database answers and holds this service's tables."""
        async with self.engine.connect() as connection:
            return bool((await connection.execute(text("SELECT to_regclass('event_log') IS NOT NULL"))).scalar())
