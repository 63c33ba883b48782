"""Intake on surroundings that a test can take away: a way to its database that closes, a NATS of its own."""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import grpc
import nats as nats_client
from comity.intake.v1.intake_service_pb2_grpc import IntakeServiceStub
from grpc_health.v1 import health_pb2, health_pb2_grpc
from nats.js import JetStreamContext

from deploy.local.nats import EmbeddedNats
from deploy.local.nats_permissions import CONSUMES, EVERYTHING, OPERATOR, NatsUser, service_users
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.private_files import write_private
from deploy.local.streams import create_streams
from services.common.rpc.not_ready import NOT_READY_KEY
from services.common.runner import Application
from services.intake import main
from services.intake.settings import Settings
from tests.integration.intake.conftest import RULES, a_filing
from tests.kit.clock import FlowingClock
from tests.kit.eventually import eventually
from tests.kit.postgres import FreshDatabase
from tests.kit.tokens import TokenIssuer, bearer

NATS_PASSWORD = "knownToTheBroker1"


class Way:
    """A port that leads to a server while it is open; ``used`` counts who came.

    The port is nobody else's while it is closed: it is chosen as those of servers are.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._taken: set[asyncio.StreamWriter] = set()
        self._leads = True
        self._passable = asyncio.Event()
        self._passable.set()
        self._lost = asyncio.Event()
        self.port = free_port()
        self.used = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, LOOPBACK, self.port)

    async def close(self) -> None:
        """Nobody listens any more, and who is connected is cut off."""
        if self._server is not None:
            self._server.close()
        self.cut()

    @asynccontextmanager
    async def leading_nowhere(self) -> AsyncIterator[None]:
        """Whoever comes is cut off at once."""
        self._leads = False
        self.cut()
        yield
        self._leads = True

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Whoever comes waits outside until this is over."""
        self._passable.clear()
        try:
            yield
        finally:
            self._passable.set()

    def lose(self) -> None:
        """Who is connected hears nothing any more, not even an end: after a failover, or behind a firewall that forgot."""
        self._lost.set()
        self._lost = asyncio.Event()

    def taken(self) -> set[asyncio.StreamWriter]:
        """Who is let in, or is just coming in."""
        return set(self._taken)

    def cut(self) -> None:
        for writer in self._taken:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.used += 1
        await self._passable.wait()
        if not self._leads:
            writer.transport.abort()
            return
        self._taken.add(writer)  # Before the server has answered: a cut spares nobody who is on the way.
        try:
            await self._carry_on(reader, writer)
        finally:
            self._taken.remove(writer)

    async def _carry_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lost = self._lost
        onwards, back = await asyncio.open_connection(*self._target)
        if writer.transport.is_closing():
            back.transport.abort()
            return
        self._taken.add(back)
        try:
            await asyncio.gather(_pump(reader, back, lost), _pump(onwards, writer, lost))
        finally:
            self._taken.remove(back)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, lost: asyncio.Event) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            if lost.is_set():
                continue
            target.write(data)
            await target.drain()
    target.close()


class ReshapedNats(EmbeddedNats):
    """A NATS server whose users and JetStream change with a restart."""

    with_jetstream = True

    def _settings(self) -> dict[str, object]:
        settings = super()._settings()
        if not self.with_jetstream:
            del settings["jetstream"]
        return settings

    async def again(self) -> None:
        await self.stop()
        await self.start()

    async def know(self, change: Callable[[NatsUser], NatsUser]) -> None:
        """Knows intake by another password or with other permissions, from now on: it reads them some time after."""
        self.users = tuple(change(user) if user.name == "intake" else user for user in self.users)
        assert self.pid
        configuration = json.dumps(self._settings())
        write_private(self._configuration, configuration, self.account.ids if self.account else None)
        before = await asyncio.to_thread(self._read_settings_at)
        os.kill(self.pid, signal.SIGHUP)
        await eventually(lambda: self._read_settings_at() != before)

    def _read_settings_at(self) -> str:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.monitoring_port}/varz", timeout=30) as answer:
            return str(json.load(answer)["config_load_time"])


def broker_users() -> list[NatsUser]:
    passwords = dict.fromkeys(CONSUMES, NATS_PASSWORD)
    return [*service_users(passwords, CONSUMES), NatsUser(OPERATOR, NATS_PASSWORD, EVERYTHING)]


