"""How many matters a second intake takes on one core, beside a bare handler with a transaction of three rows.

``python -m tests.bench.filing [number]``. Both servers are processes of their own, on the same PostgreSQL; the ratio,
not the figure, says what the machinery costs.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import uvloop
from comity.common.v1 import party_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1 import identity_service_pb2_grpc as identity_grpc
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.common.kernel.clock import SystemClock
from services.common.storage import migrations
from services.intake.main import VERSIONS
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.tokens import TokenIssuer, bearer

RULES = Path(__file__).parents[2] / "deploy" / "rules"
PARALLEL = 32
_METHOD = "/bench/Floor"


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "intake", VERSIONS)


class _Identity(identity_grpc.IdentityServiceServicer):
    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    async def GetJsonWebKeySet(self, request: Any, context: Any) -> identity_pb.GetJsonWebKeySetResponse:
        return identity_pb.GetJsonWebKeySetResponse(key_set=await self._issuer.key_set())


async def _floor(url: str) -> None:
    """A bare grpc.aio handler: begin, three rows, commit."""
    engine = create_async_engine(url, pool_size=10, max_overflow=0)
    insert = text("INSERT INTO floor (id, body) VALUES (:id, :body)")

    async def handle(request: bytes, context: Any) -> bytes:
        async with engine.begin() as connection:
            for _ in range(3):
                await connection.execute(insert, {"id": uuid4(), "body": request})
        return request

    handlers = {"Floor": grpc.unary_unary_rpc_method_handler(handle)}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench", handlers),))
    print(json.dumps({"port": server.add_insecure_port("127.0.0.1:0")}), flush=True)
    await server.start()
    await server.wait_for_termination()


async def _rate(call: Callable[[], Awaitable[Any]], number: int) -> float:
    left = iter(range(number))

    async def work() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(PARALLEL)))
    return number / (time.perf_counter() - started)


def _request(organisation: UUID) -> pb.FileMatterRequest:
    request = pb.FileMatterRequest(
        organisation=f"organisations/{organisation}",
        kind=matter_pb2.MATTER_KIND_COMPLAINT,
        channel=matter_pb2.CHANNEL_WEB,
        subject_matter="CONSUMER",
        facts="样本 SAMPLE:预付卡余额未退。" * 10,
        request="退还余额。",
        sample=True,
    )
    for side in (request.complainant, request.respondent):
        side.CopyFrom(
            party_pb2.PartyParticulars(
                display_name="样本甲", kind=1, identity_number="110101199003070011", address="样本路1号",
                email="a@sample.example", phone="+8613800000001", locale="zh",
            )
        )  # fmt: skip
    return request


async def _child(*arguments: str, environment: dict[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=os.environ | (environment or {}), stdout=asyncio.subprocess.PIPE
    )


async def _end(child: asyncio.subprocess.Process) -> None:
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), 20)
    except TimeoutError:
        child.kill()


async def measure(postgres: KitPostgres, nats: KitNats, folder: Path, number: int) -> dict[str, float]:
    """Calls a second of the floor and of FileMatter."""
    await nats.create_streams()
    database = await postgres.fresh_database("intake", migrate)
    return {
        "floor": await _measure_floor(database.url, database.superuser_url, number),
        "filing": await _measure_filing(database, nats, folder, number),
    }


async def _measure_floor(url: str, superuser_url: str, number: int) -> float:
    connection = await asyncpg.connect(superuser_url)
    await connection.execute("CREATE TABLE floor (id uuid PRIMARY KEY, body bytea); GRANT ALL ON floor TO intake")
    await connection.close()
    child = await _child("-m", "tests.bench.filing", "floor", url.replace("postgresql://", "postgresql+asyncpg://"))
    assert child.stdout
    try:
        port = json.loads(await child.stdout.readline())["port"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = channel.unary_unary(_METHOD)
            body = _request(uuid4()).SerializeToString()
            await _rate(lambda: call(body), number // 5)
            return await _rate(lambda: call(body), number)
    finally:
        await _end(child)


async def _measure_filing(database: Any, nats: KitNats, folder: Path, number: int) -> float:
    issuer = TokenIssuer(SystemClock())
    identity = grpc.aio.server()
    identity_grpc.add_IdentityServiceServicer_to_server(_Identity(issuer), identity)
    identity_port = identity.add_insecure_port("127.0.0.1:0")
    await identity.start()
    organisation = uuid4()
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute("INSERT INTO organisations VALUES ($1, 'INTAKE')", organisation)
    await connection.close()
    environment = {
        "COMITY_DATABASE_URL": database.sqlalchemy_url,
        "COMITY_NATS_URL": nats.url("intake"),
        "COMITY_LISTEN": "127.0.0.1:0",
        "COMITY_OBJECTS": str(folder),
        "COMITY_KEYS": str(folder),
        "COMITY_RULES": str(RULES),
        "COMITY_SERVICE_SECRET": "unused-here",
        "COMITY_IDENTITY_ADDRESS": f"127.0.0.1:{identity_port}",
    }
    child = await _child("-m", "services.intake", "serve", environment=environment)
    assert child.stdout
    try:
        port = 0
        while not port:
            record = json.loads(await child.stdout.readline())
            port = record.get("port", 0)
        drained = asyncio.create_task(child.stdout.read())
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = IntakeServiceStub(channel)
            request, caller = _request(organisation), bearer(issuer.person(uuid4()))

            async def file() -> None:
                copy = pb.FileMatterRequest(request_id=str(uuid4()))
                copy.MergeFrom(request)
                await stub.FileMatter(copy, metadata=caller, timeout=20)

            await _rate(file, number // 5)
            return await _rate(file, number)
    finally:
        await _end(child)
        await drained
        await identity.stop(0)


def main() -> None:
    if sys.argv[1:2] == ["floor"]:
        uvloop.run(_floor(sys.argv[2]))
        return
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with KitPostgres.running(folder / "postgres") as postgres, KitNats.running(folder / "nats") as nats:
            rates = uvloop.run(measure(postgres, nats, folder, number))
    print(f"floor {rates['floor']:.0f}/s, filing {rates['filing']:.0f}/s, {rates['filing'] / rates['floor']:.2f}")


if __name__ == "__main__":
    main()
