"""A service's database and its two roles, on any PostgreSQL that a superuser's URL names.

`<service>_owner` owns the database and its schema and runs the migrations. `<service>` serves: it owns nothing, cannot
bypass row-level security, and may read and write rows only. Nobody else may even connect. What `create_database` does
here, `operator_script` prints for an administrator who does it by hand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from deploy.local.passwords import scram_verifier

_SERVICE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SETTING_UP = 0x436F6D697479  # the advisory lock's number, "Comity"
_ROLE = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
_NOBODY_ELSE = "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC"


@dataclass(frozen=True, slots=True)
class RolePasswords:
    """The passwords of a service's two roles."""

    owner: str = field(repr=False)
    runtime: str = field(repr=False)


def owner_role(service: str) -> str:
    return f"{service}_owner"


async def create_database(
    superuser_url: str, service: str, owner_password: str, runtime_password: str, *, database: str = ""
) -> None:
    """Make database and roles, or bring existing ones to these passwords and rights. Safe to repeat.

    The database is named like the service unless ``database`` says otherwise (tests have many of one service).
    """
    _require_name(service)
    database = database or service
    connection = await asyncpg.connect(superuser_url)
    try:
        # Roles belong to the whole server, and PostgreSQL fails two who change one at once. Freed with the connection.
        await connection.execute("SELECT pg_advisory_lock($1)", _SETTING_UP)
        await connection.execute(_roles(service, RolePasswords(owner_password, runtime_password)))
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(_creation(service, database))
        await restrict_connections(connection, database, service)
        await connection.execute(_NOBODY_ELSE)
    finally:
        await connection.close()
    await _prepare_schema(superuser_url, service, database)


def operator_script(services: Mapping[str, RolePasswords]) -> str:
    """The same as a script for psql, run by a superuser. It holds verifiers of passwords and no password."""
    parts = []
    for service, passwords in services.items():
        _require_name(service)
        parts += [
            f"-- {service}",
            _roles(service, passwords),
            # CREATE DATABASE knows no IF NOT EXISTS and no DO block.
            f"SELECT '{_creation(service, service)}' WHERE NOT EXISTS"  # noqa: S608 - a name of letters and digits
            f" (SELECT FROM pg_database WHERE datname = '{service}')\\gexec",
            _connections(service, service),
            f'\\connect "{service}"',
            _schema(service),
            "\\connect postgres",
        ]
    return "\n".join(["\\set ON_ERROR_STOP on", "\\connect postgres", f"{_NOBODY_ELSE};", *parts, ""])


async def restrict_connections(superuser: "asyncpg.Connection[asyncpg.Record]", database: str, service: str) -> None:
    """Only the service's two roles may connect. A copy made from a template does not inherit this."""
    await superuser.execute(_connections(database, service))


def _require_name(service: str) -> None:
    if not _SERVICE.fullmatch(service):
        raise ValueError(f"not a service name: {service!r}")


def _roles(service: str, passwords: RolePasswords) -> str:
    return f"{_role(owner_role(service), passwords.owner)}\n{_role(service, passwords.runtime)}"


def _role(role: str, password: str) -> str:
    return (
        f'DO $$ BEGIN CREATE ROLE "{role}"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n'
        f"ALTER ROLE \"{role}\" {_ROLE} PASSWORD '{scram_verifier(password)}';"
    )


def _creation(service: str, database: str) -> str:
    return f'CREATE DATABASE "{database}" OWNER "{owner_role(service)}"'


def _connections(database: str, service: str) -> str:
    return (
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;\n'
        f'ALTER DATABASE "{database}" OWNER TO "{owner_role(service)}";\n'
        f'GRANT CONNECT ON DATABASE "{database}" TO "{service}";'
    )


def _schema(service: str) -> str:
    """The schema belongs to the owner; what the owner makes later, the service may use by default.

    Migrations take rights away where less is right (an event log is never updated) and grant EXECUTE on functions.
    """
    owner = owner_role(service)
    return f"""\
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER SCHEMA public OWNER TO "{owner}";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "{service}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{service}";
ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{service}";"""


async def _prepare_schema(superuser_url: str, service: str, database: str) -> None:
    connection = await asyncpg.connect(superuser_url, database=database)
    try:
        await connection.execute(_schema(service))
    finally:
        await connection.close()
