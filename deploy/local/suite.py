"""The whole deployment over one data folder: servers, databases, migrations, services. Start reading here.

async with Suite(folder, SERVICES) as suite:
    ...  # serves until the block is left
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from pathlib import Path

import deploy
from deploy.local import process
from deploy.local.databases import create_database
from deploy.local.environment import (
    Servers,
    address_of,
    inherited,
    migration_environment,
    postgres_options,
    scheme_of,
    service_environment,
)
from deploy.local.errors import LocalDeploymentError
from deploy.local.layout import FolderLock, Layout
from deploy.local.nats import EmbeddedNats
from deploy.local.nats_permissions import CONSUMES, OPERATOR
from deploy.local.operator_setup import nats_users
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import EmbeddedPostgres, accepts_connections
from deploy.local.private_files import private_folder
from deploy.local.probes import listens, serves
from deploy.local.process import Command
from deploy.local.settings import SuiteSettings, read_settings, settle_settings
from deploy.local.streams import create_streams
from deploy.local.supervisor import Child, ChildStatus, Report, Supervisor

SERVICES = ("identity", "intake", "mediation", "court_link", "notify")

_MIGRATION_WITHIN = 600.0
_RECOVERY_WITHIN = 600.0
"""A server that was killed may have much to recover. One that cannot start is noticed much sooner."""
_PROJECT = Path(deploy.__file__).resolve().parent.parent


class Suite:
    """Runs the services named, each as ``python -m <module_prefix>.<name> serve``, over a data folder.

    ``report`` is told in one line what happens. ``overrides`` are further `COMITY_` variables
    for every service. ``home_parent`` is used as root only: the folder below which the
    servers' files are kept (see `account.py`). Raises LocalDeploymentError, with what to do, when it cannot start.
    """

    def __init__(
        self,
        folder: Path,
        services: Sequence[str] = SERVICES,
        *,
        module_prefix: str = "services",
        consumes: Mapping[str, Sequence[str]] = CONSUMES,
        report: Report = lambda line: None,
        home_parent: Path | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        self.layout = Layout(folder.absolute())
        self.services = tuple(services)
        self._module_prefix = module_prefix
        self._consumes = consumes
        self._report = report
        self._home_parent = home_parent
        self._overrides = dict(overrides or {})
        self._lock = FolderLock(self.layout)
        self._supervisor: Supervisor | None = None
        self._settings: SuiteSettings | None = None
        self._servers: Servers | None = None

    @property
    def settings(self) -> SuiteSettings:
        if self._settings is None:
            raise LocalDeploymentError("the suite is not started")
        return self._settings

    def address(self, service: str) -> str:
        """``host:port`` of the service's gRPC server."""
        return f"{LOOPBACK}:{self.settings.services[service].port}"

    def status(self) -> list[ChildStatus]:
        """Every process in the order of starting."""
        return [] if self._supervisor is None else self._supervisor.status()

    def service_environment(self, name: str) -> dict[str, str]:
        """The `COMITY_` variables of the running service."""
        if self._servers is None:
            raise LocalDeploymentError("the suite is not started")
        return service_environment(name, self.settings, self._servers, self.layout) | self._overrides

    async def __aenter__(self) -> "Suite":
        private_folder(self.layout.root)
        read_settings(self.layout.root)  # a folder of a newer format is refused before anything in it is touched
        self._lock.acquire()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End everything in the reverse order of starting and free the folder."""
        if self._supervisor is not None:
            await self._supervisor.stop()
            self._supervisor = None
        self._lock.release()

    async def _start(self) -> None:
        self._settings = settle_settings(self.layout.root, self.services)
        self.layout.make(list(self.services))
        self._supervisor = Supervisor(self.layout.run, self._report)
        postgres_url = await self._start_postgres(self._supervisor)
        nats_address = await self._start_nats(self._supervisor)
        smtp_url = await self._start_mail(self._supervisor)
        scheme, ca_file = scheme_of(self.settings.nats_url), self.settings.nats_ca_file
        self._servers = Servers(
            postgres=address_of(postgres_url, 5432),
            nats=nats_address,
            smtp_url=smtp_url,
            postgres_options=postgres_options(postgres_url),
            nats_scheme=scheme,
            nats_ca_file=ca_file,
        )
        await self._create_databases(postgres_url)
        operator_url = f"{scheme}://{OPERATOR}:{self.settings.operator_password}@{nats_address}"
        await create_streams(operator_url, self.services, self._consumes, Path(ca_file) if ca_file else None)
        await _all_of(self._migrate(name) for name in self.services)
        await _all_of(self._serve(self._supervisor, name) for name in self.services)

    async def _start_postgres(self, supervisor: Supervisor) -> str:
        """The superuser's URL of the embedded server, or of the one in the settings."""
        if given := self.settings.postgres_url:
            if not await accepts_connections(given):
                raise LocalDeploymentError("the PostgreSQL server in settings.json (postgres_url) does not answer")
            return given
        server = EmbeddedPostgres(self.layout.postgres, home_parent=self._home_parent, log=self.layout.log("postgres"))
        await server.prepare()
        await supervisor.start(
            Child(name=server.name, command=server.command(), ready=server.ready, before_start=server.clear_the_way),
            within=_RECOVERY_WITHIN,
        )
        return server.url

    async def _start_nats(self, supervisor: Supervisor) -> str:
        """``host:port`` of the embedded server, or of the one in the settings."""
        if given := self.settings.nats_url:
            return address_of(given, 4222)
        started = {name: self.settings.services[name] for name in self.services}
        users = nats_users(started, self.settings.operator_password, self._consumes)
        server = EmbeddedNats(self.layout.nats, users, home_parent=self._home_parent, log=self.layout.log("nats"))
        await server.prepare()
        child = Child(
            name=server.name,
            command=server.command(),
            ready=server.ready,
            before_start=server.clear_the_way,
            # After a full disk a stream stays wedged until the server is restarted; nothing is lost by it.
            restart_after_unready=30.0,
        )
        await supervisor.start(child, within=_RECOVERY_WITHIN)
        return f"{server.host}:{server.port}"

    async def _start_mail(self, supervisor: Supervisor) -> str:
        """The URL of the mail catcher, or of the SMTP server in the settings."""
        if given := self.settings.smtp_url:
            return given
        port = self.settings.mail_port
        arguments = ["-m", "deploy.local.mail_catcher", "--port", str(port), "--folder", str(self.layout.mail)]
        command = self._python("mail", arguments, inherited(os.environ))
        await supervisor.start(Child(name="mail", command=command, ready=lambda: listens(port)))
        return f"smtp://{LOOPBACK}:{port}"

    async def _create_databases(self, postgres_url: str) -> None:
        for name in self.services:
            entry = self.settings.services[name]
            await create_database(postgres_url, name, entry.owner_password, entry.database_password)

    async def _migrate(self, name: str) -> None:
        assert self._servers is not None
        own = migration_environment(name, self.settings, self._servers, self.layout)
        command = self._python(name, ["-m", f"{self._module_prefix}.{name}", "migrate"], inherited(os.environ) | own)
        child = process.launch(command)
        try:
            ended = await process.exited(child, _MIGRATION_WITHIN)
        finally:
            await process.stop(child, command.stop_signal, grace=5)
        if not ended or child.returncode != 0:
            raise LocalDeploymentError(
                f"the migration of {name} failed; {command.log} says:\n{process.log_tail(command.log)}"
            )
        self._report(f"{name}: migrated")

    async def _serve(self, supervisor: Supervisor, name: str) -> None:
        environment = inherited(os.environ) | self.service_environment(name)
        command = self._python(name, ["-m", f"{self._module_prefix}.{name}", "serve"], environment)
        port = self.settings.services[name].port
        await supervisor.start(Child(name=name, command=command, ready=lambda: serves(port)))

    def _python(self, name: str, arguments: list[str], environment: dict[str, str]) -> Command:
        return Command(
            arguments=[sys.executable, *arguments], environment=environment, folder=_PROJECT, log=self.layout.log(name)
        )


async def _all_of(tasks: Iterable[Awaitable[None]]) -> None:
    """Run them side by side, let every one end, then raise the first failure."""
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
