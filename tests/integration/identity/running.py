"""Identity as it runs, with a stand-in for notify that remembers the codes it was handed."""

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import grpc
from comity.identity.v1 import identity_service_pb2 as pb
from comity.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from comity.notify.v1 import notify_service_pb2 as notify_pb
from comity.notify.v1.notify_service_pb2_grpc import NotifyServiceServicer, add_NotifyServiceServicer_to_server
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.common.kernel.contacts import parse_contact
from services.common.kernel.principal import Principal
from services.common.rpc.client import answered, open_channel
from services.common.runner import Application
from services.common.storage.transaction import SYSTEM
from services.identity.first_administrator import new_code, open_database
from services.identity.main import build
from services.identity.settings import Settings
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres
from tests.kit.tokens import bearer

RULES = Path(__file__).parents[3] / "deploy" / "rules"
SECRETS = {name: f"secret of {name}" for name in ("intake", "mediation", "court_link", "notify", "identity")}
R = TypeVar("R")


class Notify(NotifyServiceServicer):
    """Remembers codes by contact; refuses while ``down``."""

    def __init__(self) -> None:
        self.sent: list[notify_pb.SendOneTimeCodeRequest] = []
        self.callers: list[str] = []
        self.down = False

    async def SendOneTimeCode(self, request: Any, context: Any) -> notify_pb.SendOneTimeCodeResponse:
        if self.down:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "down")
        self.callers += [value for key, value in context.invocation_metadata() if key == "authorization"]
        self.sent.append(request)
        return notify_pb.SendOneTimeCodeResponse()

    def code_for(self, contact: str) -> str:
        return next(each.code for each in reversed(self.sent) if each.contact == contact)


@dataclass
class Person:
    """Somebody signed in."""

    account: pb.Account
    token: str
    email: str
    device: str = ""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return bearer(self.token)


@dataclass
class Running:
    """Identity with its doors: a stub, the clock, what notify got, its database."""

    stub: IdentityServiceStub
    application: Application
    clock: FakeClock
    notify: Notify
    settings: Settings
    fresh: FreshDatabase
    people: int = field(default=0)

    async def call(self, method: str, request: Any, who: Person | str | None = None) -> Any:
        """The answer, or the refusal as a DomainError; ``who`` is a person, or a service by name."""
        metadata: Any = ()
        if isinstance(who, Person):
            metadata = who.metadata
        elif who:
            metadata = bearer(await self.service_token(who))
        return await answered(getattr(self.stub, method)(request, metadata=metadata, timeout=30))

    async def service_token(self, name: str) -> str:
        request = pb.IssueServiceTokenRequest(service=name, secret=SECRETS[name])
        return str((await answered(self.stub.IssueServiceToken(request, timeout=30))).access_token.token)

    async def register(self, name: str = "样本甲 SAMPLE", email: str = "", phone: str = "") -> pb.Account:
        """Somebody who has an account."""
        return (await self.person(name, email or phone)).account

    async def challenge(self, contact: str, device: str = "") -> str:
        request = pb.StartSignInRequest(request_id=str(uuid4()), contact=contact, device=device)
        return str((await self.call("StartSignIn", request)).challenge.name)

    async def sign_in(self, contact: str, name: str = "", device: str = "") -> Person:
        """Somebody signed in by the code that was sent; with a name the account is opened."""
        challenge = await self.challenge(contact, device)
        profile = pb.Profile(display_name=name, locale="zh") if name else None
        code = self.notify.code_for(parse_contact(contact).value)
        request = pb.CompleteSignInRequest(challenge=challenge, code=code, profile=profile, device=device)
        answer = await self.call("CompleteSignIn", request)
        return Person(answer.account, answer.access_token.token, contact, answer.device)

    async def person(self, name: str = "样本甲 SAMPLE", contact: str = "") -> Person:
        """Somebody new, signed in."""
        self.people += 1
        return await self.sign_in(contact or f"person{self.people}@example.org", name)

    async def administrator(self) -> Person:
        """The first administrator, signed in."""
        request = pb.ClaimFirstAdministratorRequest(
            request_id=str(uuid4()),
            code=await new_code(self.settings, self.clock),
            display_name="样本管理员 SAMPLE",
            email="admin@example.org",
            locale="zh",
            organisation_display_name="样本平台 SAMPLE",
        )
        await self.call("ClaimFirstAdministrator", request)
        return await self.sign_in("admin@example.org")

    async def organisation(
        self, administrator: Person, kind: pb.OrganisationKind, head: pb.Account, name: str = "样本中心 SAMPLE"
    ) -> pb.Organisation:
        request = pb.CreateOrganisationRequest(
            request_id=str(uuid4()),
            display_name=name,
            kind=kind,
            region_code="110101",
            administrator=head.name,
            sample=True,
        )
        return (await self.call("CreateOrganisation", request, administrator)).organisation

    async def grant(self, administrator: Person, organisation: str, account: str, role: pb.Role) -> pb.Account:
        request = pb.GrantRoleRequest(request_id=str(uuid4()), organisation=organisation, account=account, role=role)
        return (await self.call("GrantRole", request, administrator)).account

    async def proof(self, person: Person, subject: str, digest: bytes) -> str:
        start = pb.StartProofRequest(request_id=str(uuid4()), subject=subject, digest=digest)
        challenge = (await self.call("StartProof", start, person)).challenge
        complete = pb.CompleteProofRequest(challenge=challenge.name, code=self.notify.code_for(person.email))
        return str((await self.call("CompleteProof", complete, person)).proof)

    @property
    def system(self) -> Principal:
        return SYSTEM

    def database(self) -> Any:
        """Its database as the service itself opens it."""
        return open_database(self.settings, self.clock)

    async def rows_written(self, sql: str) -> None:
        """Changes what the database holds, as its superuser."""
        engine = create_async_engine(self.fresh.superuser_url.replace("postgresql://", "postgresql+asyncpg://", 1))
        try:
            async with engine.begin() as connection:
                await connection.execute(text(sql))
        finally:
            await engine.dispose()

    async def rows(self, sql: str) -> list[Any]:
        """What the database holds, seen by its superuser."""
        engine = create_async_engine(self.fresh.superuser_url.replace("postgresql://", "postgresql+asyncpg://", 1))
        try:
            async with engine.connect() as connection:
                return list((await connection.execute(text(sql))).all())
        finally:
            await engine.dispose()


