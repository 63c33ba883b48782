"""The whole suite in containers on one network, as compose runs it, started by testcontainers.

Secrets come from `deploy.containers.secrets`, one-shots and services from the image. Nothing of Comity runs in this process.
"""

import json
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from deploy.containers.secrets import write_secrets
from deploy.containers.suite_file import FILE_NAME
from deploy.local.suite import SERVICES
from tests.containers.image import COMITY_IMAGE
from tests.kit.containers import NATS_IMAGE, POSTGRES_IMAGE, RUN, RUN_LABEL, NatsContainer, PostgresContainer, labelled
from tests.kit.eventually import until

_PORT = 50051
_WORK = "/var/lib/comity/work"
_WITHIN = 180.0


class Stack:
    """Running containers by name: ``postgres``, ``nats``, ``mail``, ``intake-1`` and so on. All are docker-py's objects."""

    def __init__(self, folder: Path) -> None:
        self._secrets = folder / "secrets"
        self._resources = ExitStack()
        self._tag = f"comity-test-{uuid4().hex[:8]}"
        self.engine = docker.from_env()
        self.containers: dict[str, Any] = {}
        self.network: Any = None
        self._network: Network | None = None

    @contextmanager
    def running(self) -> Iterator["Stack"]:
        """Everything serves; in the end nothing of it is left, volumes included."""
        with self._resources:
            self._resources.callback(self.engine.close)
            self._resources.callback(self._remove_volumes)
            write_secrets(self._secrets)
            labels = {"org.comity": self._tag, RUN_LABEL: RUN}
            self._network = self._resources.enter_context(Network(docker_network_kw={"labels": labels}))
            self.network = self.engine.networks.get(self._network.id)
            for name in ("mail", "work", *SERVICES):
                self.engine.volumes.create(f"{self._tag}-{name}", labels=labels)
            self._servers()
            self.once(["set-up"], secrets="operator")
            self.once(["migrate"], secrets="migrate")
            self._joined("mail", ["mail"], {f"{self._tag}-mail": "/var/lib/comity/mail"})
            self.add_replica(1)
            yield self

    def add_replica(self, number: int) -> None:
        """One more of every service, side by side; all are healthy afterwards."""
        with ThreadPoolExecutor(len(SERVICES)) as threads:
            list(threads.map(lambda name: self._serve(name, number), SERVICES))
            list(threads.map(lambda name: self.until_healthy(self.containers[f"{name}-{number}"]), SERVICES))

    def _servers(self) -> None:
        password = json.loads((self._secrets / FILE_NAME).read_text())["postgres_password"]
        postgres = PostgresContainer(POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres")
        self._enter("postgres", labelled(postgres).with_command(["postgres", "-c", "max_connections=300"]))
        nats = NatsContainer(NATS_IMAGE).with_volume_mapping(str(self._secrets / "nats"), "/run/secrets")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # testcontainers' own
            self._enter("nats", labelled(nats).with_command(["--config", "/run/secrets/nats-server.json"]))

    def _serve(self, name: str, number: int) -> None:
        addresses = {f"COMITY_{other.upper()}_ADDRESS": f"{other}:{_PORT}" for other in SERVICES}
        volumes = {f"{self._tag}-{name}": "/var/lib/comity", str(self._secrets / name): "/run/secrets"}
        environment = {"COMITY_SECRETS": "/run/secrets", **addresses}
        self._joined(f"{name}-{number}", [name], volumes, environment)

    def _joined(
        self, name: str, command: list[str], volumes: dict[str, str], environment: dict[str, str] | None = None
    ) -> None:
        container = _restricted(DockerContainer(COMITY_IMAGE)).with_command(command)
        for place, inside in volumes.items():
            container.with_volume_mapping(place, inside, "rw")
        self._enter(name, container.with_envs(**(environment or {})))

    def _enter(self, name: str, container: DockerContainer) -> None:
        assert self._network is not None
        container.with_network(self._network).with_network_aliases(name.partition("-")[0])
        self._resources.enter_context(container)
        self.containers[name] = container.get_wrapped_container()

    def once(self, command: list[str], *, secrets: str) -> str:
        """Run a one-shot to its end and give its log; an exit code other than 0 is an error."""
        volumes = {str(self._secrets / secrets): {"bind": "/run/secrets", "mode": "ro"}}
        return self.finished(self.begin(command, volumes=volumes))

    def program(self, *arguments: str) -> Any:
        """Start the program inside the network; it shares its work folder with later ones."""
        addresses = " ".join(f"{name}={name}:{_PORT}" for name in SERVICES)
        return self.begin(
            ["comity", *arguments],
            volumes={
                f"{self._tag}-work": {"bind": _WORK, "mode": "rw"},
                f"{self._tag}-mail": {"bind": "/var/lib/comity/mail", "mode": "ro"},
            },
            environment={
                "COMITY_ADDRESSES": addresses,
                "COMITY_MAIL": "/var/lib/comity/mail",
                "COMITY_HOUSE": f"{_WORK}/house.json",
            },
        )

    def begin(self, command: list[str], **settings: Any) -> Any:
        container = self.engine.containers.run(
            COMITY_IMAGE,
            command,
            detach=True,
            network=self.network.name,
            read_only=True,
            cap_drop=["ALL"],
            tmpfs={"/tmp": "mode=1777"},
            labels={"org.comity": self._tag, RUN_LABEL: RUN},
            **settings,
        )
        self._resources.callback(container.remove, force=True)
        return container

    def finished(self, container: Any, within: float = _WITHIN) -> str:
        code = container.wait(timeout=within)["StatusCode"]
        log = str(container.logs().decode())
        assert code == 0, log[-4000:]
        return log

    def claim(self) -> None:
        """Set up the sample house with identity's one-time code; there is no default account."""
        result = self.containers["identity-1"].exec_run(["comity-container", "identity", "first-administrator"])
        code = result.output.decode().split()[-1]
        self.finished(self.program("init", "--sample", "--folder", _WORK, "--code", code))

    def until_healthy(self, container: Any, within: float = _WITHIN) -> None:
        """Ask the image's own health command until it is content."""

        def is_healthy() -> bool:
            container.reload()
            asked = container.exec_run(["comity-container", "health"]) if container.status == "running" else None
            assert asked is not None and asked.exit_code == 0, f"{container.name}: {_last_words(container)}"
            return True

        until(is_healthy, within)

    def until_says(self, container: Any, words: str, within: float = _WITHIN) -> None:
        def has_said() -> bool:
            if words in container.logs().decode():
                return True
            container.reload()
            if container.status != "running":
                raise RuntimeError(f"{container.name} ended and never said {words!r}: {_last_words(container)}")
            return False

        until(has_said, within)

    def _remove_volumes(self) -> None:
        for volume in self.engine.volumes.list(filters={"name": self._tag}):
            volume.remove(force=True)


def _restricted(container: DockerContainer) -> DockerContainer:
    return labelled(container, read_only=True, cap_drop=["ALL"]).with_tmpfs_mount("/tmp")


def _last_words(container: Any) -> str:
    return str(container.logs().decode()[-4000:])
