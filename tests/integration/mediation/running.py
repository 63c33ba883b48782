"""Mediation as it runs, with stand-ins for the services it asks."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from comity.court_link.v1.court_link_service_pb2_grpc import (
    add_CourtLinkServiceServicer_to_server,
)
from comity.identity.v1.identity_service_pb2_grpc import (
    add_IdentityServiceServicer_to_server,
)
from comity.intake.v1.intake_service_pb2_grpc import add_IntakeServiceServicer_to_server
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.kernel.errors import DomainError
from services.common.rpc.client import open_channel
from services.common.storage import migrations
from services.mediation.main import VERSIONS, build
from services.mediation.settings import Settings
from tests.integration.mediation.agreements import Agreements
from tests.integration.mediation.standins import ORGANISATION_NAME, StandInIdentity, StandInSources
from tests.kit.clock import FlowingClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.rules import RULES
from tests.kit.tokens import TokenIssuer

__all__ = ["ORGANISATION_NAME", "Mediation", "refusal", "running", "utc"]


class Mediation(Agreements):
    """A running mediation service and all that its people do."""


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "mediation", VERSIONS)


async def refusal(call: Awaitable[Any]) -> str:
    """The reason code of a refused call; fails when it is not refused."""
    try:
        await call
    except DomainError as error:
        return error.reason
    raise AssertionError("this was not refused")


@asynccontextmanager
async def running(postgres: KitPostgres, nats: KitNats, folder: Path, **changes: Any) -> AsyncIterator[Mediation]:
    """``changes`` of the settings."""
    async with AsyncExitStack() as stack:
        await nats.create_streams()
        clock = FlowingClock()
        issuer = TokenIssuer(clock)
        database = await postgres.fresh_database("mediation", migrate)
        identity, sources = StandInIdentity(issuer, clock), StandInSources()
        server = grpc.aio.server()
        add_IdentityServiceServicer_to_server(identity, server)
        add_IntakeServiceServicer_to_server(sources, server)
        add_CourtLinkServiceServicer_to_server(sources, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        stack.push_async_callback(server.stop, None)
        settings = Settings(
            database_url=database.sqlalchemy_url,
            nats_url=nats.url("mediation"),
            listen="127.0.0.1:0",
            objects=folder / "objects",
            keys=folder / "keys",
            service_secret="unused-here",
            identity_address=address,
            intake_address=address,
            court_link_address=address,
            **({"rules": RULES} | changes),
        )
        application = await build(settings, clock, key_set=issuer.key_set)
        await application.start()
        stack.push_async_callback(application.stop)
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{application.port}"))
        client = await nats.connect()
        stack.push_async_callback(client.close)
        stub = MediationServiceStub(channel)
        yield Mediation(stub, issuer, identity, sources, clock, client, database, settings, channel)


def utc(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
