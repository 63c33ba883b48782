"""Every table of every service: no rows without a viewer, none for a stranger."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.kit.postgres import FreshDatabase, KitPostgres

SERVICES = ("intake", "mediation", "court_link", "notify", "identity")
UNGUARDED = {
    # The number of the schema. It is read before anybody is there, to see whether this code fits it.
    "alembic_version",
}
KNOWN_TO_ANYBODY = {
    # Ids, rules and dates, and no personal data. They are read beside the aggregate that the reader has been shown.
    (service, "deadlines")
    for service in SERVICES
} | {
    # Whether an organisation is a court or mediates: told to whoever is signed in.
    ("intake", "organisations"),
    # Courts with their territory are public.
    ("court_link", "courts"),
}
"""Shown to every viewer, and to nobody without one."""

_TABLES = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
    """
_COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS needed,
        (SELECT (regexp_match(pg_get_constraintdef(k.oid), '''([^'']+)'''))[1] FROM pg_constraint k
            WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] LIMIT 1) AS one_of
    FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
    """
_SAMPLES = {
    "uuid": lambda: f"'{uuid4()}'",
    "text": lambda: f"'{uuid4()}'",
    "bytea": lambda: f"'\\x{uuid4().hex}'",
    "jsonb": lambda: "'{}'",
    "text[]": lambda: "ARRAY['sample']",
    "bytea[]": lambda: "ARRAY['\\x00'::bytea]",
    "boolean": lambda: "false",
    "integer": lambda: "1",
    "bigint": lambda: str(uuid4().int % 2**40),
    "date": lambda: "'2026-03-02'",
    "timestamp with time zone": lambda: "'2026-03-02 01:00+00'",
    "tstzrange": lambda: "'[2026-03-02 01:00+00, 2026-03-02 02:00+00)'",
}


@pytest.mark.parametrize("service", SERVICES)
async def test_nobody_and_strangers_see_no_row_of_any_table(postgres: KitPostgres, service: str) -> None:
    database = await postgres.fresh_database(service)
    tables = await _filled(database)
    assert {name for name, forced in tables.items() if not forced} == UNGUARDED
    guarded = tables.keys() - UNGUARDED
    stranger = f"accounts/{uuid4()}"
    told = {"comity.viewer": stranger, "comity.organisations": str(uuid4()), "comity.caller": stranger}
    told |= {"comity.administered": str(uuid4()), "comity.invitation": str(uuid4())}
    system = {"comity.viewer": "system", "comity.caller": "services/system"}
    open_tables = {name for of, name in KNOWN_TO_ANYBODY if of == service}
    assert await _seen(database, guarded, {}) == set(), "nobody"
    assert await _seen(database, guarded, dict.fromkeys(told, "")) == set(), "a setting that was set once"
    assert await _seen(database, guarded, told) == open_tables, "a stranger"
    assert await _seen(database, guarded, {"comity.viewer": "anonymous", "comity.caller": "anonymous"}) == open_tables
    assert await _seen(database, guarded, system) == guarded, "else nothing was proven"


async def test_a_caller_sees_what_it_was_answered_itself_and_another_service_does_not(postgres: KitPostgres) -> None:
    database = await postgres.fresh_database("intake")
    mine = f"accounts/{uuid4()}"
    async with _as(database.superuser_url, {}) as connection:
        for caller in (mine, "services/notify"):
            await connection.execute(
                "INSERT INTO replies VALUES ($1, gen_random_uuid(), 'sample', '', '', '2026-03-02 01:00+00')", caller
            )
    for viewer, caller in ((mine, mine), ("system", "services/notify")):
        async with _as(database.url, {"comity.viewer": viewer, "comity.caller": caller}) as connection:
            assert await connection.fetchval("SELECT array_agg(caller) FROM replies") == [caller]
    async with _as(database.url, {"comity.viewer": "system", "comity.caller": "services/mediation"}) as connection:
        assert await connection.fetchval("SELECT count(*) FROM replies") == 0


async def _filled(database: FreshDatabase) -> dict[str, bool]:
    """The tables, and whether they are guarded; two rows in each, one with everything that may be left out left out."""
    async with _as(database.superuser_url, {}) as connection:
        await connection.execute("SET session_replication_role = replica")  # References need not lead anywhere.
        tables = {row["relname"]: row["forced"] for row in await connection.fetch(_TABLES)}
        for table in tables.keys() - UNGUARDED:
            columns = await connection.fetch(_COLUMNS, table)
            for sparse in (False, True):
                values = {each["name"]: _sample(each) for each in columns if each["needed"] or not sparse}
                await connection.execute(
                    f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
                    " ON CONFLICT DO NOTHING"  # A table that holds one row of a kind has one.
                )
    return tables


def _sample(column: Any) -> str:
    return f"'{column['one_of']}'" if column["one_of"] else _SAMPLES[column["type"]]()


async def _seen(database: FreshDatabase, tables: Any, told: dict[str, str]) -> set[str]:
    """The tables of which the service's own role sees a row, when the transaction is told this."""
    async with _as(database.url, told) as connection:
        return {each for each in tables if await connection.fetchval(f"SELECT count(*) FROM {each}")}


@asynccontextmanager
async def _as(url: str, told: dict[str, str]) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        for name, value in told.items():
            await connection.execute("SELECT set_config($1, $2, false)", name, value)
        yield connection
    finally:
        await connection.close()
