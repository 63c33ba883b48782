"""A service as the suite sees one: `migrate`, `serve`, health, a database, an event, a clean stop on SIGTERM.

Each start adds a row to `starts` and an event to the service's own stream, so that a test can count both.
"""

import asyncio
import os
import signal
import sys

import asyncpg
import grpc.aio
import nats
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # type: ignore[import-untyped]


def run(name: str) -> None:
    verb = sys.argv[1]
    if verb == "migrate":
        asyncio.run(_migrate())
    elif verb == "serve":
        asyncio.run(_serve(name))


async def _migrate() -> None:
    connection = await asyncpg.connect(_libpq(os.environ["COMITY_OWNER_DATABASE_URL"]))
    await connection.execute("CREATE TABLE IF NOT EXISTS starts (pid bigint NOT NULL)")
    await connection.close()


async def _serve(name: str) -> None:
    if "COMITY_OWNER_DATABASE_URL" in os.environ:
        sys.exit("a serving process must not know the owner's password")
    await _leave_traces(name)
    server = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port(os.environ["COMITY_LISTEN"])
    await server.start()
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    await told_to_stop.wait()
    await server.stop(1)
    print("stopped cleanly", flush=True)


async def _leave_traces(name: str) -> None:
    connection = await asyncpg.connect(_libpq(os.environ["COMITY_DATABASE_URL"]))
    await connection.execute("INSERT INTO starts VALUES ($1)", os.getpid())
    await connection.close()
    client = await nats.connect(os.environ["COMITY_NATS_URL"], inbox_prefix=f"_INBOX.{name}")
    jetstream = client.jetstream()
    await jetstream.publish(f"comity.{name}.v1.start.recorded", b"", timeout=30)
    await client.close()


def _libpq(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
