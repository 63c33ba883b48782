"""Calls that come from another network address of this machine: Linux gives all of 127.0.0.0/8 to loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_LOOPBACK = "127.0.0.1"
_BYTES = 64 * 1024


@asynccontextmanager
async def relayed(address: str, place: str) -> AsyncIterator[str]:
    """Where to connect so that ``address`` sees the connection come from ``place``."""
    host, _, port = address.rpartition(":")

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond_reader, beyond_writer = await asyncio.open_connection(host, int(port), local_addr=(place, 0))
        await asyncio.gather(_copy(reader, beyond_writer), _copy(beyond_reader, writer))

    server = await asyncio.start_server(carry, _LOOPBACK, 0)
    try:
        yield f"{_LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
