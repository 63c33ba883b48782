"""What everybody does who calls mediation in tests: calls, reads, hears events, looks into the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb
from comity.mediation.v1.mediation_service_pb2_grpc import MediationServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from nats.aio.client import Client

from services.common.kernel.errors import DomainError
from services.common.kernel.principal import Role
from services.common.rpc.client import answered
from services.mediation.main import build
from services.mediation.settings import Settings
from tests.integration.mediation.standins import StandInIdentity, StandInSources
from tests.kit.clock import FlowingClock
from tests.kit.events import publish
from tests.kit.eventually import eventually
from tests.kit.postgres import FreshDatabase
from tests.kit.tokens import TokenIssuer, bearer


@dataclass
class Calls:
    """A running mediation service, the people who call it, and what they all do."""

    stub: MediationServiceStub
    issuer: TokenIssuer
    identity: StandInIdentity
    sources: StandInSources
    clock: FlowingClock
    client: Client
    database: FreshDatabase
    settings: Settings
    channel: Any
    organisation: UUID = field(default_factory=uuid4)
    administrator: UUID = field(default_factory=uuid4)
    mediator: UUID = field(default_factory=uuid4)
    keeper: UUID = field(default_factory=uuid4)
    complainant: UUID = field(default_factory=uuid4)
    respondent: UUID = field(default_factory=uuid4)
    party_a: UUID = field(default_factory=uuid4)
    party_b: UUID = field(default_factory=uuid4)

    def roles(self, account: UUID) -> dict[UUID, list[Role]]:
        return {
            self.administrator: {self.organisation: [Role.CASE_ADMINISTRATOR]},
            self.mediator: {self.organisation: [Role.MEDIATOR]},
            self.keeper: {self.organisation: [Role.SEAL_KEEPER]},
        }.get(account, {})

    def token(self, account: UUID) -> Any:
        return bearer(self.issuer.person(account, self.roles(account)))

    async def call(self, method: str, who: UUID, **fields: Any) -> Any:
        """The answer, or the refusal as a DomainError. A request id is added where the message has one."""
        kind = getattr(pb, f"{method}Request")
        if "request_id" in kind.DESCRIPTOR.fields_by_name:
            fields.setdefault("request_id", str(uuid4()))
        request = kind(**fields)
        return await answered(getattr(self.stub, method)(request, metadata=self.token(who), timeout=30))

    async def case(self, name: str, who: UUID | None = None) -> case_pb2.Case:
        return (await self.call("GetCase", who or self.administrator, name=name)).case

    async def on_case(self, method: str, who: UUID, name: str, **fields: Any) -> case_pb2.Case:
        """A write on the case at the version that stands, whatever deadlines and events do to it meanwhile."""
        while True:
            version = (await self.case(name)).version
            try:
                return (await self.call(method, who, name=name, version=version, **fields)).case
            except DomainError as error:
                if error.reason != "STALE_VERSION":
                    raise

    async def hear(self, source: str, kind: str, event: Any, subject: str, version: int = 1) -> None:
        await publish(self.client, source, kind, event, subject=subject, version=version, time=self.clock.now())

    async def case_of(self, origin: str) -> str:
        async def there() -> str | None:
            rows = await self.sql("SELECT id FROM cases WHERE origin = $1", origin)
            return f"cases/{rows[0]['id']}" if rows else None

        return str(await eventually(there))

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        """As the superuser, past every policy."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def sql_as(self, viewer: UUID, statement: str, *values: Any) -> list[Any]:
        """As the service's own role with this person as viewer, which is what a mistake in code would be."""
        connection = await asyncpg.connect(self.database.url)
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('comity.viewer', $1, true), set_config('comity.administered', $2, true),"
                    " set_config('comity.organised', $3, true)",
                    f"accounts/{viewer}",
                    str(self.organisation) if viewer in (self.administrator, self.keeper) else "",
                    str(self.organisation) if viewer == self.administrator else "",
                )
                return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    async def events(self, type: str) -> list[Any]:
        return await self.sql("SELECT * FROM event_log WHERE type = $1 ORDER BY occur_time", type)

    def at(self, **offset: float) -> Timestamp:
        stamp = Timestamp()
        stamp.FromDatetime(self.clock.now() + timedelta(**offset))
        return stamp

    async def download(self, who: UUID, document: str, form: int) -> bytes:
        request = pb.DownloadDocumentRequest(document=document, form=form)  # type: ignore[arg-type]
        stream = self.stub.DownloadDocument(request, metadata=self.token(who), timeout=30)
        return b"".join([each.chunk.data async for each in stream])

    @asynccontextmanager
    async def replica(self) -> AsyncIterator[None]:
        """A further mediation service on the same database and broker."""
        application = await build(self.settings, self.clock, key_set=self.issuer.key_set)
        await application.start()
        try:
            yield
        finally:
            await application.stop()
