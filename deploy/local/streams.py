"""Streams and durable consumers, made by the operator before any service starts.

A service may not make them itself: whoever writes a stream's configuration can fill it from another's stream
(``sources``) or have it republished under another's subject (measured with nats-server 2.15.1), whatever its subjects.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from deploy.local.nats_permissions import OPERATOR, stream_name
from services.common.messaging.encryption import client_for

MAX_AGE_SECONDS = 30 * 24 * 3600
MAX_BYTES = 2 * 1024**3
"""A last resort behind the outbox alarm: a full stream refuses what is published, and the outbox keeps it."""
DUPLICATE_WINDOW_SECONDS = 120
ACK_WAIT_SECONDS = 10
"""How long an event that a consumer took into its death stays away. One that takes longer only comes twice."""
MAX_ACK_PENDING = 1000


async def create_streams(
    operator_url: str,
    services: Sequence[str],
    consumes: Mapping[str, Sequence[str]],
    ca_file: Path | None = None,
) -> None:
    """One stream per service and one durable consumer, named like it, on each stream that a service consumes.

    Idempotent: what exists is brought to this configuration; messages and positions stay. ``tls://`` demands TLS;
    ``ca_file`` is the file (PEM) of those who vouch for the server, the system's without it.
    """
    client, options = client_for(operator_url, ca_file)
    try:
        await client.connect(
            operator_url, inbox_prefix=f"_INBOX.{OPERATOR}", allow_reconnect=False, error_cb=_raised_anyway, **options
        )
        jetstream = client.jetstream()
        for service in services:
            await _stream(jetstream, service)
        for service in services:
            for source in consumes.get(service, ()):
                if source in services:
                    await jetstream.add_consumer(stream_name(source), _consumer(service))
    finally:
        await client.close()


async def _raised_anyway(error: Exception) -> None:
    """Without reconnecting every error reaches the caller; nats-py would log a traceback as well."""


async def _stream(jetstream: JetStreamContext, service: str) -> None:
    config = StreamConfig(
        name=stream_name(service),
        subjects=[f"comity.{service}.v1.>"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_age=MAX_AGE_SECONDS,
        max_bytes=MAX_BYTES,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
    )
    try:
        await jetstream.stream_info(stream_name(service))
    except NotFoundError:
        await jetstream.add_stream(config)
    else:
        await jetstream.update_stream(config)


def _consumer(service: str) -> ConsumerConfig:
    """No backoff: it makes delayed negative acknowledgements come late (nats-server 2.15)."""
    return ConsumerConfig(
        durable_name=service,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=MAX_ACK_PENDING,
        deliver_policy=DeliverPolicy.ALL,
    )
