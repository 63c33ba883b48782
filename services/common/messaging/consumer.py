"""The consumer: applies another service's events exactly once.

Inbox row and effect commit together, the acknowledgement follows; a second delivery finds the inbox row. An event may be
put off and then be overtaken by a later one of the same aggregate: a reaction that only wants the newest of something
says of what (``Reaction.newest_of``). The delay of the next try is computed from the number of deliveries.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

import nats.errors
import structlog
from google.protobuf.message import DecodeError, Message
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.common.kernel.errors import ErrorKind
from services.common.kernel.tasks import finish, require_wanted
from services.common.messaging.broker import Broker, stream_name
from services.common.messaging.dead_letters import park
from services.common.messaging.waiting_events import WaitingEvents, time_of
from services.common.storage import failed_jobs
from services.common.storage.database import Database
from services.common.storage.jobs import Job, JobKind, Record, Worker
from services.common.storage.retry import Retry, reason_of, retry_after
from services.common.storage.transaction import SYSTEM, Transaction
from services.common.telemetry import DEAD_LETTERS, EVENTS_APPLIED
from services.common.traces import spans

log = structlog.get_logger()
T = TypeVar("T", bound=Transaction)

MAX_DELIVERIES = 10
BATCH = 64
PARALLEL = 16
"""Events in work at once."""
DRAIN_SECONDS = 10.0
EXPIRES_SECONDS = 2.0
"""How long a request for events stands. One that a restarted server has forgotten is made again after it."""
LONGEST_WAIT_SECONDS = 5.0
"""Between tries of an event whose sender is away: about as long as a restart takes."""
LONGEST_WAITED = timedelta(days=21)
"""After which an event that still waits for something is parked: after 30 days its stream would drop it unseen."""
WAITED_TOO_LONG = "WAITED_TOO_LONG"
INBOX_KEPT = timedelta(days=60)
HOPELESS = frozenset({ErrorKind.INVALID})
"""What was sent will not become right by itself. What is not found now may be on its way: events come in any order."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers say of an event. ``aggregate`` is ``type/id``; ``version`` that of the aggregate, ``hash`` the
    event's in the log of its service.
    """

    event_id: UUID
    aggregate: str
    version: int
    time: datetime
    source: str
    subject: str
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Reaction(Generic[T]):
    """What a service does about one kind of event.

    ``prepare`` runs first, outside any transaction, to pull what the event names by digest; its result is handed to
    ``apply``. An UNAVAILABLE refusal there is retried for as long as it takes; an INVALID one is
    parked at once, because what was sent will not become right by itself. ``later``: it takes long, so that the event
    only queues a job that does both.

    ``newest_of`` names the state that an event carries of its aggregate; one older than the last applied of that state
    is passed over. Without it every event counts, in whatever order they come: two parties invited are two events.
    """

    message: type[Message]
    apply: Callable[[T, Any, Envelope, Any], Awaitable[None]]
    prepare: Callable[[Any], Awaitable[Any]] | None = None
    later: bool = False
    newest_of: Callable[[Any], str] | None = None


class Consumer(Generic[T]):
    """One durable consumer on the stream of one publishing service."""

    def __init__(
        self,
        broker: Broker,
        database: Database[T],
        source: str,
        reactions: Mapping[str, Reaction[T]],
        known: timedelta = INBOX_KEPT,
    ) -> None:
        """``reactions`` maps event types (``matter.forwarded``) of ``source`` to what is done about them. ``known``: how
        long an applied event is known; of an older one nobody can say whether it was applied, so that it is parked.
        """
        self._known = known
        self._waiting = WaitingEvents(source)
        self._broker = broker
        self._database = database
        self.source = source
        broker.sources.add(source)
        self._surroundings = database.surroundings
        self._watch = self._surroundings.watch(f"events of {source}")
        self._job = f"react_to_{source}"
        self._slots = asyncio.Semaphore(PARALLEL)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._reactions = {f"comity.{source}.v1.{kind}": reaction for kind, reaction in reactions.items()}

    async def run(self) -> None:
        """Until cancelled; then gives the events under way their time. After any failure it begins anew a second later."""
        try:
            while True:
                try:
                    await self._consume()
                except Exception as error:
                    await self._watch.failed(error)
        finally:
            await finish(self._running.values(), DRAIN_SECONDS)

    async def _consume(self) -> None:
        """Asks for batches that the server fills as events come, and works off what is there.

        Our own loop, because ``fetch`` of nats-py 2.16 waits out its timeout for a batch that does not fill up.
        """
        client = self._broker.client
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, pending_msgs_limit=2 * BATCH)
        ask = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(self.source)}.{self._broker.service}"
        try:
            while True:
                request = {"batch": BATCH, "expires": int(EXPIRES_SECONDS * 1e9)}
                await client.publish(ask, json.dumps(request).encode(), reply=inbox)
                await self._work_off(subscription)
        finally:
            await subscription.unsubscribe()

    async def _work_off(self, subscription: Subscription) -> None:
        """One batch, until it is full or its time is over; a request lost with a broken connection ends the same way."""
        for _ in range(BATCH):
            require_wanted()
            try:
                message = await subscription.next_msg(timeout=EXPIRES_SECONDS + 1)
            except TimeoutError:
                return
            if _is_status(message):
                _require_over(message)
                self._watch.worked()
                return
            self._watch.worked()
            await self._start(message)

    async def _start(self, message: Msg) -> None:
        """Aggregates side by side, the events of one aggregate in their order: a slow one keeps no other waiting."""
        await self._slots.acquire()
        aggregate = (message.headers or {}).get("ce-subject", "")
        task = asyncio.create_task(self._after(self._running.get(aggregate), message))
        self._running[aggregate] = task
        task.add_done_callback(partial(self._ended, aggregate))

    async def _after(self, previous: asyncio.Task[None] | None, message: Msg) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        await self.handle(message)

    def _ended(self, aggregate: str, task: asyncio.Task[None]) -> None:
        self._slots.release()
        if self._running.get(aggregate) is task:
            del self._running[aggregate]
        if not task.cancelled() and (error := task.exception()):
            # Not even an acknowledgement could be sent: the broker delivers it again.
            log.warning("event_left", source=self.source, error=type(error).__name__)

    async def handle(self, message: Msg) -> None:
        """One delivery: applied and acknowledged, or put off, or parked. What nobody here reacts to is passed over."""
        if message.subject not in self._reactions:
            await message.ack()
            return
        with spans.reacting(message.subject, message.headers):
            await self._react(message)

    async def _react(self, message: Msg) -> None:
        deliveries = message.metadata.num_delivered
        try:
            received = self._decode(message.headers or {}, message.subject, message.data)
        except (KeyError, ValueError, DecodeError) as error:
            await self._park(message, f"undecodable: {type(error).__name__}", deliveries)
            return
        if received.envelope.time < self._database.clock.now() - self._known:
            await self._park(message, "OLDER_THAN_THE_INBOX", deliveries)
            return
        try:
            prepared = await received.prepared()
            async with self._database.transaction(SYSTEM) as tx:
                if await _takes(tx, received):
                    await self._apply(tx, received, prepared)
            EVENTS_APPLIED.labels(self.source).inc()
        except Exception as error:
            await self._put_off(message, error, deliveries)
            return
        self._waiting.ended(message)
        await message.ack()

    def _decode(self, headers: Mapping[str, str], subject: str, payload: bytes) -> "_Received[T]":
        reaction = self._reactions[subject]
        event = reaction.message()
        event.ParseFromString(payload)
        return _Received(reaction, envelope_of(headers, self.source, subject), event, headers, payload)

    async def _apply(self, tx: T, received: "_Received[T]", prepared: Any) -> None:
        if received.reaction.later:
            tx.enqueue(self._job, received.as_job())
        else:
            await received.reaction.apply(tx, received.event, received.envelope, prepared)

    async def replay(self, headers: Mapping[str, str], subject: str, payload: bytes) -> None:
        """Applies a parked message once more. Raises whatever its reaction raises."""
        received = self._decode(headers, subject, payload)
        prepared = await received.prepared()
        async with self._database.transaction(SYSTEM) as tx:
            # What is done later was taken before it was parked.
            if received.reaction.later or await _takes(tx, received):
                await self._apply(tx, received, prepared)
        EVENTS_APPLIED.labels(self.source).inc()

    @property
    def workers(self) -> list[Worker[T]]:
        """Who reacts to events that are reacted to ``later``; what cannot be done, however often, is parked."""
        if not any(reaction.later for reaction in self._reactions.values()):
            return []
        return [Worker(self._database, {self._job: JobKind(self._react_later, self._park_job, HOPELESS)})]

    async def _react_later(self, job: Job) -> Record[T]:
        data = job.payload
        received = self._decode(data["headers"], data["subject"], base64.b64decode(data["payload"]))
        reaction = received.reaction
        prepared = await reaction.prepare(received.event) if reaction.prepare else None
        return lambda tx: reaction.apply(tx, received.event, received.envelope, prepared)

    async def _park_job(self, tx: T, job: Job, reason: str) -> None:
        data = job.payload
        payload = base64.b64decode(data["payload"])
        await park(tx, self.source, data["headers"], data["subject"], payload, reason, job.attempts)
        await failed_jobs.end(tx, job.id, "PARKED as a dead letter")
        DEAD_LETTERS.labels(self.source).inc()
        log.error("event_parked", subject=data["subject"], reason=reason)

    async def _put_off(self, message: Msg, error: Exception, deliveries: int) -> None:
        cause = await self._surroundings.explain(error)
        retry = Retry.WAITS if cause else retry_after(error, HOPELESS)
        waiting = retry is Retry.WAITS
        reason = cause.reason if cause else reason_of(error)
        spans.failed(reason)
        told = waiting and self._waiting.told(message, reason, self._database.clock.now())
        if cause is None and not told:
            log.warning(
                "event_put_off", subject=message.subject, reason=reason, deliveries=deliveries, exc_info=not waiting
            )
        if waiting and self._database.clock.now() - time_of(message) > LONGEST_WAITED:
            await self._park(message, f"{WAITED_TOO_LONG}: {reason}", deliveries)
        elif retry is Retry.FINAL or (deliveries >= MAX_DELIVERIES and not waiting):
            await self._park(message, reason, deliveries)
        else:
            await message.nak(delay=min(0.1 * 2 ** min(deliveries, 9), LONGEST_WAIT_SECONDS if waiting else 30))

    async def _park(self, message: Msg, reason: str, deliveries: int) -> None:
        try:
            async with self._database.transaction(SYSTEM) as tx:
                await park(
                    tx, self.source, dict(message.headers or {}), message.subject, message.data, reason, deliveries
                )
        except Exception as error:
            if not await self._surroundings.explain(error):
                log.warning("park_failed", subject=message.subject, error=type(error).__name__)
            await message.nak(delay=5)
            return
        self._waiting.ended(message)
        DEAD_LETTERS.labels(self.source).inc()
        log.error("event_parked", subject=message.subject, reason=reason)
        await message.ack()


@dataclass(frozen=True, slots=True)
class _Received(Generic[T]):
    """One event with what is done about it."""

    reaction: Reaction[T]
    envelope: Envelope
    event: Message
    headers: Mapping[str, str]
    payload: bytes

    async def prepared(self) -> Any:
        """What ``apply`` wants beside the event; nothing for a reaction that is only queued."""
        reaction = self.reaction
        return await reaction.prepare(self.event) if reaction.prepare and not reaction.later else None

    def as_job(self) -> dict[str, Any]:
        payload = base64.b64encode(self.payload).decode()
        return {"subject": self.envelope.subject, "headers": dict(self.headers), "payload": payload}


def _is_status(message: Msg) -> bool:
    """Whether the server ends the request by this (408, 409) instead of sending an event."""
    return not message.data and "Status" in (message.headers or {})


def _require_over(message: Msg) -> None:
    """A request that ran out (404, 408) is made again at once; anything else, a consumer that is gone, is trouble."""
    status = (message.headers or {}).get("Status", "")
    if status not in ("404", "408"):
        raise nats.errors.Error(f"the broker ends the request: {status}")


def envelope_of(headers: Mapping[str, str], source: str, subject: str) -> Envelope:
    """The envelope in CloudEvents headers (binary mode, NATS protocol binding 1.0).

    Raises KeyError or ValueError for headers that are not ours.
    """
    time = datetime.fromisoformat(headers["ce-time"])
    if time.tzinfo is None:
        raise ValueError("a time needs a zone")
    return Envelope(
        event_id=UUID(headers["ce-id"]),
        aggregate=headers["ce-subject"],
        version=int(headers["ce-aggregateversion"]),
        time=time,
        source=source,
        subject=subject,
        hash=bytes.fromhex(headers.get("ce-eventhash", "")),
    )


async def _takes(tx: Transaction, received: _Received[T]) -> bool:
    """Notes the event in the inbox; true when it is to be applied: new, and not older than the state it is about."""
    envelope, newest_of = received.envelope, received.reaction.newest_of
    values = (envelope.source, envelope.event_id, tx.now, envelope.hash)
    if newest_of is None:
        return bool(await tx.driver.fetchval(_TAKE, *values))
    state = newest_of(received.event)
    return bool(await tx.driver.fetchval(_TAKE_NEWEST, *values, envelope.aggregate, state, envelope.version))


_TAKE = (
    "INSERT INTO inbox (source, event_id, apply_time, hash) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT DO NOTHING RETURNING true"
)
_TAKE_NEWEST = f"""
    WITH first_time AS ({_TAKE})
    INSERT INTO applied_versions (aggregate, state, version) SELECT $5, $6, $7 FROM first_time
    ON CONFLICT (aggregate, state) DO UPDATE SET version = excluded.version
        WHERE applied_versions.version < excluded.version
    RETURNING true
    """  # noqa: S608 - made of the statement above
