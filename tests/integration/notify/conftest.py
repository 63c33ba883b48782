"""Notify behind its real gRPC server, on real PostgreSQL and NATS, with a mail server that can misbehave."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from comity.common.v1 import dossier_pb2
from comity.court_link.v1 import court_link_service_pb2
from comity.court_link.v1 import court_link_service_pb2_grpc as court_grpc
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.identity.v1 import identity_service_pb2_grpc as identity_grpc
from comity.intake.v1 import intake_events_pb2, intake_service_pb2
from comity.intake.v1 import intake_service_pb2_grpc as intake_grpc
from comity.mediation.v1 import mediation_events_pb2
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb
from comity.notify.v1.notify_service_pb2_grpc import NotifyServiceStub
from google.protobuf.message import Message
from nats.aio.client import Client

from services.common.kernel.principal import Role
from services.common.rpc.errors import refusal_of
from services.common.storage import migrations
from services.notify.main import VERSIONS, build
from services.notify.settings import Settings
from tests.kit.clock import FakeClock
from tests.kit.events import publish
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.rules import RULES
from tests.kit.tokens import TokenIssuer, bearer

T = TypeVar("T")


async def migrate(owner_url: str) -> None:
    await migrations.upgrade_async(owner_url, "notify", VERSIONS)


class MailServer:
    """A mail server: ``answer`` is what it says to a message; "hang" makes it say nothing."""

    def __init__(self) -> None:
        self.answer = "250 kept"
        self.connected = 0
        self.seen: list[EmailMessage] = []
        self.kept: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, EmailMessage, policy=policy.default)
        self.seen.append(message)
        if self.answer == "hang":
            await asyncio.sleep(3600)
        if self.answer.startswith("250"):
            self.kept.append(message)
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.kept if message["To"] == address]


class StandIn(
    identity_grpc.IdentityServiceServicer, intake_grpc.IntakeServiceServicer, court_grpc.CourtLinkServiceServicer
):
    """Identity, intake and court_link as notify needs them."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer
        self.dossiers: dict[bytes, bytes] = {}
        self.platform = uuid4()
        platform = f"organisations/{self.platform}"
        self.organisations: dict[str, identity_service_pb2.Organisation] = {
            platform: identity_service_pb2.Organisation(
                name=platform, kind=identity_service_pb2.ORGANISATION_KIND_PLATFORM
            )
        }

    async def IssueServiceToken(self, request: Any, context: Any) -> identity_service_pb2.IssueServiceTokenResponse:
        token = identity_service_pb2.AccessToken(token=self._issuer.service(request.service))
        token.expire_time.FromSeconds(4_000_000_000)
        return identity_service_pb2.IssueServiceTokenResponse(access_token=token)

    async def GetOrganisation(self, request: Any, context: Any) -> identity_service_pb2.GetOrganisationResponse:
        return identity_service_pb2.GetOrganisationResponse(organisation=self.organisations[request.name])

    async def ReadContactDossier(self, request: Any, context: Any) -> AsyncIterator[Any]:
        kinds = {"account": identity_service_pb2, "matter": intake_service_pb2, "referral": court_link_service_pb2}
        (kind,) = (kinds[name] for name in request.DESCRIPTOR.fields_by_name if name in kinds)
        if request.digest not in self.dossiers:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        chunk = dossier_pb2.Chunk(data=self.dossiers[request.digest])
        yield kind.ReadContactDossierResponse(chunk=chunk)

    def keep(self, subject: str, *cards: dossier_pb2.ContactCard) -> bytes:
        data = dossier_pb2.ContactDossier(subject=subject, cards=cards).SerializeToString(deterministic=True)
        digest = sha256(data).digest()
        self.dossiers[digest] = data
        return digest


