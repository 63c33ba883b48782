"""The connection to NATS. Streams and consumers are made by the operator; a service only uses them."""

import asyncio
from dataclasses import dataclass

import nats
import structlog
from nats.aio.client import Client

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


async def connect(url: str, service: str) -> Broker:
    """Connects, and keeps reconnecting for as long as the process lives."""
    await _until_listening(url)
    client = await nats.connect(
        url,
        name=service,
        inbox_prefix=f"_INBOX.{service}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,
        error_cb=_log_error,
        pending_size=16 * 1024 * 1024,
    )
    return Broker(client, service)


async def _until_listening(url: str, seconds: float = 30) -> None:
    """nats-py waits two seconds after one refused connect, so the port is probed first."""
    host, port = url.rsplit("@", 1)[-1].removeprefix("nats://").rsplit(":", 1)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            return
        except OSError:
            if loop.time() > end:
                raise
            await asyncio.sleep(0.05)


async def _log_error(error: Exception) -> None:
    log.warning("broker_error", error=type(error).__name__, detail=str(error)[:200])