@asynccontextmanager
async def running(
    postgres: KitPostgres,
    nats: KitNats,
    clock: FakeClock,
    folder: Path,
    fresh: FreshDatabase | None = None,
    notify: Notify | None = None,
    **given: Any,
) -> AsyncIterator[Running]:
    """Identity on a fresh database, or as a further replica on a given one."""
    fresh = fresh or await postgres.fresh_database("identity")
    notify = notify or Notify()
    async with AsyncExitStack() as stack:
        server = grpc.aio.server()
        add_NotifyServiceServicer_to_server(notify, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, None)
        settings = Settings(
            **{
                "database_url": fresh.sqlalchemy_url,
                "nats_url": nats.url("identity"),
                "listen": "127.0.0.1:0",
                "objects": folder / "objects",
                "keys": folder / "keys",
                "rules": RULES,
                "service_secret": SECRETS["identity"],
                "identity_address": "127.0.0.1:1",
                "notify_address": f"127.0.0.1:{port}",
                "service_secret_digests": {name: _digest(secret) for name, secret in SECRETS.items()},
                **given,
            }
        )
        application = await build(settings, clock)
        await application.start()
        stack.push_async_callback(application.stop)
        channel = await stack.enter_async_context(open_channel(f"127.0.0.1:{application.port}"))
        one = Running(IdentityServiceStub(channel), application, clock, notify, settings, fresh)
        await eventually(lambda: _answers(one))
        yield one


async def _answers(one: Running) -> bool:
    try:
        await one.stub.GetJsonWebKeySet(pb.GetJsonWebKeySetRequest(), timeout=30)
    except grpc.aio.AioRpcError:
        return False
    return True


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def decoded(part: str) -> bytes:
    """A part of a JWT."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def refusal(call: Awaitable[R]) -> str:
    """The reason code of a refused call; fails when it is not refused."""
    from services.common.kernel.errors import DomainError  # noqa: PLC0415

    try:
        await call
    except DomainError as error:
        return error.reason
    raise AssertionError("this was not refused")