class CountedSession(SMTP):
    """Tells the mail server who is connected."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connected += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.connected -= 1
        super().connection_lost(error)


@dataclass
class Notify:
    """A running notify service, its mail server, and the people who call it."""

    stub: Any
    issuer: TokenIssuer
    others: StandIn
    mail: MailServer
    clock: FakeClock
    client: Client
    database: FreshDatabase
    outbox: Path
    channel: Any
    organisation: UUID = field(default_factory=uuid4)
    officer: UUID = field(default_factory=uuid4)

    def as_officer(self) -> Any:
        return bearer(self.issuer.person(self.officer, {self.organisation: [Role.INTAKE_OFFICER]}))

    def as_operator(self) -> Any:
        return bearer(self.issuer.person(uuid4(), {self.others.platform: [Role.ADMINISTRATOR]}))

    def as_person(self, account: UUID) -> Any:
        return bearer(self.issuer.person(account))

    async def call(self, method: str, request: Message, caller: Any) -> Any:
        return await getattr(self.stub, method)(request, metadata=caller, timeout=30)

    async def hear(self, source: str, kind: str, event: Message, subject: str, **more: Any) -> None:
        more = {"version": 1, **more}
        await publish(self.client, source, kind, event, subject=subject, time=self.clock.now(), **more)

    async def account(self, account: UUID | None = None, **contact: str) -> str:
        """Somebody whose contacts identity has verified; the account's name."""
        name = f"accounts/{account or uuid4()}"
        card = dossier_pb2.ContactCard(recipient=name, account=name, **{"locale": "zh", **contact})
        registered = identity_events_pb2.AccountRegistered(account=name, contacts_digest=self.others.keep(name, card))
        await self.hear("identity", "account.registered", registered, name)
        return name

    async def received(
        self, account: str | None = None, *, matter: str = "", other: str = "", **complainant: str
    ) -> tuple[str, str, str]:
        """A matter with two parties; its name, the complainant's and the respondent's.

        The complainant has an account with these contacts; with ``account=""`` it has none.
        """
        matter, other = matter or f"matters/{uuid4()}", other or f"parties/{uuid4()}"
        mine = f"parties/{uuid4()}"
        contact = complainant or {"email": "a@sample.example"}
        if account != "":
            account = await self.account(UUID(account.rpartition("/")[2]) if account else None, **contact)
        card = {"display_name": "样本甲", "locale": "zh", **contact}
        digest = self.others.keep(
            matter,
            dossier_pb2.ContactCard(recipient=mine, account=account, **card),
            dossier_pb2.ContactCard(
                recipient=other, display_name="Sample", locale="en", email="b@sample.example", phone="+8613800000002"
            ),
        )
        event = intake_events_pb2.MatterReceived(
            matter=matter,
            number="2026-000001",
            organisation=f"organisations/{self.organisation}",
            contacts_digest=digest,
            acceptance_due_date="2026-03-11",
            complainant=mine,
            sample=True,
        )
        await self.hear("intake", "matter.received", event, matter)
        return matter, mine, other

    async def joins(self, matter: str, party: str, **contact: str) -> None:
        """The party claims its place with an account that has these contacts; notify has heard of both."""
        joined = intake_events_pb2.MatterPartyJoined(matter=matter, party=party, account=await self.account(**contact))
        await self.hear("intake", "matter.party_joined", joined, matter, version=2)
        await eventually(lambda: self.bound(party))

    async def bound(self, party: str) -> int:
        """Whether the party's place belongs to an account that has been heard of."""
        bound = "SELECT count(*) FROM cards place JOIN cards own ON own.recipient = place.account WHERE place.recipient = $1"
        return await self.count(bound, party)

    async def case_opened(self, matter: str, *parties: str, number: str = "", case: str = "") -> str:
        """The matter has become a case of this organisation, with these parties; the case's name."""
        case = case or f"cases/{uuid4()}"
        event = mediation_events_pb2.CaseOpened(
            case=case,
            number=number,
            origin=matter,
            organisation=f"organisations/{self.organisation}",
            parties=parties,
        )
        await self.hear("mediation", "case.opened", event, case)
        return case

    async def writes_as(self, display_name: str, telephone: str, version: int = 1) -> None:
        """Identity says what the organisation is called, and where it is called; notify has heard of it."""
        name = f"organisations/{self.organisation}"
        self.others.organisations[name] = identity_service_pb2.Organisation(
            name=name, display_name=display_name, telephone=telephone, version=version
        )
        if version == 1:
            await self.hear(
                "identity", "organisation.created", identity_events_pb2.OrganisationCreated(organisation=name), name
            )
        else:
            changed = identity_events_pb2.OrganisationTelephoneChanged(organisation=name)
            await self.hear("identity", "organisation.telephone_changed", changed, name, version=version)
        heard = "SELECT count(*) FROM organisations WHERE telephone = $1"
        await eventually(lambda: self.count(heard, telephone))

    async def invitation(self, expire_time: datetime | None = None) -> str:
        """An invitation that identity has made; its name."""
        name = f"invitations/{uuid4()}"
        created = identity_events_pb2.InvitationCreated(invitation=name)
        created.expire_time.FromDatetime(expire_time or self.clock.now() + timedelta(days=30))
        await self.hear("identity", "invitation.created", created, name)
        return name

    async def officer_can_be_reached(self, role: Any = identity_service_pb2.ROLE_INTAKE_OFFICER) -> None:
        name = await self.account(self.officer, email="officer@sample.example")
        granted = identity_events_pb2.AccountRoleGranted(
            account=name,
            organisation=f"organisations/{self.organisation}",
            role=role,
        )
        await self.hear("identity", "account.role_granted", granted, name, version=2)
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            known = "SELECT 1 FROM staff JOIN cards ON recipient = staff.account"
            await eventually(lambda: connection.fetchval(known))
        finally:
            await connection.close()

    async def mails(self, address: str, number: int = 1) -> list[EmailMessage]:
        """Waits until so many mails were kept for the address."""

        def there() -> list[EmailMessage] | None:
            found = self.mail.to(address)
            return found if len(found) >= number else None

        return await eventually(there)

    async def as_time_passes(self, there: Callable[[], T]) -> T:
        """Waits for something that is tried again after pauses, which pass at once.

        Not under the hands of a job at work, though: its lease would lapse, and it would be done twice at a time.
        """

        async def look() -> T:
            if not await self.count("SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL"):
                self.clock.advance(timedelta(seconds=5))
            return there()

        return await eventually(look)

    async def count(self, query: str, *values: object) -> int:
        """As the superuser, past every policy."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return int(await connection.fetchval(query, *values))
        finally:
            await connection.close()

    async def told(self, recipient: str) -> int:
        """How many notices there are for this person, sent or not."""
        return await self.count("SELECT count(*) FROM notices WHERE recipient = $1", recipient)

    async def notices(self, account: UUID) -> list[notice_pb2.Notice]:
        return list((await self.call("ListNotices", pb.ListNoticesRequest(), self.as_person(account))).notices)

    async def tasks(self) -> list[notice_pb2.ManualTask]:
        page = await self.call("ListManualTasks", pb.ListManualTasksRequest(), self.as_officer())
        return list(page.manual_tasks)


@pytest.fixture
async def mail_server() -> AsyncIterator[tuple[MailServer, int]]:
    handler = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: CountedSession(handler, enable_SMTPUTF8=True, hostname="localhost"), "127.0.0.1", 0
    )
    yield handler, server.sockets[0].getsockname()[1]
    server.close()
    for task in asyncio.all_tasks():
        if "_handle_client" in repr(task):
            task.cancel()


@pytest.fixture
def rules() -> Path:
    """A test of a house with rules of its own replaces them."""
    return RULES


@pytest.fixture
async def notify(
    postgres: KitPostgres,
    nats: KitNats,
    clock: FakeClock,
    tmp_path: Path,
    mail_server: tuple[MailServer, int],
    rules: Path,
) -> AsyncIterator[Notify]:
    await nats.create_streams()
    database = await postgres.fresh_database("notify", migrate)
    issuer = TokenIssuer(clock)
    others = StandIn(issuer)
    server = grpc.aio.server()
    identity_grpc.add_IdentityServiceServicer_to_server(others, server)
    intake_grpc.add_IntakeServiceServicer_to_server(others, server)
    court_grpc.add_CourtLinkServiceServicer_to_server(others, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    mail, mail_port = mail_server
    settings = Settings(
        database_url=database.sqlalchemy_url,
        nats_url=nats.url("notify"),
        listen="127.0.0.1:0",
        objects=tmp_path,
        keys=tmp_path,
        rules=rules,
        service_secret="unused-here",
        identity_address=f"127.0.0.1:{port}",
        intake_address=f"127.0.0.1:{port}",
        court_link_address=f"127.0.0.1:{port}",
        smtp_url=f"smtp://127.0.0.1:{mail_port}",
        outbox_folder=tmp_path / "outbox",
    )
    application = await build(settings, clock, key_set=issuer.key_set)
    await application.start()
    client = await nats.connect()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{application.port}") as channel:
        stub = NotifyServiceStub(channel)
        yield Notify(stub, issuer, others, mail, clock, client, database, tmp_path / "outbox", channel)
    await client.close()
    await application.stop()
    await server.stop(0)
    await postgres.drop(database)


async def refused(call: object) -> str:
    """The reason code of a refused call."""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call  # type: ignore[misc]
    return refusal_of(error.value).reason
