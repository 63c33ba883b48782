"""PostgreSQL and NATS as containers, for the fixtures of `--servers containers` and for tests of the whole suite in them.

Images come from COMITY_TEST_POSTGRES_IMAGE and COMITY_TEST_NATS_IMAGE: the official ones unless told otherwise, for example
those that `make images` made. Every container bears the label of its run, so that a killed run can be swept.
"""

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.nats import configuration
from deploy.local.nats_permissions import NatsUser
from deploy.local.passwords import new_password
from deploy.local.ports import LOOPBACK

# Ryuk is an image to be pulled; ports of containers are spoken to on loopback, also from inside a container. It is read
# at import.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
os.environ.setdefault("TC_POOLING_INTERVAL", "0.1")
os.environ.setdefault("TC_MAX_TRIES", "1800")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # testcontainers' own
    from testcontainers.community.nats import NatsContainer
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.container import DockerContainer

POSTGRES_IMAGE = os.environ.get("COMITY_TEST_POSTGRES_IMAGE", "postgres:18")
NATS_IMAGE = os.environ.get("COMITY_TEST_NATS_IMAGE", "nats:2-alpine")
RUN_LABEL = "org.comity.test-run"
RUN = os.environ.get("COMITY_TEST_RUN", "by-hand")

_FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
_CONFIGURATION = "/etc/comity/nats-server.json"


def labelled(container: DockerContainer, **settings: Any) -> DockerContainer:
    """The container with the label of this run and further settings of the engine."""
    return container.with_kwargs(labels={RUN_LABEL: RUN}, **settings)


@contextmanager
def postgres_container() -> Iterator[str]:
    """A PostgreSQL that forgets; gives the superuser's URL."""
    server = PostgresContainer(
        POSTGRES_IMAGE, username="postgres", password=new_password(), dbname="postgres", driver=None
    )
    options = [word for setting in (*_FAST_AND_FORGETFUL, "max_connections=200") for word in ("-c", setting)]
    with labelled(server, shm_size="256m").with_command(["postgres", *options]):
        yield (
            f"postgresql://{server.username}:{server.password}@{LOOPBACK}:{server.get_exposed_port(5432)}/{server.dbname}"
        )


@contextmanager
def nats_container(users: Sequence[NatsUser], folder: Path) -> Iterator[int]:
    """A NATS with these users and their permissions; gives its port on loopback. The folder keeps its configuration."""
    settings = configuration(
        users, name="comity-test", listen="0.0.0.0:4222", http="0.0.0.0:8222", store=Path("/data"), durable=False
    )
    file = folder / "nats-server.json"
    file.write_text(json.dumps(settings))
    server = NatsContainer(NATS_IMAGE)
    labelled(server).with_command(["--config", _CONFIGURATION]).with_volume_mapping(str(file), _CONFIGURATION)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.start()
    try:
        yield server.get_exposed_port(4222)
    finally:
        server.stop()
