"""What each service is told, and what it is not."""

import json
from dataclasses import replace
from pathlib import Path

from deploy.local.environment import Servers, inherited, migration_environment, postgres_options, service_environment
from deploy.local.layout import Layout
from deploy.local.passwords import digest
from deploy.local.settings import ServiceEntry, SuiteSettings

SERVERS = Servers("127.0.0.1:1111", "127.0.0.1:2222", "smtp://127.0.0.1:3333")


def entry(tag: str, port: int) -> ServiceEntry:
    return ServiceEntry(
        port=port,
        metrics_port=port + 1,
        owner_password=f"owner-{tag}",
        database_password=f"database-{tag}",
        nats_password=f"nats-{tag}",
        service_secret=f"secret-{tag}",
    )


SETTINGS = SuiteSettings(
    services={"identity": entry("identity", 10), "court_link": entry("court", 20)},
    mail_port=3333,
    operator_password="op",
)
LAYOUT = Layout(Path("/data"))


def test_a_serving_service_never_learns_the_owner_of_its_tables() -> None:
    told = service_environment("court_link", SETTINGS, SERVERS, LAYOUT)
    assert "COMITY_OWNER_DATABASE_URL" not in told
    assert "owner-court" not in json.dumps(told)


def test_a_migration_is_told_the_owner() -> None:
    told = migration_environment("court_link", SETTINGS, SERVERS, LAYOUT)
    assert (
        told["COMITY_OWNER_DATABASE_URL"]
        == "postgresql+asyncpg://court_link_owner:owner-court@127.0.0.1:1111/court_link"
    )


def test_a_service_learns_no_secret_of_another() -> None:
    told = json.dumps(service_environment("court_link", SETTINGS, SERVERS, LAYOUT))
    assert "-identity" not in told
    assert '"op"' not in told


def test_identity_alone_knows_the_digests_of_all_secrets() -> None:
    told = service_environment("identity", SETTINGS, SERVERS, LAYOUT)
    assert json.loads(told["COMITY_SERVICE_SECRET_DIGESTS"])["court_link"] == digest("secret-court")
    assert "COMITY_SERVICE_SECRET_DIGESTS" not in service_environment("court_link", SETTINGS, SERVERS, LAYOUT)


def test_every_service_is_told_where_the_others_are() -> None:
    told = service_environment("court_link", SETTINGS, SERVERS, LAYOUT)
    assert told["COMITY_IDENTITY_ADDRESS"] == "127.0.0.1:10"
    assert told["COMITY_COURT_LINK_ADDRESS"] == told["COMITY_LISTEN"] == "127.0.0.1:20"
    assert told["COMITY_DATABASE_URL"] == "postgresql+asyncpg://court_link:database-court@127.0.0.1:1111/court_link"
    assert told["COMITY_NATS_URL"] == "nats://court_link:nats-court@127.0.0.1:2222"
    assert (told["COMITY_OBJECTS"], told["COMITY_KEYS"]) == ("/data/objects/court_link", "/data/keys/court_link")


def test_every_service_is_told_where_traces_go() -> None:
    assert service_environment("identity", SETTINGS, SERVERS, LAYOUT)["COMITY_TRACES_ENDPOINT"] == ""
    recorded = replace(SETTINGS, traces_endpoint="http://collector:4317", traces_ratio=0.1)
    told = service_environment("identity", recorded, SERVERS, LAYOUT)
    assert (told["COMITY_TRACES_ENDPOINT"], told["COMITY_TRACES_RATIO"]) == ("http://collector:4317", "0.1")


def test_variables_of_another_deployment_are_not_inherited() -> None:
    assert inherited({"PATH": "/bin", "COMITY_NATS_URL": "nats://elsewhere"}) == {
        "PATH": "/bin",
        "PYTHONUNBUFFERED": "1",
    }


def test_the_options_of_a_given_server_reach_the_services_in_their_driver_s_words() -> None:
    assert postgres_options("postgresql://u:p@db/postgres?sslmode=require") == "sslmode=require"
