"""A folder that a service writes to is gone, cannot be written or is full; and the disk of PostgreSQL is full."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Event

import grpc
import pytest

from deploy.local.account import remove_home, settle_home, unprivileged_account
from services.common import surroundings as surroundings_module
from services.common.documents.folder import folder_part
from services.common.surroundings import Surroundings
from tests.integration.surroundings.standing import Place
from tests.kit.eventually import eventually
from tests.kit.postgres import KitPostgres

needs_a_disk = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounting a small disk needs root on Linux"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Where PostgreSQL, who is nobody, gets to. pytest's own folder it does not: each start of pytest closes that again."""
    home = settle_home(tmp_path / "outside", unprivileged_account(), lasting=False)
    folder = home / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    remove_home(tmp_path / "outside")


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
    return filler


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


async def _reasons(surroundings: Surroundings) -> list[str]:
    await surroundings.look()
    return [cause.reason for cause in surroundings.causes.values()]


def _standing_on(folder: Path) -> Surroundings:
    surroundings = Surroundings()
    surroundings.stand_on(folder_part("COMITY_OBJECTS", folder))
    return surroundings


async def test_a_folder_that_comes_off_and_is_back_is_not_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    surroundings = _standing_on(folder)
    assert await _reasons(surroundings) == ["FOLDER_MISSING"]
    assert not folder.exists(), "what is written beneath a disk that came off would be hidden when it is back"
    folder.mkdir()
    assert await _reasons(surroundings) == []
    assert list(folder.iterdir()) == []


async def test_a_file_in_the_folders_place_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file")
    surroundings = _standing_on(tmp_path / "objects")
    assert await _reasons(surroundings) == ["FOLDER_MISSING"]


async def test_a_folder_that_hangs_takes_one_thread_however_often_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, looked, statvfs = Event(), [], os.statvfs

    def hang(folder: Path) -> os.statvfs_result:
        looked.append(folder)
        answers.wait(60)
        return statvfs(folder)

    monkeypatch.setattr(os, "statvfs", hang)
    monkeypatch.setattr(surroundings_module, "LOOK_SECONDS", 0.05)
    surroundings = _standing_on(tmp_path)
    try:
        for _ in range(4):
            assert await _reasons(surroundings) == ["FOLDER_NOT_WRITABLE"]
        await eventually(lambda: looked)
        assert looked == [tmp_path]
    finally:
        answers.set()

    async def is_well() -> bool:
        return await _reasons(surroundings) == []

    await eventually(is_well)


@needs_a_disk
async def test_a_folder_that_is_mounted_read_only_is_not_writable(small_disk: Path) -> None:
    surroundings = _standing_on(small_disk)
    await asyncio.to_thread(_remount, small_disk, "ro")
    assert await _reasons(surroundings) == ["FOLDER_NOT_WRITABLE"]
    await asyncio.to_thread(_remount, small_disk, "rw")
    assert await _reasons(surroundings) == []


@needs_a_disk
async def test_a_full_folder_is_full_until_there_is_room(small_disk: Path) -> None:
    surroundings = _standing_on(small_disk)
    assert await _reasons(surroundings) == []
    filler = _fill(small_disk)
    assert await _reasons(surroundings) == ["FOLDER_FULL"]
    filler.unlink()
    assert await _reasons(surroundings) == []


@pytest.fixture
async def on_a_small_disk(place: Place, small_disk: Path, postgres: KitPostgres) -> AsyncIterator[Place]:
    """The place, with its database on the disk."""
    if postgres.embedded is None:
        pytest.skip("a server elsewhere cannot be given a disk of this machine")
    tables = small_disk / "tables"
    tables.mkdir()
    small_disk.chmod(0o755)
    if account := unprivileged_account():
        os.chown(tables, *account.ids)
    name = place.database.name
    await place.elsewhere(f"CREATE TABLESPACE small LOCATION '{tables}'")
    await place.elsewhere(f'ALTER DATABASE "{name}" SET TABLESPACE small')
    yield place
    await postgres.drop(place.database)
    await place.elsewhere("DROP TABLESPACE small")


@asynccontextmanager
async def _full(disk: Path) -> AsyncIterator[None]:
    filler = _fill(disk)
    yield
    filler.unlink()


@needs_a_disk
async def test_a_start_on_a_full_disk_of_the_database_waits_for_room(on_a_small_disk: Place, small_disk: Path) -> None:
    place = on_a_small_disk
    async with place.ends_in(_full(small_disk)) as put_right, place.service() as intake:
        await intake.becomes("database", "DATABASE_FULL")
        await put_right()
        await intake.becomes_ready()
        await intake.file()
        await intake.published(1)
    assert place.told("database") == ["DATABASE_FULL"]


@needs_a_disk
async def test_a_database_whose_disk_fills_refuses_and_keeps_what_it_took(
    on_a_small_disk: Place, small_disk: Path
) -> None:
    place, filed, refused = on_a_small_disk, [], []
    async with place.service() as intake:
        await intake.becomes_ready()

        async def is_refused() -> bool:
            try:
                filed.append(await intake.file())
            except grpc.aio.AioRpcError as error:
                refused.append(error.code())
            return bool(refused)

        async with _full(small_disk):
            await eventually(is_refused)
            await intake.becomes("database", "DATABASE_FULL")
        assert refused == [grpc.StatusCode.UNAVAILABLE]
        await intake.becomes_ready()
        filed.append(await intake.file())
        await intake.published(len(filed))
    assert place.told("database") == ["DATABASE_FULL"]
