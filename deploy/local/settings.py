"""`settings.json` of a data folder: its format, generated passwords, remembered ports, servers of one's own.

Written once with mode 0600 and changed only when a port must move or a service is added. An operator may set the
`*_url` entries to use other servers than the embedded ones.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from deploy.local.errors import LocalDeploymentError
from deploy.local.passwords import new_password
from deploy.local.ports import free_port, keep_or_replace
from deploy.local.private_files import write_private

FORMAT = 1
"""The layout of data folders this version makes. Raise it when an older version must not touch the folder any more."""

FILE_NAME = "settings.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """One service's ports on loopback and its secrets."""

    port: int
    metrics_port: int
    owner_password: str = field(repr=False)
    database_password: str = field(repr=False)
    nats_password: str = field(repr=False)
    service_secret: str = field(repr=False)

    @classmethod
    def generate(cls) -> "ServiceEntry":
        return cls(
            port=free_port(),
            metrics_port=free_port(),
            owner_password=new_password(),
            database_password=new_password(),
            nats_password=new_password(),
            service_secret=new_password(),
        )

    def with_free_ports(self) -> "ServiceEntry":
        return replace(self, port=keep_or_replace(self.port), metrics_port=keep_or_replace(self.metrics_port))


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSettings:
    """What a data folder remembers.

    ``postgres_url`` (a superuser's), ``nats_url`` (without user) and ``smtp_url`` replace the embedded servers; empty
    means embedded. ``nats_ca_file`` vouches for a NATS under ``tls://``; without it the system does. ``traces_endpoint``
    is where services send ``traces_ratio`` of their traces; empty means nowhere.
    """

    services: dict[str, ServiceEntry]
    mail_port: int
    operator_password: str = field(repr=False)
    postgres_url: str = field(default="", repr=False)
    nats_url: str = ""
    nats_ca_file: str = ""
    smtp_url: str = field(default="", repr=False)
    traces_endpoint: str = ""
    traces_ratio: float = 1.0


def read_settings(folder: Path) -> SuiteSettings | None:
    """The settings of the folder, None when it has none yet.

    Raises LocalDeploymentError for a folder of a newer format and for a file that cannot be understood.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = int(content.pop("format"))
        if found > FORMAT:
            raise LocalDeploymentError(
                f"the data folder {folder} has format {found}, this version of Comity reads up to {FORMAT}: "
                "use the newer version"
            )
        entries = {name: ServiceEntry(**entry) for name, entry in content.pop("services").items()}
        return SuiteSettings(services=entries, **content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LocalDeploymentError(
            f"{path} cannot be read ({type(error).__name__}: {error}); restore it from a backup"
        ) from None


def write_settings(folder: Path, settings: SuiteSettings) -> None:
    write_private(folder / FILE_NAME, json.dumps({"format": FORMAT, **asdict(settings)}, indent=2) + "\n")


def settle_settings(folder: Path, services: Sequence[str]) -> SuiteSettings:
    """The folder's settings, made or completed for these services, with every port free now."""
    known = read_settings(folder)
    base = known or SuiteSettings(services={}, mail_port=free_port(), operator_password=new_password())
    entries = {name: base.services.get(name) or ServiceEntry.generate() for name in services}
    settled = replace(
        base,
        mail_port=keep_or_replace(base.mail_port),
        services=base.services | {name: entry.with_free_ports() for name, entry in entries.items()},
    )
    if settled != known:
        write_settings(folder, settled)
    return settled
