"""``python -m deploy.containers.secrets FOLDER``: the folder of secrets that compose mounts, one part for each container.

The folder itself is its owner's alone (mode 0700). The files in it may be read by anybody who gets there, because the
accounts in the containers have other numbers: a container gets there by its mount, and to its own part only.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from deploy.containers.suite_file import SuiteFile, settle
from deploy.local.databases import owner_role
from deploy.local.environment import IDENTITY, address_of, postgres_options
from deploy.local.errors import LocalDeploymentError
from deploy.local.nats import configuration
from deploy.local.nats_permissions import CONSUMES, EVERYTHING, OPERATOR, NatsUser, service_users
from deploy.local.passwords import digest
from deploy.local.private_files import private_folder

NATS_STORE = Path("/data")


def write_secrets(folder: Path) -> None:
    """Make or renew the folder. Safe to repeat: what was generated stays."""
    private_folder(folder)
    if folder.stat().st_mode & 0o077:
        raise LocalDeploymentError(f"others may enter {folder}; chmod go= {folder}")
    suite = settle(folder, tuple(CONSUMES))
    for part, files in parts(suite).items():
        place = folder / part
        place.mkdir(mode=0o755, exist_ok=True)
        place.chmod(0o755)
        for name, content in files.items():
            _write(place / name, content)


def parts(suite: SuiteFile) -> dict[str, dict[str, str]]:
    """The files of each container, by the name of its part. Pure."""
    users = [
        *service_users({name: entry.nats_password for name, entry in suite.services.items()}, CONSUMES),
        NatsUser(OPERATOR, suite.operator_password, EVERYTHING),
    ]
    server = configuration(users, name="comity", listen="0.0.0.0:4222", http="0.0.0.0:8222", store=NATS_STORE)
    return {
        "postgres": {"password": suite.postgres_password},
        "nats": {"nats-server.json": json.dumps(server, indent=2) + "\n"},
        "operator": {"operator.json": json.dumps(_operator(suite), indent=2) + "\n"},
        "migrate": {
            name: _database_url(suite, name, owner_role(name), entry.owner_password)
            for name, entry in suite.services.items()
        },
        **{name: _service(suite, name) for name in suite.services},
    }


def _operator(suite: SuiteFile) -> dict[str, object]:
    """What the one-shot needs that makes roles, databases, streams and consumers."""
    return {
        "postgres_url": suite.postgres_url,
        "nats_url": f"nats://{OPERATOR}:{suite.operator_password}@{suite.nats_address}",
        "databases": {
            name: {"owner": entry.owner_password, "runtime": entry.database_password}
            for name, entry in suite.services.items()
        },
    }


def _service(suite: SuiteFile, name: str) -> dict[str, str]:
    entry = suite.services[name]
    files = {
        "COMITY_DATABASE_URL": _database_url(suite, name, name, entry.database_password),
        "COMITY_NATS_URL": f"nats://{name}:{entry.nats_password}@{suite.nats_address}",
        "COMITY_SERVICE_SECRET": entry.service_secret,
    }
    if name == IDENTITY:
        digests: Mapping[str, str] = {other: digest(known.service_secret) for other, known in suite.services.items()}
        files["COMITY_SERVICE_SECRET_DIGESTS"] = json.dumps(digests)
    if name == "notify":
        files["COMITY_SMTP_URL"] = suite.smtp_url
    return files


def _database_url(suite: SuiteFile, database: str, role: str, password: str) -> str:
    address, options = address_of(suite.postgres_url, 5432), postgres_options(suite.postgres_url)
    query = f"?{options}" if options else ""
    return f"postgresql+asyncpg://{role}:{quote(password, safe='')}@{address}/{database}{query}"


def _write(path: Path, content: str) -> None:
    """Replaced in one step; a container that reads meanwhile sees the old file or the new one."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o444)
        file.write(content)
    unfinished.replace(path)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m deploy.containers.secrets FOLDER")
    try:
        write_secrets(Path(sys.argv[1]).absolute())
    except LocalDeploymentError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
