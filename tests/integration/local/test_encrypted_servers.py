"""Servers of one's own behind TLS: what is not vouched for is refused, and no password is said before that is known."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import nats.errors
import pytest

from deploy.local.nats import find_nats_server
from deploy.local.nats_permissions import CONSUMES, OPERATOR
from deploy.local.operator_setup import for_nats
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.probes import listens
from deploy.local.settings import ServiceEntry, settle_settings, write_settings
from deploy.local.streams import create_streams
from deploy.local.suite import Suite
from services.common.messaging import broker
from services.common.storage.database import create_engine
from services.common.surroundings import Cause
from tests.kit.encryption import ServerFiles, ThrowAwayAuthority, TlsFront
from tests.kit.eventually import eventually
from tests.kit.postgres import KitPostgres, no_migration, sqlalchemy

PASSWORD = "0123456789abcdef"
NOBODY_TO_CALL = {"COMITY_NOTIFY_ADDRESS": f"{LOOPBACK}:1"}


@pytest.fixture
def authority(tmp_path: Path) -> ThrowAwayAuthority:
    return ThrowAwayAuthority(tmp_path, "authority")


@pytest.fixture
def stranger(tmp_path: Path) -> ThrowAwayAuthority:
    """Vouches for anybody, and is believed by nobody."""
    return ThrowAwayAuthority(tmp_path, "stranger")


def front_of(postgres: KitPostgres, files: ServerFiles) -> TlsFront:
    parts = urlsplit(postgres.superuser_url)
    return TlsFront(str(parts.hostname), parts.port or 5432, files.context())


def through(front: TlsFront, url: str, ca_file: Path) -> str:
    parts = urlsplit(url)
    netloc = f"{parts.username}:{parts.password}@{LOOPBACK}:{front.port}"
    return parts._replace(netloc=netloc, query=f"sslmode=verify-full&sslrootcert={ca_file}").geturl()


@asynccontextmanager
async def own_nats(folder: Path, users: str, files: ServerFiles, port: int = 0) -> AsyncIterator[str]:
    """A NATS as somebody else runs it: a configuration by hand that includes the users. Gives ``host:port``."""
    port = port or free_port()
    (folder / "comity-users.conf").write_text(users)
    (folder / "nats-server.conf").write_text(
        f'listen: "{LOOPBACK}:{port}"\njetstream {{ store_dir: "{folder}/store", sync_interval: always }}\n'
        f'tls {{ cert_file: "{files.certificate}", key_file: "{files.key}" }}\ninclude comity-users.conf\n'
    )
    arguments = ["-c", str(folder / "nats-server.conf"), "-l", str(folder / "nats.log")]
    process = await asyncio.create_subprocess_exec(find_nats_server(), *arguments)
    try:
        await eventually(lambda: listens(port))
        yield f"{LOOPBACK}:{port}"
    finally:
        process.terminate()
        await process.wait()


def users_of(*services: str) -> str:
    entry = ServiceEntry(
        port=0, metrics_port=0, owner_password="", database_password="", nats_password=PASSWORD, service_secret=""
    )
    return for_nats(dict.fromkeys(services, entry), PASSWORD)


async def ask(url: str) -> object:
    engine = create_engine(url, 1)
    try:
        async with engine.connect() as connection:
            return (await connection.exec_driver_sql("select current_user")).scalar()
    finally:
        await engine.dispose()


async def test_a_service_s_database_is_reached_when_its_authority_vouches_for_it(
    postgres: KitPostgres, authority: ThrowAwayAuthority
) -> None:
    database = await postgres.fresh_database("intake", no_migration)
    async with front_of(postgres, authority.server(LOOPBACK)).running() as front:
        assert await ask(sqlalchemy(through(front, database.url, authority.file))) == "intake"
        assert front.handshakes == 1


async def test_a_database_that_somebody_else_vouches_for_is_refused(
    postgres: KitPostgres, authority: ThrowAwayAuthority, stranger: ThrowAwayAuthority
) -> None:
    async with front_of(postgres, stranger.server(LOOPBACK)).running() as front:
        with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
            await ask(sqlalchemy(through(front, postgres.superuser_url, authority.file)))


async def test_a_database_under_another_name_is_refused(postgres: KitPostgres, authority: ThrowAwayAuthority) -> None:
    async with front_of(postgres, authority.server("elsewhere.example")).running() as front:
        with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
            await ask(sqlalchemy(through(front, postgres.superuser_url, authority.file)))


async def test_a_database_that_does_not_encrypt_is_refused(
    postgres: KitPostgres, authority: ThrowAwayAuthority
) -> None:
    url = f"{postgres.superuser_url}?sslmode=verify-full&sslrootcert={authority.file}"
    with pytest.raises(ConnectionError, match="rejected SSL"):
        await ask(sqlalchemy(url))


async def test_a_broker_is_reached_when_its_authority_vouches_for_it(
    tmp_path: Path, authority: ThrowAwayAuthority
) -> None:
    async with own_nats(tmp_path, users_of("intake"), authority.server(LOOPBACK)) as address:
        await create_streams(f"tls://{OPERATOR}:{PASSWORD}@{address}", ("intake",), CONSUMES, authority.file)
        connected = await broker.connect(f"tls://intake:{PASSWORD}@{address}", "intake", authority.file)
        try:
            published = await connected.client.jetstream().publish("comity.intake.v1.matter.received", b"one")
            assert published.seq == 1
        finally:
            await connected.close()


@pytest.mark.parametrize("scheme", ["nats", "tls"])
async def test_a_broker_that_somebody_else_vouches_for_is_refused(
    tmp_path: Path, authority: ThrowAwayAuthority, stranger: ThrowAwayAuthority, scheme: str
) -> None:
    async with own_nats(tmp_path, users_of("intake"), stranger.server(LOOPBACK)) as address:
        with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
            await create_streams(f"{scheme}://{OPERATOR}:{PASSWORD}@{address}", ("intake",), CONSUMES, authority.file)


async def test_a_broker_under_another_name_is_refused(tmp_path: Path, authority: ThrowAwayAuthority) -> None:
    async with own_nats(tmp_path, users_of("intake"), authority.server("elsewhere.example")) as address:
        with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
            await create_streams(f"tls://{OPERATOR}:{PASSWORD}@{address}", ("intake",), CONSUMES, authority.file)


async def test_a_service_waits_for_a_broker_whose_certificate_is_wrong_until_it_is_put_right(
    tmp_path: Path, authority: ThrowAwayAuthority, stranger: ThrowAwayAuthority
) -> None:
    port, users = free_port(), users_of("intake")
    async with own_nats(tmp_path, users, stranger.server(LOOPBACK), port) as address:
        service = await broker.connect(f"tls://intake:{PASSWORD}@{address}", "intake", authority.file)
        await eventually(lambda: _finds(service, broker.UNTRUSTED))
    async with own_nats(tmp_path, users, authority.server(LOOPBACK), port):
        await eventually(lambda: _is_connected(service))
        await service.close()


async def _finds(service: broker.Broker, cause: Cause) -> bool:
    return await service.look() == cause


def _is_connected(service: broker.Broker) -> bool:
    try:
        return bool(service.client.is_connected)
    except nats.errors.ConnectionClosedError:
        return False


async def test_a_broker_that_does_not_encrypt_is_told_no_password(authority: ThrowAwayAuthority) -> None:
    heard, begun, ended = bytearray(), [], []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun.append(writer)
        writer.write(b"INFO " + json.dumps({"version": "2.15.1", "max_payload": 1024, "auth_required": True}).encode())
        writer.write(b"\r\n")
        heard.extend(await reader.read())
        writer.close()
        ended.append(writer)

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        for scheme, ca_file in (("tls", None), ("tls", authority.file), ("nats", authority.file)):
            with pytest.raises(nats.errors.SecureConnRequiredError):
                await create_streams(f"{scheme}://{OPERATOR}:{PASSWORD}@{LOOPBACK}:{port}", (), {}, ca_file)
        await eventually(lambda: len(begun) == len(ended) >= 3)
    finally:
        server.close()
    assert heard == b""


async def test_a_whole_deployment_starts_with_servers_behind_tls(
    tmp_path: Path, postgres: KitPostgres, authority: ThrowAwayAuthority
) -> None:
    """Roles, database, streams, migration and the service itself: every connection is encrypted and checked."""
    folder, files = tmp_path / "data", authority.server(LOOPBACK)
    folder.mkdir(mode=0o700)
    settings = settle_settings(folder, ("identity",))
    # Roles belong to the whole server: identity's keep the passwords that other tests know them by.
    known = await postgres.fresh_database("identity")
    passwords = [urlsplit(url).password or "" for url in (known.owner_url, known.url)]
    entry = replace(settings.services["identity"], owner_password=passwords[0], database_password=passwords[1])
    settings = replace(settings, services={"identity": entry})
    users = for_nats(settings.services, settings.operator_password)
    async with front_of(postgres, files).running() as front, own_nats(tmp_path, users, files) as address:
        url = through(front, postgres.superuser_url, authority.file)
        given = replace(settings, postgres_url=url, nats_url=f"tls://{address}", nats_ca_file=str(authority.file))
        write_settings(folder, given)
        async with Suite(folder, ("identity",), overrides=NOBODY_TO_CALL) as suite:
            assert {each.name for each in suite.status()} == {"mail", "identity"}
            assert front.handshakes > 3


async def test_a_service_not_asked_to_encrypt_also_begins_when_a_wrong_certificate_is_put_right(
    tmp_path: Path, authority: ThrowAwayAuthority, stranger: ThrowAwayAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    port, users = free_port(), users_of("intake")
    async with own_nats(tmp_path, users, stranger.server(LOOPBACK), port) as address:
        service = await broker.connect(f"nats://intake:{PASSWORD}@{address}", "intake")
        await eventually(lambda: _finds(service, broker.UNTRUSTED))
    async with own_nats(tmp_path, users, authority.server(LOOPBACK), port):
        await eventually(lambda: _is_connected(service))
        await service.close()


async def test_a_file_of_authorities_that_is_put_right_is_read_again(
    tmp_path: Path, authority: ThrowAwayAuthority
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("half of it")
    async with own_nats(tmp_path, users_of("intake"), authority.server(LOOPBACK)) as address:
        service = await broker.connect(f"tls://intake:{PASSWORD}@{address}", "intake", ca_file)
        try:
            await eventually(lambda: _finds(service, broker.UNTRUSTED))
            ca_file.write_bytes(authority.file.read_bytes())
            await eventually(lambda: _is_connected(service))
        finally:
            await service.close()
