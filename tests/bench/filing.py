"""Filing a matter, everything on, beside the floor: a bare echo and a bare three-row transaction, same driver, same run."""

import asyncio
import itertools
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
from comity.common.v1 import money_pb2, party_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from sqlalchemy import text

from deploy.local.environment import RULES, inherited
from services.common.kernel.clock import SystemClock
from services.common.storage.database import create_engine
from tests.bench import identity_stand_in
from tests.bench.bare import TABLE
from tests.bench.load import Figures, closed_loop
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.tokens import TokenIssuer, bearer

CALLERS = 16
SECONDS = 6.0
PEOPLE = 200
"""Who file: as many as a busy hour has."""
ORGANISATION = UUID(int=7)


async def measure(postgres: KitPostgres, nats: KitNats) -> dict[str, Figures]:
    """Echo, three rows and filing, one after the other on the same machine."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = await postgres.fresh_database("intake")
        bare = await _bare_channel(stack, database, folder)
        figures = {
            "bare grpc.aio echo": await closed_loop(_bytes_call(bare, "Echo"), callers=CALLERS, seconds=SECONDS),
            "bare three-row transaction": await closed_loop(
                _bytes_call(bare, "ThreeRows"), callers=CALLERS, seconds=SECONDS
            ),
        }
        call = await _filing_call(stack, database, nats, folder)
        figures["FileMatter, everything on"] = await closed_loop(call, callers=CALLERS, seconds=SECONDS)
        return figures


async def _bare_channel(stack: AsyncExitStack, database: FreshDatabase, folder: Path) -> grpc.aio.Channel:
    engine = create_engine(database.sqlalchemy_owner_url, 1)
    async with engine.begin() as connection:
        await connection.execute(text(TABLE))
    await engine.dispose()
    port = _free_port()
    await _child(
        stack, ["-m", "tests.bench.bare", f"127.0.0.1:{port}", database.sqlalchemy_url], {}, folder / "bare.log"
    )
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
    await asyncio.wait_for(channel.channel_ready(), 20)
    return channel


def _bytes_call(channel: grpc.aio.Channel, method: str) -> Any:
    stub = channel.unary_unary(f"/bare.Bare/{method}")
    return lambda: stub(b"x" * 300)


async def _filing_call(stack: AsyncExitStack, database: FreshDatabase, nats: KitNats, folder: Path) -> Any:
    issuer = TokenIssuer(SystemClock())
    stand_in, identity_port = await identity_stand_in.serve(issuer)
    stack.push_async_callback(stand_in.stop, 0)
    port = _free_port()
    environment = {
        "COMITY_DATABASE_URL": database.sqlalchemy_url,
        "COMITY_NATS_URL": nats.url("intake"),
        "COMITY_LISTEN": f"127.0.0.1:{port}",
        "COMITY_OBJECTS": str(folder),
        "COMITY_KEYS": str(folder),
        "COMITY_RULES": str(RULES),
        "COMITY_SERVICE_SECRET": "bench",
        "COMITY_IDENTITY_ADDRESS": f"127.0.0.1:{identity_port}",
        "COMITY_LOG_LEVEL": "WARNING",
        "COMITY_FILINGS_PER_PERSON_AND_DAY": "1000000",
    }
    await _child(stack, ["-m", "services.intake", "serve"], environment, folder / "intake.log")
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
    await asyncio.wait_for(channel.channel_ready(), 30)
    file_matter = IntakeServiceStub(channel).FileMatter  # type: ignore[no-untyped-call]
    people = itertools.cycle([bearer(issuer.person(uuid4())) for _ in range(PEOPLE)])
    await eventually(lambda: _works(file_matter, next(people)), 20)
    return lambda: file_matter(request(), metadata=next(people), timeout=10)


async def _works(file_matter: Any, metadata: Any) -> bool:
    try:
        await file_matter(request(), metadata=metadata, timeout=5)
    except grpc.aio.AioRpcError as error:
        raise AssertionError(error.details()) from None
    return True


def request() -> pb.FileMatterRequest:
    """A new filing. Only its id is new: the driver shares the processor with what it drives."""
    new = pb.FileMatterRequest()
    new.CopyFrom(_FILING)
    new.request_id = str(uuid4())
    return new


def _particulars(name: str, kind: "party_pb2.PartyKind.ValueType") -> party_pb2.PartyParticulars:
    return party_pb2.PartyParticulars(
        display_name=name, kind=kind, address="样本路 1 号", region_code="320102", email="a@sample.invalid", locale="zh"
    )


_FILING = pb.FileMatterRequest(
    organisation=f"organisations/{ORGANISATION}",
    kind=matter_pb2.MATTER_KIND_COMPLAINT,
    channel=matter_pb2.CHANNEL_WEB,
    subject_matter="CONSUMER",
    facts="空调两次维修后仍然漏水。样本 SAMPLE. " * 5,
    request="退货退款",
    amount=money_pb2.Money(currency="CNY", minor_units=568000),
    complainant=_particulars("王秀兰（样本）", party_pb2.PARTY_KIND_NATURAL_PERSON),
    respondent=_particulars("样本家电有限公司", party_pb2.PARTY_KIND_ORGANISATION),
    sample=True,
)


async def _child(stack: AsyncExitStack, arguments: list[str], environment: dict[str, str], log: Path) -> None:
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=inherited(os.environ) | environment, stdout=output, stderr=output
        )

    async def end() -> None:
        child.terminate()
        await child.wait()

    stack.push_async_callback(end)


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
