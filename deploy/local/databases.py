"""A service's database and its two roles, on any PostgreSQL that a superuser's URL names.

`<service>_owner` owns the database and its schema and runs the migrations. `<service>` serves: it owns nothing, cannot
bypass row-level security, and may read and write rows only. Nobody else may even connect.
"""

import re

import asyncpg

from deploy.local.passwords import scram_verifier

_SERVICE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SETTING_UP = 0x436F6D697479  # the advisory lock's number, "Comity"
_ROLE = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"


def owner_role(service: str) -> str:
    return f"{service}_owner"


async def create_database(
    superuser_url: str, service: str, owner_password: str, runtime_password: str, *, database: str = ""
) -> None:
    """Make database and roles, or bring existing ones to these passwords and rights. Safe to repeat.

    The database is named like the service unless ``database`` says otherwise (tests have many of one service).
    """
    if not _SERVICE.fullmatch(service):
        raise ValueError(f"not a service name: {service!r}")
    database = database or service
    connection = await asyncpg.connect(superuser_url)
    try:
        # Roles belong to the whole server, and PostgreSQL fails two who change one at once. Freed with the connection.
        await connection.execute("SELECT pg_advisory_lock($1)", _SETTING_UP)
        await _create_role(connection, owner_role(service), owner_password)
        await _create_role(connection, service, runtime_password)
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(f'CREATE DATABASE "{database}" OWNER "{owner_role(service)}"')
        await restrict_connections(connection, database, service)
        await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await connection.close()
    await _prepare_schema(superuser_url, service, database)


async def restrict_connections(superuser: "asyncpg.Connection[asyncpg.Record]", database: str, service: str) -> None:
    """Only the service's two roles may connect. A copy made from a template does not inherit this."""
    await superuser.execute(
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC; '
        f'ALTER DATABASE "{database}" OWNER TO "{owner_role(service)}"; '
        f'GRANT CONNECT ON DATABASE "{database}" TO "{service}"'
    )


async def _create_role(superuser: "asyncpg.Connection[asyncpg.Record]", role: str, password: str) -> None:
    known = await superuser.fetchval("select 1 from pg_roles where rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    await superuser.execute(f"{verb} ROLE \"{role}\" {_ROLE} PASSWORD '{scram_verifier(password)}'")


async def _prepare_schema(superuser_url: str, service: str, database: str) -> None:
    """The schema belongs to the owner; what the owner makes later, the service may use by default.

    Migrations take rights away where less is right (an event log is never updated) and grant EXECUTE on functions.
    """
    owner = owner_role(service)
    connection = await asyncpg.connect(superuser_url, database=database)
    try:
        await connection.execute(
            f'''
            CREATE EXTENSION IF NOT EXISTS btree_gist;
            ALTER SCHEMA public OWNER TO "{owner}";
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO "{service}";
            ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
            ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{service}";
            ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{service}";
            '''
        )
    finally:
        await connection.close()
