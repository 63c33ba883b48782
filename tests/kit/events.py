"""Events of other services, published as their relays publish them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from google.protobuf.message import Message
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from services.common.messaging.broker import stream_name


async def publish(
    client: Client,
    source: str,
    kind: str,
    event: Message,
    *,
    subject: str,
    version: int,
    time: datetime,
    event_id: UUID | None = None,
    further_headers: Mapping[str, str] | None = None,
) -> UUID:
    """Publishes ``kind`` (``case.opened``) of ``source`` about ``subject`` (``cases/...``); gives the event's id."""
    event_id = event_id or uuid4()
    name = f"comity.{source}.v1.{kind}"
    headers = {
        "ce-id": str(event_id),
        "ce-type": name,
        "ce-source": f"/comity/{source}",
        "ce-specversion": "1.0",
        "ce-time": time.isoformat(),
        "ce-subject": subject,
        "ce-aggregateversion": str(version),
        "Nats-Msg-Id": str(uuid4()),
        **(further_headers or {}),
    }
    await client.jetstream().publish(name, event.SerializeToString(), headers=headers, timeout=30)
    return event_id


async def read_to_the_end(client: Client, source: str, reader: str) -> bool:
    """Whether the reader has acknowledged whatever the source has published so far."""
    found = await client.jetstream().consumer_info(stream_name(source), reader)
    return (found.num_pending, found.num_ack_pending) == (0, 0)


async def last_published(client: Client, source: str, kind: str) -> bytes:
    """The last event of this kind that the source published; empty while there is none, so wait for it."""
    try:
        message = await client.jetstream().get_last_msg(source.upper(), f"comity.{source}.v1.{kind}")
    except NotFoundError:
        return b""
    return message.data or b""
