"""The relay: moves events from the outbox to the stream, in order, deleting each after the broker has acknowledged it.

One relay per service leads at a time, by an advisory lock on a connection of its own. A crash between acknowledgement
and deletion publishes again; the message id and the consumers' inboxes make that harmless.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.common.kernel.tasks import require_wanted
from services.common.messaging.broker import Broker, nudge_subject
from services.common.storage.database import Database, driver_of
from services.common.telemetry import EVENTS_PUBLISHED, OUTBOX_OLDEST_SECONDS
from services.common.traces import spans

BATCH = 256
POLL_SECONDS = 0.25
PUBLISH_SECONDS = 5.0
GATHER_SECONDS = 0.004
_LEADER = 0x72656C6179
_LOCK = "SELECT pg_try_advisory_lock($1)"
_OLDEST = "SELECT * FROM outbox ORDER BY position LIMIT $1"
_PUBLISHED = "DELETE FROM outbox WHERE position = ANY($1)"


class Relay:
    """Publishes what the service's transactions left in the outbox."""

    _stream: JetStreamContext
    """Of the connection that there is now."""

    def __init__(self, database: Database[Any], broker: Broker) -> None:
        self._engine = database.engine
        self._clock = database.clock
        self._broker = broker
        self._wake = asyncio.Event()
        self._watch = database.surroundings.watch("relay")

    def wake(self) -> None:
        """There is something to publish, here or, by a nudge, on the replica that leads."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. After any failure it begins anew a second later."""
        while True:
            try:
                async with self._nudges(), self._engine.connect() as connection:
                    try:
                        driver = await driver_of(connection)
                        await driver.execute("SET comity.viewer = 'system'")  # It never serves anybody else.
                        await self._lead(driver)
                    finally:
                        # The lock lives as long as its connection: back in the pool it would lock out its own relay.
                        await connection.invalidate()
            except Exception as error:
                await self._watch.failed(error)

    @contextlib.asynccontextmanager
    async def _nudges(self) -> AsyncIterator[None]:
        self._stream = self._broker.client.jetstream()
        subscription = await self._broker.client.subscribe(nudge_subject(self._broker.service), cb=self._nudged)
        try:
            yield
        finally:
            # A connection that has ended took its subscriptions with it.
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def _nudged(self, _message: Msg) -> None:
        self._wake.set()

    async def _lead(self, driver: asyncpg.Connection) -> None:
        while not await self._is_leader(driver):
            self._broker.accepts()
            if self._wake.is_set():
                await self._broker.client.publish(nudge_subject(self._broker.service))
            await self._pause()
        while True:
            self._wake.clear()
            while await self._publish_batch(driver):
                pass
            await self._pause()
            # A busy moment fills the outbox: a few events at once cost what one does.
            await asyncio.sleep(GATHER_SECONDS)

    async def _is_leader(self, driver: asyncpg.Connection) -> bool:
        return bool(await driver.fetchval(_LOCK, _LEADER))

    async def _pause(self) -> None:
        require_wanted()
        # Not wait_for, which before Python 3.12 forgets a cancellation that meets the wake-up.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        self._wake.clear()

    async def _publish_batch(self, driver: asyncpg.Connection) -> bool:
        """Publishes up to a batch; true when there may be more."""
        rows = await driver.fetch(_OLDEST, BATCH)
        self._measure_lag(rows[0]["create_time"] if rows else None)
        if not rows:
            self._worked()
            return False
        # Written in the order of the outbox, acknowledged together: one wait for the broker's disk and not one each.
        await asyncio.gather(*(self._publish(row) for row in rows))
        self._worked()
        EVENTS_PUBLISHED.inc(len(rows))
        await driver.execute(_PUBLISHED, [row["position"] for row in rows])
        return len(rows) == BATCH

    async def _publish(self, row: asyncpg.Record) -> None:
        headers = row["headers"] | {"Nats-Msg-Id": str(row["event_id"])}
        with spans.publishing(row["subject"], headers):
            await self._stream.publish(row["subject"], row["payload"], headers=headers, timeout=PUBLISH_SECONDS)

    def _worked(self) -> None:
        self._broker.accepts()
        self._watch.worked()

    def _measure_lag(self, oldest: datetime | None) -> None:
        age = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        OUTBOX_OLDEST_SECONDS.set(max(age, 0.0))
