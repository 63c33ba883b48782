"""Migrations: alembic, with one environment for every service and each service's own versions folder.

The owner's role runs them; the runtime role gets what the default privileges give and loses what a migration takes.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from services.common.storage.address import address

_ENVIRONMENT = Path(__file__).with_name("alembic")
_LOCK = 0x436F6D697479


def upgrade(owner_url: str, runtime_role: str, versions: Path) -> None:
    """Brings a database to the newest schema. Replicas that start together wait for each other."""
    asyncio.run(upgrade_async(owner_url, runtime_role, versions))


async def upgrade_async(owner_url: str, runtime_role: str, versions: Path) -> None:
    """``upgrade`` for callers that already run a loop."""
    where, trust = address(owner_url)
    engine = create_async_engine(where, connect_args=trust)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade, versions, runtime_role)
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, versions: Path, role: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["runtime_role"] = role
    command.upgrade(config, "head")
