"""A fault in our use of the database's driver is no outage: it is logged, once, and answered with INTERNAL."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import intake_service_pb2_grpc as intake_grpc
from sqlalchemy import Integer, event, literal, select

from services.common.rpc.handle import Calls
from services.common.rpc.server import Exposed, Server
from services.common.rpc.tokens import TokenVerifier
from services.common.storage.transaction import Transaction
from tests.integration.common.toy import Toy, toy
from tests.integration.rpc.refusals import refused
from tests.kit.clock import FakeClock
from tests.kit.logs import service_logs
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.tokens import TokenIssuer, bearer

NAME = "样本甲 SAMPLE"
Fault = Callable[[Transaction], Awaitable[Any]]


async def two_statements_at_once(tx: Transaction) -> None:
    await asyncio.gather(tx.driver.fetch("SELECT pg_sleep(0.1)"), tx.driver.fetch("SELECT 1"))


async def an_argument_too_few(tx: Transaction) -> None:
    await tx.driver.fetch("SELECT $1::int")


async def an_argument_of_another_kind(tx: Transaction) -> None:
    await tx.driver.fetch("SELECT $1::int", NAME)


async def an_argument_of_another_kind_through_sqlalchemy(tx: Transaction) -> None:
    await tx.connection.execute(select(literal(NAME, Integer)))


FAULTS = [
    two_statements_at_once,
    an_argument_too_few,
    an_argument_of_another_kind,
    an_argument_of_another_kind_through_sqlalchemy,
]


class Faulty(intake_grpc.IntakeServiceServicer):
    """Every list of matters runs into a fault."""

    def __init__(self, calls: Calls[Transaction], fault: Fault) -> None:
        self._calls = calls
        self._fault = fault

    async def ListMatters(self, request: pb.ListMattersRequest, context: Any) -> pb.ListMattersResponse:
        await self._calls.read(self._fault)
        return pb.ListMattersResponse()


@pytest.fixture
async def one(postgres: KitPostgres, nats: KitNats, clock: FakeClock) -> AsyncIterator[Toy]:
    async with toy(postgres, nats, clock) as one:
        yield one


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_ours_is_internal_and_logged_once_with_its_traceback(
    fault: Fault, one: Toy, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    issuer = TokenIssuer(clock)
    descriptor = pb.DESCRIPTOR.services_by_name["IntakeService"]
    faulty = Exposed(descriptor, intake_grpc.add_IntakeServiceServicer_to_server, Faulty(Calls(one.database), fault))
    surroundings = one.database.surroundings
    async with AsyncExitStack() as stack:
        stack.enter_context(service_logs())
        server = Server(
            "127.0.0.1:0",
            [faulty],
            TokenVerifier(issuer.key_set, clock),
            surroundings,
            reflect=False,
            concurrent_calls=9,
            clock=clock,
        )
        running = asyncio.create_task(server.run())
        stack.callback(running.cancel)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{server.port}"))
        await channel.channel_ready()
        call = intake_grpc.IntakeServiceStub(channel).ListMatters(
            pb.ListMattersRequest(), metadata=bearer(issuer.person(uuid4())), timeout=30
        )
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
        assert surroundings.causes == {}
    (logged,) = [record for record in map(json.loads, capsys.readouterr().out.splitlines()) if "exception" in record]
    assert logged["event"] == "call_failed"
    assert fault.__name__ in logged["exception"]
    assert NAME not in logged["exception"]


async def test_a_fault_of_ours_is_not_asked_again_on_every_connection(one: Toy) -> None:
    asked: list[object] = []
    event.listen(one.database.engine.sync_engine, "checkout", lambda *_: asked.append(None))
    with pytest.raises(asyncpg.InterfaceError, match="expects 1 argument"):
        await one.database.statement("SELECT $1::int")
    assert len(asked) == 1
