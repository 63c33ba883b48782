"""The connection to NATS. Streams and consumers are made by the operator; a service only uses them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from nats.aio.client import Client

from services.common.messaging.encryption import client_for

_PORT = 4222

log = structlog.get_logger()


def stream_name(service: str) -> str:
    """``court_link`` publishes on the stream ``COURT_LINK``."""
    return service.upper()


def nudge_subject(service: str) -> str:
    """A core-NATS subject that wakes the relay of a service on other replicas."""
    return f"comity.nudge.{service}"


@dataclass(frozen=True, slots=True)
class Broker:
    """A connected client with the service's own inbox prefix."""

    client: Client
    service: str


async def connect(url: str, service: str, ca_file: Path | None = None) -> Broker:
    """Connects, and keeps reconnecting for as long as the process lives. ``ca_file``: see ``encryption``."""
    await _until_listening(url)
    client, options = client_for(url, ca_file)
    await client.connect(
        url,
        **options,
        name=service,
        inbox_prefix=f"_INBOX.{service}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,  # type: ignore[arg-type] # slept for: any number will do
        error_cb=_log_error,
        pending_size=16 * 1024 * 1024,
    )
    return Broker(client, service)


async def _until_listening(url: str, seconds: float = 30) -> None:
    """nats-py waits two seconds after one refused connect, so the port is probed first."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or _PORT)
            writer.close()
            return
        except OSError:
            if loop.time() > end:
                raise
            await asyncio.sleep(0.05)


async def _log_error(error: Exception) -> None:
    log.warning("broker_error", error=type(error).__name__, detail=str(error)[:200])
