"""The floor: a bare grpc.aio server, once echoing, once with one three-row transaction through the same driver.

``python -m tests.bench.bare HOST:PORT DATABASE_URL``; method names are made up, messages are bytes.
"""

import os
import sys
from typing import Any

import grpc
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

TABLE = "CREATE TABLE IF NOT EXISTS bare (id uuid PRIMARY KEY, kind text NOT NULL, payload bytea NOT NULL)"
_INSERT = text("INSERT INTO bare VALUES (:id, :kind, :payload)")


async def serve(listen: str, url: str) -> None:
    """Until killed."""
    engine = create_async_engine(url, pool_size=10, max_overflow=0)

    async def echo(request: bytes, _context: Any) -> bytes:
        return request

    async def three_rows(request: bytes, _context: Any) -> bytes:
        async with engine.begin() as connection:
            for kind in ("state", "log", "outbox"):
                values = {"id": _random_uuid(), "kind": kind, "payload": request}
                await connection.execute(_INSERT, values)
        return b""

    methods = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "ThreeRows": grpc.unary_unary_rpc_method_handler(three_rows),
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare.Bare", methods),))
    server.add_insecure_port(listen)
    await server.start()
    await server.wait_for_termination()


def _random_uuid() -> str:
    raw = os.urandom(16).hex()
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], sys.argv[2]))
