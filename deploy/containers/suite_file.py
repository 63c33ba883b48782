"""`suite.json`: what a deployment in containers remembers. Generated once, completed when a service is added, never changed.

An operator may edit ``postgres_url`` (a superuser's; without a user the databases are made by hand), ``nats_url`` (without
a user; ``tls://`` demands TLS) and ``smtp_url`` to use servers of their own. ``postgres_ca_file`` and ``nats_ca_file`` name
the files (PEM) of who vouches for them.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from deploy.local.errors import LocalDeploymentError
from deploy.local.passwords import new_password
from deploy.local.private_files import write_private

FILE_NAME = "suite.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSecrets:
    """What one service and its database are protected by."""

    owner_password: str = field(default_factory=new_password, repr=False)
    database_password: str = field(default_factory=new_password, repr=False)
    nats_password: str = field(default_factory=new_password, repr=False)
    service_secret: str = field(default_factory=new_password, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFile:
    """``postgres_password`` is that of the composed PostgreSQL's superuser, also part of ``postgres_url``."""

    postgres_password: str = field(repr=False)
    postgres_url: str = field(repr=False)
    operator_password: str = field(repr=False)
    services: dict[str, ServiceSecrets]
    nats_url: str = "nats://nats:4222"
    postgres_ca_file: str = ""
    nats_ca_file: str = ""
    smtp_url: str = field(default="smtp://mail:2525", repr=False)


def settle(folder: Path, services: Sequence[str]) -> SuiteFile:
    """The folder's file, made or completed for these services. Raises LocalDeploymentError when it cannot be read."""
    path = folder / FILE_NAME
    known = read_suite_file(folder) if path.exists() else _new()
    entries = {name: known.services.get(name) or ServiceSecrets() for name in services}
    settled = replace(known, services=known.services | entries)
    if settled != known or not path.exists():
        write_private(path, json.dumps({"format": FORMAT, **asdict(settled)}, indent=2) + "\n")
    return settled


def _new() -> SuiteFile:
    password = new_password()
    return SuiteFile(
        postgres_password=password,
        postgres_url=f"postgresql://postgres:{password}@postgres:5432/postgres",
        operator_password=new_password(),
        services={},
    )


def read_suite_file(folder: Path) -> SuiteFile:
    """What the folder remembers. Raises LocalDeploymentError when there is nothing to be read."""
    path = folder / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = int(content.pop("format"))
        entries = {name: ServiceSecrets(**entry) for name, entry in content.pop("services").items()}
        known = SuiteFile(services=entries, **content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalDeploymentError(
            f"{path} cannot be read ({type(error).__name__}); restore it from a backup"
        ) from None
    if found > FORMAT:
        raise LocalDeploymentError(f"{path} has format {found}, this version of Comity reads up to {FORMAT}")
    return known
