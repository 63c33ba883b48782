"""One PostgreSQL per pytest process, and a fresh migrated database for whoever asks.

The migrations of a service run once, into a template; a fresh database is a copy of it, some 30 ms.
With `--servers given` it is the server of COMITY_TEST_POSTGRES (a superuser's URL): its roles named like services get
new passwords, so it must be a server for tests.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4
from weakref import WeakKeyDictionary

import asyncpg

from deploy.local.databases import create_database, owner_role, restrict_connections
from deploy.local.environment import inherited
from deploy.local.passwords import digest
from deploy.local.postgres import EmbeddedPostgres

Migrate = Callable[[str], Awaitable[None]]
"""Brings the database under the owner's URL (``postgresql+asyncpg://``) to the newest schema."""


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A database of one test. URLs are libpq's; ``sqlalchemy`` makes them SQLAlchemy's."""

    name: str
    owner_url: str = field(repr=False)
    url: str = field(repr=False)
    superuser_url: str = field(repr=False)

    @property
    def sqlalchemy_url(self) -> str:
        """The service's own role, as COMITY_DATABASE_URL has it."""
        return sqlalchemy(self.url)

    @property
    def sqlalchemy_owner_url(self) -> str:
        """The owner's role, as COMITY_OWNER_DATABASE_URL has it."""
        return sqlalchemy(self.owner_url)


def sqlalchemy(url: str) -> str:
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


async def no_migration(owner_url: str) -> None:
    """For tests of what a bare database allows."""


class KitPostgres:
    """The server of this pytest process. Safe to use from any event loop."""

    def __init__(self, superuser_url: str, embedded: EmbeddedPostgres | None = None) -> None:
        self.superuser_url = superuser_url
        self.embedded = embedded
        # The same in every process that shares a given server, because roles belong to the server.
        self._passwords = {role: digest(f"{role} {superuser_url}") for role in ("owner", "runtime")}
        self._tag = uuid4().hex[:8]
        self._templates: dict[tuple[str, Migrate | None], str] = {}
        # Two tasks of one test may ask at once. A lock belongs to one event loop, and every test has its own.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self._count = 0

    @classmethod
    @contextmanager
    def running(cls, folder: Path, servers: str = "embedded") -> Iterator["KitPostgres"]:
        """The given server of COMITY_TEST_POSTGRES, or one (embedded, or in a container) that is removed afterwards."""
        if servers == "given":
            yield cls(os.environ["COMITY_TEST_POSTGRES"])
            return
        if servers == "containers":
            from tests.kit.containers import postgres_container  # noqa: PLC0415 - needs an engine

            with postgres_container() as url:
                yield cls(url)
            return
        server = EmbeddedPostgres(folder / "server", durable=False)
        asyncio.run(server.start())
        try:
            yield cls(server.url, server)
        finally:
            asyncio.run(server.stop())
            server.remove()

    async def fresh_database(self, service: str, migrate: Migrate | None = None) -> FreshDatabase:
        """A new database of the service, migrated by ``python -m services.<service> migrate`` or by ``migrate``."""
        async with self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            template = self._templates.get((service, migrate)) or await self._make_template(service, migrate)
            self._templates[service, migrate] = template
        self._count += 1
        name = f"{service}_{self._tag}_{self._count}"
        await self._copy(template, name, service)
        return self._described(name, service)

    async def drop(self, database: FreshDatabase) -> None:
        """Remove it, connections included. Not needed at the end: the whole server goes away."""
        await self._as_superuser(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    async def _make_template(self, service: str, migrate: Migrate | None) -> str:
        template = f"template_{service}_{self._tag}_{len(self._templates)}"
        await create_database(
            self.superuser_url, service, self._passwords["owner"], self._passwords["runtime"], database=template
        )
        owner_url = sqlalchemy(self._described(template, service).owner_url)
        await (migrate(owner_url) if migrate else _run_own_migration(service, owner_url))
        return template

    async def _copy(self, template: str, name: str, service: str) -> None:
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            await restrict_connections(connection, name, service)
        finally:
            await connection.close()

    async def _as_superuser(self, statement: str) -> None:
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _described(self, name: str, service: str) -> FreshDatabase:
        parts = urlsplit(self.superuser_url)
        where = f"{parts.hostname}:{parts.port or 5432}/{name}{'?' if parts.query else ''}{parts.query}"
        return FreshDatabase(
            name=name,
            owner_url=f"postgresql://{owner_role(service)}:{self._passwords['owner']}@{where}",
            url=f"postgresql://{service}:{self._passwords['runtime']}@{where}",
            superuser_url=parts._replace(path=f"/{name}").geturl(),
        )


async def _run_own_migration(service: str, owner_url: str) -> None:
    environment = inherited(os.environ) | {"COMITY_OWNER_DATABASE_URL": owner_url}
    command = [sys.executable, "-m", f"services.{service}", "migrate"]
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"the migration of {service} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
