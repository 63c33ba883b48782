"""Every service comes up beside what is away, says why it is not ready, and begins by itself; or ends and says why."""

import asyncio
import importlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import services
from deploy.local.environment import RULES, inherited
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.probes import serves, trouble
from services.common.runner import Application
from services.common.storage import migrations
from services.common.surroundings import UNFIT_EXIT_CODE
from tests.integration.surroundings.standing import Place, Way
from tests.kit.eventually import eventually
from tests.kit.postgres import KitPostgres, Migrate
from tests.kit.suite import SERVICES


def _migrating(service: str) -> Migrate:
    versions = Path(services.__path__[0]) / service / "storage" / "migrations"
    return lambda owner_url: migrations.upgrade_async(owner_url, service, versions)


_MIGRATIONS = {name: _migrating(name) for name in SERVICES}


@asynccontextmanager
async def _process(service: str, environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", f"services.{service}", "serve"),
        env=inherited(os.environ) | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _environment(service: str, ports: dict[str, int], database_url: str, nats_url: str, folder: Path) -> dict[str, str]:
    own = folder / service
    own.mkdir(mode=0o700)
    values = {
        "DATABASE_URL": database_url,
        "NATS_URL": nats_url,
        "LISTEN": f"{LOOPBACK}:{ports[service]}",
        "OBJECTS": own,
        "KEYS": own,
        "RULES": RULES,
        "SERVICE_SECRET": "unused-here",
        "SERVICE_SECRET_DIGESTS": "{}",
        "SMTP_URL": f"smtp://{LOOPBACK}:1",
        "OUTBOX_FOLDER": own / "outbox",
        **{f"{name.upper()}_ADDRESS": f"{LOOPBACK}:{port}" for name, port in ports.items()},
    }
    return {f"COMITY_{name}": str(value) for name, value in values.items()}


async def test_every_service_comes_up_without_a_database_says_so_and_begins_when_it_is_there(
    place: Place, postgres: KitPostgres, tmp_path: Path
) -> None:
    way = _closed_way(place)
    ports = {name: free_port() for name in SERVICES}
    async with AsyncExitStack() as stack:
        for name in SERVICES:
            database = await postgres.fresh_database(name, _MIGRATIONS[name])
            role = urlsplit(database.sqlalchemy_url)
            url = role._replace(netloc=f"{role.username}:{role.password}@{LOOPBACK}:{way.port}").geturl()
            environment = _environment(name, ports, url, place.nats.url_for(name), tmp_path)
            await stack.enter_async_context(_in_this_process(name, environment))
        for name in SERVICES:
            await eventually(partial(_says, ports[name], "database: DATABASE_UNREACHABLE: "), 60)
        await way.open()
        for name in SERVICES:
            await eventually(partial(serves, ports[name]), 60)
    assert place.told("database") == ["DATABASE_UNREACHABLE"] * len(SERVICES)
    await way.close()


def _closed_way(place: Place) -> Way:
    parts = urlsplit(place.database.url)
    return Way(str(parts.hostname), int(parts.port or 5432))


@asynccontextmanager
async def _in_this_process(service: str, environment: dict[str, str]) -> AsyncIterator[None]:
    """Identity is built only once its database is there, and its port answers before."""
    kind = importlib.import_module(f"services.{service}.settings").Settings
    given = {name.removeprefix("COMITY_").lower(): value for name, value in environment.items()}
    given["service_secret_digests"] = {}
    settings = kind(**{name: value for name, value in given.items() if name in kind.model_fields})

    async def started() -> Application:
        application: Application = await importlib.import_module(f"services.{service}.main").build(settings)
        await application.start()
        return application

    starting = asyncio.create_task(started())
    try:
        yield
    finally:
        await (await starting).stop()


async def _says(port: int, reason: str) -> bool:
    return reason in (await trouble(port) or "")


async def test_a_service_that_waits_for_its_database_stops_when_it_is_told_to(place: Place, tmp_path: Path) -> None:
    """By its own doing: what the first process of a container does not handle the kernel keeps from it."""
    way = _closed_way(place)
    ports = {"identity": free_port(), "notify": 1}
    url = f"postgresql+asyncpg://identity@{LOOPBACK}:{way.port}/identity"
    environment = _environment("identity", ports, url, place.nats.url_for("identity"), tmp_path)
    async with _process("identity", environment) as process:
        await eventually(partial(_says, ports["identity"], "database: DATABASE_UNREACHABLE: "), 60)
        process.terminate()
        async with asyncio.timeout(60):
            written, _ = await process.communicate()
    log = written.decode()
    assert process.returncode == 0 and "Traceback" not in log
    assert "IDENTITY_UNREACHABLE" not in log  # It is identity that speaks.


@pytest.mark.parametrize("when", ["at the start", "while it runs"])
async def test_a_schema_newer_than_the_code_ends_the_process_with_one_line(
    when: str, place: Place, tmp_path: Path
) -> None:
    port = free_port()
    environment = _environment(
        "intake", {"intake": port, "identity": 1}, place.database.sqlalchemy_url, place.nats.url_for("intake"), tmp_path
    )
    newer = "UPDATE alembic_version SET version_num = '0099'"
    if when == "at the start":
        await place.sql(newer)
    async with _process("intake", environment) as process:
        if when == "while it runs":
            await eventually(lambda: _says(port, "identity: IDENTITY_UNREACHABLE: "), 60)
            await place.sql(newer)
        async with asyncio.timeout(60):
            written, _ = await process.communicate()
    log = written.decode()
    assert process.returncode == UNFIT_EXIT_CODE, log
    said = [line for line in log.splitlines() if "SCHEMA_NEWER" in line]
    assert len(said) == 1 and "start the version that made it" in said[0]
    assert "Traceback" not in log
