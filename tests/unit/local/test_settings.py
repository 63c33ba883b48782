"""What a data folder remembers, and which folders are refused."""

import json
from pathlib import Path

import pytest

from deploy.local.errors import LocalDeploymentError
from deploy.local.layout import FolderLock, Layout
from deploy.local.settings import FORMAT, read_settings, settle_settings


def test_settings_survive_being_read_again(tmp_path: Path) -> None:
    made = settle_settings(tmp_path, ["intake", "notify"])
    assert read_settings(tmp_path) == made
    assert settle_settings(tmp_path, ["intake", "notify"]) == made


def test_a_service_added_later_gets_its_own_secrets_and_the_others_keep_theirs(tmp_path: Path) -> None:
    before = settle_settings(tmp_path, ["intake"])
    after = settle_settings(tmp_path, ["intake", "notify"])
    assert after.services["intake"] == before.services["intake"]
    assert after.services["notify"].database_password != after.services["intake"].database_password


def test_no_two_secrets_are_alike(tmp_path: Path) -> None:
    settings = settle_settings(tmp_path, ["intake", "notify"])
    secrets = [settings.operator_password]
    for entry in settings.services.values():
        secrets += [entry.owner_password, entry.database_password, entry.nats_password, entry.service_secret]
    assert len(set(secrets)) == len(secrets) == 9


def test_settings_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    settle_settings(tmp_path, ["intake"])
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600


def test_settings_shown_in_a_log_hide_every_secret(tmp_path: Path) -> None:
    settings = settle_settings(tmp_path, ["intake"])
    assert settings.services["intake"].service_secret not in repr(settings)
    assert settings.operator_password not in repr(settings)


def test_a_folder_of_a_newer_format_is_refused_in_one_line(tmp_path: Path) -> None:
    settle_settings(tmp_path, ["intake"])
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": FORMAT + 1, "unheard_of": 1}))
    with pytest.raises(LocalDeploymentError, match=f"format {FORMAT + 1}.*use the newer version") as refusal:
        read_settings(tmp_path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1}', '{"format": 1, "services": {"a": {}}}'])
def test_damaged_settings_are_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    with pytest.raises(LocalDeploymentError, match="cannot be read"):
        settle_settings(tmp_path, ["intake"])
    assert (tmp_path / "settings.json").read_text() == content


def test_a_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = FolderLock(Layout(tmp_path)), FolderLock(Layout(tmp_path))
    first.acquire()
    with pytest.raises(LocalDeploymentError, match="in use by another Comity"):
        second.acquire()
    assert second.is_held()
    first.release()
    second.acquire()
    second.release()
    assert not first.is_held()
