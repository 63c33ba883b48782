"""All services in one process with one clock, over real gRPC, PostgreSQL, NATS and SMTP."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from deploy.local.environment import RULES
from deploy.local.mail_catcher import MailFolder
from deploy.local.ports import LOOPBACK, free_port
from services.cli.addresses import Services, connect
from services.cli.mailbox import Mailbox
from services.common.runner import Application
from services.identity.first_administrator import new_code
from tests.kit.clock import FlowingClock
from tests.kit.nats import KitNats
from tests.kit.postgres import FreshDatabase, KitPostgres

SERVICES = ("identity", "notify", "intake", "mediation", "court_link")


@dataclass
class SuiteInProcess:
    """A running suite: stubs, the mail that went out, the databases, the clock."""

    services: Services
    mailbox: Mailbox
    databases: dict[str, FreshDatabase]
    applications: dict[str, Application]
    clock: FlowingClock
    folder: Path
    settings: dict[str, Any]

    async def first_administrator_code(self) -> str:
        """A fresh one-time code, as ``python -m services.identity first-administrator`` prints it."""
        return await new_code(self.settings["identity"], self.clock)


@asynccontextmanager
async def running_suite(
    postgres: KitPostgres, nats: KitNats, clock: FlowingClock, folder: Path
) -> AsyncIterator[SuiteInProcess]:
    """Five services on fresh databases and empty streams, stopped in the end."""
    ports = {name: free_port() for name in SERVICES}
    async with AsyncExitStack() as stack:
        smtp_port = await _catch_mail(stack, folder / "mail", clock)
        databases = dict(
            zip(SERVICES, await asyncio.gather(*(postgres.fresh_database(name) for name in SERVICES)), strict=True)
        )
        settings = {name: _settings(name, databases[name], nats, ports, folder, smtp_port) for name in SERVICES}
        applications = {}
        for name in SERVICES:
            application = await importlib.import_module(f"services.{name}.main").build(settings[name], clock)
            await application.start()
            stack.push_async_callback(application.stop)
            applications[name] = application
        addresses = {name: f"{LOOPBACK}:{port}" for name, port in ports.items()}
        services = await connect(addresses, stack)
        yield SuiteInProcess(services, Mailbox(folder / "mail"), databases, applications, clock, folder, settings)


async def _catch_mail(stack: AsyncExitStack, folder: Path, clock: FlowingClock) -> int:
    handler = MailFolder(folder, clock)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost"), LOOPBACK, 0)
    stack.callback(server.close)
    return int(server.sockets[0].getsockname()[1])


def _settings(
    name: str, database: FreshDatabase, nats: KitNats, ports: dict[str, int], folder: Path, smtp_port: int
) -> Any:
    keys, objects = folder / "keys" / name, folder / "objects" / name
    for each in (keys, objects):
        each.mkdir(parents=True, mode=0o700)
    digests = {other: sha256(f"secret of {other}".encode()).hexdigest() for other in SERVICES}
    values = {
        "database_url": database.sqlalchemy_url,
        "nats_url": nats.url(name),
        "listen": f"{LOOPBACK}:{ports[name]}",
        "objects": objects,
        "keys": keys,
        "rules": RULES,
        "service_secret": f"secret of {name}",
        "service_secret_digests": digests,
        "smtp_url": f"smtp://{LOOPBACK}:{smtp_port}",
        "outbox_folder": folder / "outbox",
        **{f"{other}_address": f"{LOOPBACK}:{port}" for other, port in ports.items()},
    }
    kind = importlib.import_module(f"services.{name}.settings").Settings
    return kind(**{key: value for key, value in values.items() if key in kind.model_fields})
