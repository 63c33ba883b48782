"""Intake behind its real gRPC server, on real PostgreSQL and NATS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from comity.common.v1 import party_pb2
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.identity.v1 import identity_service_pb2_grpc as identity_grpc
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from google.protobuf.message import Message
from nats.aio.client import Client

from services.common.kernel.principal import Role
from services.common.storage import migrations
from services.intake.main import VERSIONS, build
from services.intake.settings import Settings
from tests.kit.clock import FakeClock
from tests.kit.events import publish
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.tokens import TokenIssuer, bearer

RULES = Path(__file__).parents[3] / "deploy" / "rules"


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "intake", VERSIONS)


class StandInIdentity(identity_grpc.IdentityServiceServicer):
    """Identity as intake needs it; the same request id gives the same invitation."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer
        self.invitations: dict[str, identity_service_pb2.Invitation] = {}
        self.asked = 0
        self.down = False
        self.refuses = False
        self.platform = uuid4()

    async def IssueServiceToken(self, request: Any, context: Any) -> identity_service_pb2.IssueServiceTokenResponse:
        token = identity_service_pb2.AccessToken(token=self._issuer.service(request.service))
        token.expire_time.FromSeconds(4_000_000_000)
        return identity_service_pb2.IssueServiceTokenResponse(access_token=token)

    async def CreateInvitation(self, request: Any, context: Any) -> Any:
        self.asked += 1
        if self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        if self.refuses:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "refused")
        made = identity_service_pb2.Invitation(
            name=f"invitations/{uuid4()}", subject=request.subject, party=request.party
        )
        invitation = self.invitations.setdefault(request.request_id, made)
        return identity_service_pb2.CreateInvitationResponse(invitation=invitation)

    async def GetOrganisation(self, request: Any, context: Any) -> Any:
        if request.name == f"organisations/{self.platform}":
            found = identity_service_pb2.Organisation(
                name=request.name, kind=identity_service_pb2.ORGANISATION_KIND_PLATFORM
            )
            return identity_service_pb2.GetOrganisationResponse(organisation=found)
        return await context.abort(grpc.StatusCode.NOT_FOUND, "not known")


@dataclass
class Intake:
    """A running intake service, and the people who call it."""

    stub: Any
    issuer: TokenIssuer
    identity: StandInIdentity
    clock: FakeClock
    client: Client
    database: FreshDatabase
    organisation: UUID = field(default_factory=uuid4)
    mediation: UUID = field(default_factory=uuid4)
    officer: UUID = field(default_factory=uuid4)
    complainant: UUID = field(default_factory=uuid4)
    respondent: UUID = field(default_factory=uuid4)
    channel: Any = None
    settings: Any = None

    @asynccontextmanager
    async def another(self) -> AsyncIterator["Intake"]:
        """One more replica over the same database."""
        application = await build(self.settings, self.clock, key_set=self.issuer.key_set)
        await application.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{application.port}") as channel:
                yield replace(self, stub=IntakeServiceStub(channel), channel=channel)
        finally:
            await application.stop()

    async def scalar(self, sql: str) -> Any:
        """What the database holds, past every viewer."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    def as_officer(self) -> Any:
        return bearer(self.issuer.person(self.officer, {self.organisation: [Role.INTAKE_OFFICER]}))

    def as_person(self, account: UUID) -> Any:
        return bearer(self.issuer.person(account))

    def as_service(self, name: str) -> Any:
        return bearer(self.issuer.service(name))

    async def call(self, method: str, request: Message, caller: Any) -> Any:
        return await getattr(self.stub, method)(request, metadata=caller, timeout=30)

    async def file(self, caller: Any, **changes: Any) -> matter_pb2.Matter:
        request = a_filing(self.organisation)
        _change(request, changes)
        response = await self.call("FileMatter", request, caller)
        return response.matter

    async def get(self, name: str, caller: Any) -> matter_pb2.Matter:
        return (await self.call("GetMatter", pb.GetMatterRequest(name=name), caller)).matter

    async def act(self, verb: str, name: str, caller: Any = None, **fields: Any) -> matter_pb2.Matter:
        """Calls ``<verb>Matter`` (or a full method name) at the version that stands."""
        caller = caller or self.as_officer()
        version = (await self.get(name, caller)).version
        method = verb if hasattr(pb, f"{verb}Request") else f"{verb}Matter"
        request = getattr(pb, f"{method}Request")(request_id=str(uuid4()), name=name, version=version, **fields)
        return (await self.call(method, request, caller)).matter

    async def hear(self, source: str, kind: str, event: Message, subject: str, version: int = 1) -> None:
        await publish(self.client, source, kind, event, subject=subject, version=version, time=self.clock.now())

    async def pass_time(self, by: timedelta) -> None:
        """Not under the hands of a job at work: its lease would lapse, and it would be begun again and again."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            at_work = await connection.fetchval("SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL")
        finally:
            await connection.close()
        if not at_work:
            self.clock.advance(by)

    async def in_mediation(self) -> matter_pb2.Matter:
        """A matter of the complainant that was forwarded."""
        matter = await self.file(self.as_person(self.complainant))
        await self.act("Triage", matter.name, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY)
        await self.act("Accept", matter.name)
        mine, other = matter.parties
        await self.act("RecordConsent", matter.name, self.as_person(self.complainant), party=mine.name, mediation=True)
        contact = {"channel": matter_pb2.CHANNEL_HOTLINE, "contact_time": self.clock.now(), "reached": True}
        await self.act("RecordContact", matter.name, party=other.name, **contact)
        await self.act("RecordConsent", matter.name, party=other.name, mediation=True)
        return await self.act("Forward", matter.name, organisation=f"organisations/{self.mediation}")

    async def reaches(self, name: str, state: int) -> matter_pb2.Matter:
        async def there() -> matter_pb2.Matter | None:
            matter = await self.get(name, self.as_officer())
            return matter if matter.state == state else None

        return await eventually(there)


