"""`comity operator-setup`: an administrator's psql makes of it what the embedded deployment makes by itself."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from deploy.containers.suite_file import FILE_NAME, read_suite_file, settle
from deploy.local.operator_setup import for_postgres
from deploy.local.postgres_binaries import find_postgres
from services.cli.__main__ import main
from tests.kit.postgres import KitPostgres


async def psql(url: str, script: Path) -> None:
    program = find_postgres().program("psql")
    arguments = ["--no-psqlrc", "--quiet", "--file", str(script), url]
    done = await asyncio.create_subprocess_exec(program, *arguments, stderr=asyncio.subprocess.PIPE)
    _, said = await done.communicate()
    assert done.returncode == 0, said.decode()


async def test_the_script_makes_databases_and_roles_and_may_be_repeated(tmp_path: Path, postgres: KitPostgres) -> None:
    # Names of their own: roles belong to the whole server, and other tests use those of the services.
    entry = settle(tmp_path, ("by_hand",)).services["by_hand"]
    script = tmp_path / "setup.sql"
    script.write_text(for_postgres({"by_hand": entry}))
    for _ in range(2):
        await psql(postgres.superuser_url, script)
    where = postgres.superuser_url.rpartition("@")[2].partition("/")[0]
    owner = await asyncpg.connect(f"postgresql://by_hand_owner:{entry.owner_password}@{where}/by_hand")
    await owner.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
    await owner.close()
    service = await asyncpg.connect(f"postgresql://by_hand:{entry.database_password}@{where}/by_hand")
    try:
        await service.execute("INSERT INTO kept VALUES (1)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute("CREATE TABLE mine (number int)")
    finally:
        await service.close()


async def test_the_program_prints_sql_without_passwords_and_keeps_the_folder_private(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    printed = CliRunner().invoke(main, ["operator-setup", "postgres", "--secrets", str(folder)])
    assert printed.exit_code == 0, printed.output
    suite = read_suite_file(folder)
    for name, entry in suite.services.items():
        assert f'GRANT CONNECT ON DATABASE "{name}" TO "{name}"' in printed.output
        assert entry.owner_password not in printed.output and entry.database_password not in printed.output
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600
    again = CliRunner().invoke(main, ["operator-setup", "nats", "--secrets", str(folder)])
    assert all(entry.nats_password in again.output for entry in suite.services.values())


async def test_a_data_folder_that_was_never_started_is_named(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["operator-setup", "nats", "--folder", str(tmp_path)])
    assert printed.exit_code == 1
    assert "start `comity up --folder` once" in printed.output
