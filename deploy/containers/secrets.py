"""``python -m deploy.containers.secrets FOLDER``: the folder of secrets that compose mounts, one part for each container.

The folder itself is its owner's alone (mode 0700). The files in it may be read by anybody who gets there, because the
accounts in the containers have other numbers: a container gets there by its mount, and to its own part only.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from deploy.containers.suite_file import SuiteFile, settle
from deploy.local.databases import owner_role
from deploy.local.environment import IDENTITY, address_of, postgres_options, scheme_of
from deploy.local.errors import LocalDeploymentError
from deploy.local.nats import configuration
from deploy.local.nats_permissions import CONSUMES, OPERATOR
from deploy.local.operator_setup import nats_users
from deploy.local.passwords import digest
from deploy.local.private_files import private_folder

NATS_STORE = Path("/data")
MOUNTED = "/run/secrets"
"""Where a container finds its part."""
_CLIENTS = {"operator", "migrate"}
POSTGRES_CA, NATS_CA = "postgres-ca.pem", "nats-ca.pem"


def write_secrets(folder: Path) -> None:
    """Make or renew the folder. Safe to repeat: what was generated stays, what suite.json no longer says goes."""
    private_folder(folder)
    if folder.stat().st_mode & 0o077:
        raise LocalDeploymentError(f"others may enter {folder}; chmod go= {folder}")
    suite = settle(folder, tuple(CONSUMES))
    vouching = _vouching(suite)
    for part, files in parts(suite).items():
        place = folder / part
        place.mkdir(mode=0o755, exist_ok=True)
        place.chmod(0o755)
        wanted = files | (vouching if part in _CLIENTS | suite.services.keys() else {})
        for name, content in wanted.items():
            _write(place / name, content)
        for path in place.iterdir():
            if path.name not in wanted:
                path.unlink()  # A setting that was taken out of suite.json would hold on.


def _vouching(suite: SuiteFile) -> dict[str, str]:
    """The files of certificate authorities that every client of the servers gets."""
    given = {POSTGRES_CA: suite.postgres_ca_file, NATS_CA: suite.nats_ca_file}
    try:
        return {name: Path(path).read_text(encoding="utf-8") for name, path in given.items() if path}
    except OSError as error:
        raise LocalDeploymentError(f"{error.filename}, named in suite.json, cannot be read") from None


def parts(suite: SuiteFile) -> dict[str, dict[str, str]]:
    """The files of each container, by the name of its part. Pure."""
    users = nats_users(suite.services, suite.operator_password)
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
        "postgres_url": _with_options(suite),
        "nats_url": _nats_url(suite, OPERATOR, suite.operator_password),
        "nats_ca_file": f"{MOUNTED}/{NATS_CA}" if suite.nats_ca_file else "",
        "databases": {
            name: {"owner": entry.owner_password, "runtime": entry.database_password}
            for name, entry in suite.services.items()
        },
    }


def _service(suite: SuiteFile, name: str) -> dict[str, str]:
    entry = suite.services[name]
    files = {
        "COMITY_DATABASE_URL": _database_url(suite, name, name, entry.database_password),
        "COMITY_NATS_URL": _nats_url(suite, name, entry.nats_password),
        "COMITY_SERVICE_SECRET": entry.service_secret,
    }
    if suite.nats_ca_file:
        files["COMITY_NATS_CA_FILE"] = f"{MOUNTED}/{NATS_CA}"
    if name == IDENTITY:
        digests: Mapping[str, str] = {other: digest(known.service_secret) for other, known in suite.services.items()}
        files["COMITY_SERVICE_SECRET_DIGESTS"] = json.dumps(digests)
    if name == "notify":
        files["COMITY_SMTP_URL"] = suite.smtp_url
    return files


def _nats_url(suite: SuiteFile, user: str, password: str) -> str:
    return f"{scheme_of(suite.nats_url)}://{user}:{password}@{address_of(suite.nats_url, 4222)}"


def _database_url(suite: SuiteFile, database: str, role: str, password: str) -> str:
    url = _with_options(suite)
    query = f"?{options}" if (options := postgres_options(url)) else ""
    return f"postgresql+asyncpg://{role}:{quote(password, safe='')}@{address_of(url, 5432)}/{database}{query}"


def _with_options(suite: SuiteFile) -> str:
    """The superuser's URL, with the file that vouches for the server where a container finds it."""
    if not suite.postgres_ca_file:
        return suite.postgres_url
    parts = urlsplit(suite.postgres_url)
    options = [*parse_qsl(parts.query), ("sslrootcert", f"{MOUNTED}/{POSTGRES_CA}")]
    return parts._replace(query=urlencode(options, safe="/")).geturl()


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
