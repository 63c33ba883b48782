"""The folder of secrets of a deployment in containers: who gets what, and who may read it."""

import json
from pathlib import Path

import pytest

from deploy.containers.secrets import NATS_CA, POSTGRES_CA, parts, write_secrets
from deploy.containers.suite_file import FILE_NAME, settle
from deploy.local.errors import LocalDeploymentError
from deploy.local.passwords import digest

SERVICES = ("intake", "mediation", "court_link", "notify", "identity")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def test_a_service_gets_its_own_secrets_and_nobody_elses(folder: Path) -> None:
    write_secrets(folder)
    suite = settle(folder, SERVICES)
    for name in SERVICES:
        given = "".join(parts(suite)[name].values())
        for other, entry in suite.services.items():
            secrets = (entry.database_password, entry.nats_password, entry.service_secret)
            assert all((secret in given) == (other == name) for secret in secrets)
            assert entry.owner_password not in given


def test_identity_knows_the_others_by_digests_only(folder: Path) -> None:
    write_secrets(folder)
    suite = settle(folder, SERVICES)
    digests = json.loads(parts(suite)["identity"]["COMITY_SERVICE_SECRET_DIGESTS"])
    assert digests == {name: digest(entry.service_secret) for name, entry in suite.services.items()}


def test_making_the_folder_again_changes_nothing(folder: Path) -> None:
    write_secrets(folder)
    before = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    write_secrets(folder)
    assert {path: path.read_text() for path in folder.rglob("*") if path.is_file()} == before


def test_only_its_owner_enters_the_folder_and_reads_what_all_is_made_from(folder: Path) -> None:
    write_secrets(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_others_may_enter_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with pytest.raises(LocalDeploymentError, match="chmod go="):
        write_secrets(folder)
    assert not list(folder.iterdir())


def test_a_suite_file_of_a_newer_format_is_refused(folder: Path) -> None:
    write_secrets(folder)
    content = json.loads((folder / FILE_NAME).read_text()) | {"format": 99}
    (folder / FILE_NAME).write_text(json.dumps(content))
    with pytest.raises(LocalDeploymentError, match="format 99"):
        write_secrets(folder)


def test_servers_of_ones_own_reach_every_service(folder: Path) -> None:
    write_secrets(folder)
    content = json.loads((folder / FILE_NAME).read_text())
    content |= {
        "postgres_url": "postgresql://root:pw@db.example:6432/postgres?sslmode=require",
        "nats_url": "tls://mq.example",
    }
    (folder / FILE_NAME).write_text(json.dumps(content))
    write_secrets(folder)
    assert (folder / "intake" / "COMITY_DATABASE_URL").read_text().endswith("@db.example:6432/intake?sslmode=require")
    told = (folder / "intake" / "COMITY_NATS_URL").read_text()
    assert told.startswith("tls://intake:") and told.endswith("@mq.example:4222")


def test_who_vouches_for_the_servers_is_told_to_every_client_and_to_no_server(folder: Path, tmp_path: Path) -> None:
    write_secrets(folder)
    certificate = tmp_path / "ca.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----")
    content = json.loads((folder / FILE_NAME).read_text())
    content |= {"postgres_ca_file": str(certificate), "nats_ca_file": str(certificate)}
    content["postgres_url"] += "?sslmode=verify-full"
    (folder / FILE_NAME).write_text(json.dumps(content))
    write_secrets(folder)
    for part in ("operator", "migrate", *SERVICES):
        for name in (POSTGRES_CA, NATS_CA):
            assert (folder / part / name).read_text() == certificate.read_text()
    assert {path.name for path in (folder / "nats").iterdir()} == {"nats-server.json"}
    trust = f"?sslmode=verify-full&sslrootcert=/run/secrets/{POSTGRES_CA}"
    assert (folder / "intake" / "COMITY_DATABASE_URL").read_text().endswith(trust)
    assert (folder / "migrate" / "intake").read_text().endswith(trust)
    assert (folder / "intake" / "COMITY_NATS_CA_FILE").read_text() == f"/run/secrets/{NATS_CA}"
    told = json.loads((folder / "operator" / "operator.json").read_text())
    assert told["postgres_url"].endswith(trust)
    assert told["nats_ca_file"] == f"/run/secrets/{NATS_CA}"


def test_a_file_of_authorities_that_is_not_there_is_named(folder: Path) -> None:
    write_secrets(folder)
    content = json.loads((folder / FILE_NAME).read_text()) | {"nats_ca_file": "/nowhere/ca.pem"}
    (folder / FILE_NAME).write_text(json.dumps(content))
    with pytest.raises(LocalDeploymentError, match="/nowhere/ca.pem, named in suite.json"):
        write_secrets(folder)


def test_what_is_taken_out_of_the_suite_file_is_told_to_nobody_any_more(folder: Path, tmp_path: Path) -> None:
    write_secrets(folder)
    before = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    certificate = tmp_path / "ca.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----")
    given = json.loads(before[folder / FILE_NAME]) | {"nats_ca_file": str(certificate)}
    (folder / FILE_NAME).write_text(json.dumps(given))
    write_secrets(folder)
    (folder / FILE_NAME).write_text(before[folder / FILE_NAME])
    write_secrets(folder)
    assert {path: path.read_text() for path in folder.rglob("*") if path.is_file()} == before