@dataclass
class Place:
    """Where intake runs: what it stands on, and its log."""

    database: FreshDatabase
    way: Way
    nats: ReshapedNats
    folder: Path
    captured: StringIO
    organisation: UUID = field(default_factory=uuid4)
    clock: FlowingClock = field(default_factory=FlowingClock)

    @property
    def issuer(self) -> TokenIssuer:
        return TokenIssuer(self.clock)

    def settings(self, **changes: Any) -> Settings:
        parts = urlsplit(self.database.sqlalchemy_url)
        netloc = f"{parts.username}:{parts.password}@{LOOPBACK}:{self.way.port}"
        values = {
            "database_url": parts._replace(netloc=netloc).geturl(),
            "nats_url": f"nats://intake:{NATS_PASSWORD}@{LOOPBACK}:{self.nats.port}",
            "listen": f"{LOOPBACK}:0",
            "objects": self.folder,
            "keys": self.folder,
            "rules": RULES,
            "service_secret": "unused-here",
            "identity_address": f"{LOOPBACK}:1",
        }
        return Settings(**(values | changes))

    @asynccontextmanager
    async def service(self, settings: Settings | None = None) -> AsyncIterator["Standing"]:
        issuer = self.issuer
        application = await main.build(settings or self.settings(), self.clock, key_set=issuer.key_set)
        await application.start()
        try:
            async with grpc.aio.insecure_channel(f"{LOOPBACK}:{application.port}") as channel:
                yield Standing(self, application, channel, issuer)
        finally:
            await application.stop()

    async def sql(self, *statements: str) -> Any:
        """As the superuser, in the service's database; all at once, for the service looks in between."""
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            async with connection.transaction():
                for statement in statements:
                    answer = await connection.fetch(statement)
            return answer
        finally:
            await connection.close()

    async def elsewhere(self, *statements: str) -> None:
        """As the superuser, beside the service's database."""
        url = urlsplit(self.database.superuser_url)._replace(path="/postgres").geturl()
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    @asynccontextmanager
    async def without_sessions(self) -> AsyncIterator[None]:
        """The service's sessions are ended, as one keeps what it was let in with, and who comes waits until this is over.

        So whatever is done meanwhile is met whole: by no session of before, and by none in the middle of it.
        """
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()"
        async with self.way.held():

            async def nobody_is_in() -> bool:
                await self.elsewhere(end.format(self.database.name))
                return not self.way.taken()

            await eventually(nobody_is_in)
            yield

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[JetStreamContext]:
        url = self.nats.url_for(OPERATOR)
        client = await nats_client.connect(url, inbox_prefix=f"_INBOX.{OPERATOR}", allow_reconnect=False)
        try:
            yield client.jetstream()
        finally:
            await client.close()

    async def create_streams(self) -> None:
        await create_streams(self.nats.url_for(OPERATOR), tuple(CONSUMES), CONSUMES)

    @asynccontextmanager
    async def ends_in(self, trouble: AbstractAsyncContextManager[None]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """The trouble, and what puts it right before the block ends."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(trouble)
            yield stack.aclose

    async def leave_an_event(self) -> None:
        """Something to publish, that counts for nothing."""
        await self.sql(
            "INSERT INTO outbox (event_id, subject, headers, payload, create_time) "
            "VALUES (gen_random_uuid(), 'comity.intake.v1.sample.left', '{}', '', now())"
        )

    def log(self) -> list[dict[str, Any]]:
        """What was logged so far, once no line holds a secret."""
        said = self.captured.getvalue()
        password = urlsplit(self.database.url).password
        assert password and password not in said and NATS_PASSWORD not in said and "://" not in said
        return [json.loads(line) for line in said.splitlines()]

    def told(self, part: str) -> list[str]:
        """The reasons that were logged for a part, in their order; nothing else may be logged while it lasts."""
        lines = self.log()
        assert [line for line in lines if "exception" in line] == []
        told = [line for line in lines if line["event"] == "not_ready"]
        assert all(line["remedy"] and line["remedy_zh"] for line in told)
        return [line["reason"] for line in told if line["part"] == part]


@dataclass
class Standing:
    """A running intake."""

    place: Place
    application: Application
    channel: grpc.aio.Channel
    issuer: TokenIssuer

    async def health(self, part: str = "") -> tuple[bool, str]:
        """Whether the service, or one part of it, serves; and what it says is wrong."""
        call = health_pb2_grpc.HealthStub(self.channel).Check(health_pb2.HealthCheckRequest(service=part), timeout=30)
        answer = await call
        said = [str(value) for key, value in await call.trailing_metadata() if key == NOT_READY_KEY]
        return answer.status == health_pb2.HealthCheckResponse.SERVING, "\n".join(said)

    async def is_ready(self) -> bool:
        return (await self.health()) == (True, "")

    async def says(self, part: str, reason: str) -> bool:
        ready, said = await self.health()
        return not ready and f"{part}: {reason}: " in said

    async def becomes_ready(self) -> None:
        await eventually(self.is_ready)

    async def becomes(self, part: str, reason: str) -> None:
        """Not ready for this reason, and for no other part."""

        async def there() -> bool:
            if not await self.says(part, reason):
                return False
            ready = {name: (await self.health(name))[0] for name in self.application.surroundings.parts}
            assert [name for name, state in ready.items() if not state] == [part]
            return True

        await eventually(there)

    async def file(self) -> str:
        """Files a matter; its name. Raises AioRpcError."""
        caller = bearer(self.issuer.person(uuid4()))
        answer = await IntakeServiceStub(self.channel).FileMatter(
            a_filing(self.place.organisation), metadata=caller, timeout=30
        )
        return str(answer.matter.name)

    async def published(self, count: int) -> None:
        """Waits until so many matters were announced, and the outbox is empty."""

        async def there() -> bool:
            async with self.place.streams() as streams:
                info = await streams.stream_info("INTAKE", subjects_filter="comity.intake.v1.matter.received")
            left = (await self.place.sql("SELECT count(*) FROM outbox"))[0][0]
            found = (info.state.subjects or {}).get("comity.intake.v1.matter.received", 0)
            return (found, left) == (count, 0)

        await eventually(there)


def without_publishing(user: NatsUser, subject: str) -> NatsUser:
    """The user without the right to publish what begins so."""
    kept = tuple(each for each in user.permissions.publish if not each.startswith(subject))
    return replace(user, permissions=replace(user.permissions, publish=kept))
