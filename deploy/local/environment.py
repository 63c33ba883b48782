"""What a service is told: the `COMITY_` variables, made from the data folder's settings. Pure.

A service gets its own secrets and nobody else's; the owner's database URL goes to `migrate` only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import deploy
from deploy.local.databases import owner_role
from deploy.local.layout import Layout
from deploy.local.passwords import digest
from deploy.local.ports import LOOPBACK
from deploy.local.settings import SuiteSettings

RULES = Path(deploy.__file__).parent / "rules"
IDENTITY = "identity"

CONNECTIONS = 6
"""A service's connections to the database. Each costs the server some four MiB, and one machine fills no more."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are: ``host:port`` each, and the SMTP server's URL.

    ``postgres_options`` is the query of a given PostgreSQL URL, for example ``sslmode=verify-full``. ``nats_scheme`` is
    ``tls`` when NATS must be spoken to encrypted, ``nats_ca_file`` the file of those who vouch for it, if not the system.
    """

    postgres: str
    nats: str
    smtp_url: str
    postgres_options: str = ""
    nats_scheme: str = "nats"
    nats_ca_file: str = ""


def address_of(url: str, default_port: int) -> str:
    """``host:port`` of a URL."""
    parts = urlsplit(url)
    host = parts.hostname or LOOPBACK
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or default_port}"


def postgres_options(url: str) -> str:
    """The query of a libpq URL: what services are told about TLS, in libpq's words."""
    return urlsplit(url).query


def scheme_of(url: str) -> str:
    """``tls`` when the URL of a NATS server demands it, else ``nats``."""
    return "tls" if url.startswith("tls://") else "nats"


def service_environment(name: str, settings: SuiteSettings, servers: Servers, layout: Layout) -> dict[str, str]:
    """The variables of ``python -m services.<name> serve``."""
    entry = settings.services[name]
    variables = {
        "COMITY_DATABASE_URL": _database_url(name, entry.database_password, name, servers),
        "COMITY_DATABASE_CONNECTIONS": str(CONNECTIONS),
        "COMITY_NATS_URL": f"{servers.nats_scheme}://{name}:{quote(entry.nats_password, safe='')}@{servers.nats}",
        "COMITY_LISTEN": f"{LOOPBACK}:{entry.port}",
        "COMITY_METRICS_LISTEN": f"{LOOPBACK}:{entry.metrics_port}",
        "COMITY_OBJECTS": str(layout.objects(name)),
        "COMITY_KEYS": str(layout.keys(name)),
        "COMITY_SERVICE_SECRET": entry.service_secret,
        "COMITY_RULES": str(RULES),
        "COMITY_REFLECTION": "true",
        "COMITY_SMTP_URL": servers.smtp_url,
        "COMITY_OUTBOX_FOLDER": str(layout.outbox),
        "COMITY_TRACES_ENDPOINT": settings.traces_endpoint,
        "COMITY_TRACES_RATIO": str(settings.traces_ratio),
        **{f"COMITY_{other.upper()}_ADDRESS": f"{LOOPBACK}:{known.port}" for other, known in settings.services.items()},
    }
    if servers.nats_ca_file:
        variables["COMITY_NATS_CA_FILE"] = servers.nats_ca_file
    if name == IDENTITY:
        digests = {other: digest(known.service_secret) for other, known in sorted(settings.services.items())}
        variables["COMITY_SERVICE_SECRET_DIGESTS"] = json.dumps(digests)
    return variables


def migration_environment(name: str, settings: SuiteSettings, servers: Servers, layout: Layout) -> dict[str, str]:
    """The variables of ``python -m services.<name> migrate``: those of serve, and the owner's URL."""
    owner_url = _database_url(owner_role(name), settings.services[name].owner_password, name, servers)
    return service_environment(name, settings, servers, layout) | {"COMITY_OWNER_DATABASE_URL": owner_url}


def database_environment(name: str, settings: SuiteSettings, postgres: str, options: str) -> dict[str, str]:
    """The variables of ``python -m services.<name> audit``, which needs the database and nothing else."""
    servers = Servers(postgres=postgres, nats="", smtp_url="", postgres_options=options)
    return {"COMITY_DATABASE_URL": _database_url(name, settings.services[name].database_password, name, servers)}


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What a child may inherit: everything but variables of Comity, which could be another deployment's."""
    return {name: value for name, value in environment.items() if not name.startswith("COMITY_")} | {
        "PYTHONUNBUFFERED": "1"
    }


def _database_url(role: str, password: str, database: str, servers: Servers) -> str:
    options = f"?{servers.postgres_options}" if servers.postgres_options else ""
    return f"postgresql+asyncpg://{role}:{quote(password, safe='')}@{servers.postgres}/{database}{options}"