def a_filing(organisation: UUID) -> pb.FileMatterRequest:
    request = pb.FileMatterRequest(
        request_id=str(uuid4()),
        organisation=f"organisations/{organisation}",
        kind=matter_pb2.MATTER_KIND_COMPLAINT,
        channel=matter_pb2.CHANNEL_WEB,
        subject_matter="CONSUMER",
        facts="样本 SAMPLE:预付卡余额未退。",
        request="退还余额。",
        complainant=party_pb2.PartyParticulars(
            display_name="样本甲",
            kind=party_pb2.PARTY_KIND_NATURAL_PERSON,
            identity_number="110101199003070011",
            address="样本路1号",
            email="a@sample.example",
            phone="+8613800000001",
            locale="zh",
        ),
        respondent=party_pb2.PartyParticulars(
            display_name="Sample Trading Ltd",
            kind=party_pb2.PARTY_KIND_ORGANISATION,
            identity_number="91110000600037341X",
            address="样本路2号",
            email="b@sample.example",
            phone="+8613800000002",
            locale="en",
        ),
        sample=True,
    )
    request.amount.currency, request.amount.minor_units = "CNY", 70700
    return request


def _change(request: pb.FileMatterRequest, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, Message):
            getattr(request, name).CopyFrom(value)
        else:
            setattr(request, name, value)


@pytest.fixture
async def intake(postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Intake]:
    await nats.create_streams()
    database = await postgres.fresh_database("intake", migrate)
    issuer = TokenIssuer(clock)
    identity = StandInIdentity(issuer)
    server = grpc.aio.server()
    identity_grpc.add_IdentityServiceServicer_to_server(identity, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    settings = Settings(
        database_url=database.sqlalchemy_url,
        nats_url=nats.url("intake"),
        listen="127.0.0.1:0",
        objects=tmp_path,
        keys=tmp_path,
        rules=RULES,
        service_secret="unused-here",
        identity_address=f"127.0.0.1:{port}",
    )
    application = await build(settings, clock, key_set=issuer.key_set)
    await application.start()
    client = await nats.connect()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{application.port}") as channel:
        running = Intake(
            IntakeServiceStub(channel), issuer, identity, clock, client, database, channel=channel, settings=settings
        )
        await _announce_organisations(running)
        yield running
    await client.close()
    await application.stop()
    await server.stop(0)
    await postgres.drop(database)


async def _announce_organisations(intake: Intake) -> None:
    kinds = {
        intake.organisation: identity_service_pb2.ORGANISATION_KIND_INTAKE,
        intake.mediation: identity_service_pb2.ORGANISATION_KIND_MEDIATION,
    }
    for organisation, kind in kinds.items():
        event = identity_events_pb2.OrganisationCreated(organisation=f"organisations/{organisation}", kind=kind)
        await intake.hear("identity", "organisation.created", event, f"organisations/{organisation}")
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        await eventually(lambda: _count(connection))
    finally:
        await connection.close()


async def _count(connection: Any) -> bool:
    return bool(await connection.fetchval("SELECT count(*) = 2 FROM organisations"))
