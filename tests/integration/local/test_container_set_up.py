"""The operator's one-shot of the deployment in containers, against real servers."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.containers.set_up import set_up
from deploy.local.passwords import new_password
from deploy.local.ports import LOOPBACK, free_port
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

PASSWORDS = {"owner": new_password(), "runtime": new_password()}


def told(folder: Path, postgres_url: str, nats_url: str) -> Path:
    file = folder / "operator.json"
    databases = dict.fromkeys(("alpha", "beta"), PASSWORDS)
    file.write_text(json.dumps({"postgres_url": postgres_url, "nats_url": nats_url, "databases": databases}))
    return file


async def test_it_makes_roles_databases_and_streams_and_may_be_repeated(
    tmp_path: Path, postgres: KitPostgres, nats_server: KitNats
) -> None:
    file = told(tmp_path, postgres.superuser_url, nats_server.url())
    await set_up(file)
    await set_up(file)
    parts = urlsplit(postgres.superuser_url)
    where = f"{parts.hostname}:{parts.port}/alpha"
    connection = await asyncpg.connect(f"postgresql://alpha:{PASSWORDS['runtime']}@{where}")
    assert await connection.fetchval("select current_user") == "alpha"
    await connection.close()
    client = await nats_server.connect()
    assert (await client.jetstream().stream_info("BETA")).config.subjects == ["comity.beta.v1.>"]
    await client.close()
    await nats_server.delete_streams()


async def test_a_wrong_password_of_postgres_is_told_in_one_line(
    tmp_path: Path, postgres: KitPostgres, nats_server: KitNats
) -> None:
    parts = urlsplit(postgres.superuser_url)
    wrong = f"postgresql://postgres:wrong@{parts.hostname}:{parts.port}/postgres"
    with pytest.raises(SystemExit, match="PostgreSQL at .* refuses the operator"):
        await set_up(told(tmp_path, wrong, nats_server.url()))


async def test_a_wrong_password_of_nats_is_told_in_one_line(
    tmp_path: Path, postgres: KitPostgres, nats_server: KitNats
) -> None:
    wrong = f"nats://operator:wrong@{nats_server.address}"
    with pytest.raises(SystemExit, match="NATS at .* refuses the operator"):
        await set_up(told(tmp_path, postgres.superuser_url, wrong), within=60)


async def test_a_server_that_is_not_there_is_named(tmp_path: Path, postgres: KitPostgres) -> None:
    nowhere = f"nats://operator:password@{LOOPBACK}:{free_port()}"
    with pytest.raises(SystemExit, match="NATS at .* does not answer"):
        await set_up(told(tmp_path, postgres.superuser_url, nowhere), within=0)
