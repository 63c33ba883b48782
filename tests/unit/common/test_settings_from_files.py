"""Settings of a service may come from a folder of files, as containers give secrets."""

from pathlib import Path

import pytest

from services.common.settings import MigrationSettings, read_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_SECRETS", str(tmp_path))
    monkeypatch.delenv("COMITY_OWNER_DATABASE_URL", raising=False)
    return tmp_path


def owner_url() -> str:
    return read_settings(MigrationSettings).owner_database_url.get_secret_value()


def test_a_file_named_like_a_setting_holds_its_value(folder: Path) -> None:
    (folder / "COMITY_OWNER_DATABASE_URL").write_text("postgresql+asyncpg://from-a-file\n")
    assert owner_url() == "postgresql+asyncpg://from-a-file"


def test_the_environment_goes_before_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "COMITY_OWNER_DATABASE_URL").write_text("postgresql+asyncpg://from-a-file")
    monkeypatch.setenv("COMITY_OWNER_DATABASE_URL", "postgresql+asyncpg://from-the-environment")
    assert owner_url() == "postgresql+asyncpg://from-the-environment"


def test_a_folder_that_is_not_there_stops_the_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_SECRETS", str(folder / "nowhere"))
    with pytest.raises(SystemExit, match="COMITY_SECRETS"):
        owner_url()


def test_a_setting_in_neither_place_is_named(folder: Path) -> None:
    with pytest.raises(SystemExit, match="COMITY_OWNER_DATABASE_URL"):
        owner_url()
