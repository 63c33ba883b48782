"""`suite.json`: what a deployment in containers remembers. Generated once, completed when a service is added, never changed.

An operator may edit ``postgres_url`` (a superuser's), ``nats_address`` and ``smtp_url`` to use servers of their own.
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
    nats_address: str = "nats:4222"
    smtp_url: str = field(default="smtp://mail:2525", repr=False)


def settle(folder: Path, services: Sequence[str]) -> SuiteFile:
    """The folder's file, made or completed for these services. Raises LocalDeploymentError when it cannot be read."""
    path = folder / FILE_NAME
    known = _read(path) if path.exists() else _new()
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


def _read(path: Path) -> SuiteFile:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = int(content.pop("format"))
        entries = {name: ServiceSecrets(**entry) for name, entry in content.pop("services").items()}
        known = SuiteFile(services=entries, **content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalDeploymentError(
            f"{path} cannot be read ({type(error).__name__}); restore it from a backup"
        ) from None
    if found > FORMAT:
        raise LocalDeploymentError(f"{path} has format {found}, this version of Comity reads up to {FORMAT}")
    return known
