"""A setting that cannot be right is named at the start, with the form it should have, and never with its value."""

import os
import socket
from pathlib import Path

import pytest

from services.common.settings import MigrationSettings, ServiceSettings, read_settings
from services.common.telemetry import serve_metrics
from services.court_link.settings import Settings as CourtLinkSettings
from services.identity.settings import Settings as IdentitySettings
from services.mediation.settings import Settings as MediationSettings
from services.notify.settings import Settings as NotifySettings

SECRET = "a$ecret"
GOOD = {
    "DATABASE_URL": f"postgresql+asyncpg://intake:{SECRET}@database.sample.example:5432/intake?sslmode=require",
    "OWNER_DATABASE_URL": "postgresql+asyncpg://owner@[::1]/intake",
    "NATS_URL": f"tls://intake:{SECRET}@nats.sample.example:4222",
    "LISTEN": "0.0.0.0:50051",
    "METRICS_LISTEN": "[::]:9464",
    "OBJECTS": "/objects",
    "KEYS": "/keys",
    "RULES": "/rules",
    "SERVICE_SECRET": SECRET,
    "IDENTITY_ADDRESS": "identity:50051",
    "NOTIFY_ADDRESS": "notify:50051",
    "INTAKE_ADDRESS": "intake:50051",
    "MEDIATION_ADDRESS": "mediation:50051",
    "COURT_LINK_ADDRESS": "court_link:50051",
    "SERVICE_SECRET_DIGESTS": '{"intake": "' + "0a" * 32 + '"}',
    "SMTP_URL": "smtp://mail.sample.example?starttls=require",
    "MAIL_SENDER": "样本 SAMPLE <sample@mail.example>",
    "OUTBOX_FOLDER": "/outbox",
}
EVERYBODYS = [
    *(("DATABASE_URL", url) for url in (SECRET, f"postgresql+asyncpg://u:{SECRET}@host:port/intake")),
    ("DATABASE_URL", f"postgresql://u:{SECRET}@host:5432/intake"),
    ("DATABASE_URL", f"postgresql+asyncpg://u:{SECRET}@host:54320000/intake"),
    ("DATABASE_URL", f"postgresql+asyncpg://u:{SECRET}@host:5432/intake?connect_timeout=5"),
    *(("NATS_URL", url) for url in (SECRET, f"nats://u:{SECRET}@host:port", f"http://u:{SECRET}@host:4222", "nats://")),
    ("NATS_URL", f"nats://u:{SECRET}/unescaped@host:4222"),
    *(("LISTEN", each) for each in ("50051", "here:", "here:port", "here:70000")),
    *(("METRICS_LISTEN", each) for each in ("9464", "here:port")),
    *(("IDENTITY_ADDRESS", each) for each in ("identity", "identity:grpc", "http://identity:50051", "")),
    ("DATABASE_CONNECTIONS", "many"),
    ("DATABASE_CONNECTIONS", "0"),
    ("CONCURRENT_CALLS", "-1"),
    ("LOG_LEVEL", "loud"),
    ("TRACES_ENDPOINT", "collector:4317"),
    ("TRACES_RATIO", "half"),
    ("REFLECTION", "perhaps"),
    ("NATS_CA_FILE", "/nowhere"),
]
OWN = [
    (MigrationSettings, "OWNER_DATABASE_URL", f"postgresql+asyncpg://u:{SECRET}@host:port/intake"),
    (IdentitySettings, "NOTIFY_ADDRESS", "notify"),
    (IdentitySettings, "SERVICE_SECRET_DIGESTS", SECRET),
    (IdentitySettings, "SERVICE_SECRET_DIGESTS", '["' + SECRET + '"]'),
    (IdentitySettings, "SERVICE_SECRET_DIGESTS", '{"intake": "' + SECRET + '"}'),
    (IdentitySettings, "TOKEN_KEY_DAYS", "0"),
    (MediationSettings, "INTAKE_ADDRESS", "intake"),
    (MediationSettings, "COURT_LINK_ADDRESS", "court_link"),
    (MediationSettings, "SIGNING_WORKERS", "0"),
    (CourtLinkSettings, "MEDIATION_ADDRESS", "mediation"),
    (CourtLinkSettings, "SIGNING_WORKERS", "0"),
    (NotifySettings, "INTAKE_ADDRESS", "intake"),
    (NotifySettings, "COURT_LINK_ADDRESS", "court_link"),
    (NotifySettings, "SMTP_URL", f"smtp://u:{SECRET}@mail:port"),
    (NotifySettings, "SMTP_URL", f"u:{SECRET}@mail"),
    (NotifySettings, "MAIL_SENDER", "Sample <"),
    (NotifySettings, "MAIL_SENDER", "sample@mail.example\nBcc: x@mail.example"),
]
KINDS = [ServiceSettings, MigrationSettings, IdentitySettings, MediationSettings, CourtLinkSettings, NotifySettings]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("COMITY_"):
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(f"COMITY_{name}", value)


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_its_form_is_taken(kind: type[ServiceSettings]) -> None:
    read_settings(kind)


@pytest.mark.parametrize(("kind", "name", "value"), [*((ServiceSettings, *each) for each in EVERYBODYS), *OWN])
def test_what_has_not_is_named_in_one_line_without_its_value(
    kind: type[ServiceSettings], name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"COMITY_{name}", value)
    with pytest.raises(SystemExit) as stopped:
        read_settings(kind)
    heading, line = str(stopped.value).splitlines()
    assert heading == "Cannot start, settings are missing or wrong:"
    assert line.startswith(f"  COMITY_{name}") and len(line) > len(name) + 20
    assert SECRET not in line


def test_a_file_that_is_no_text_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_SECRETS", str(tmp_path))
    (tmp_path / "COMITY_NATS_URL").write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit, match="nats_url.*: UnicodeDecodeError"):
        read_settings(ServiceSettings)


def test_a_port_for_metrics_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SystemExit, match=f"Cannot start: {listen} is taken .* set COMITY_METRICS_LISTEN"):
            serve_metrics(listen)
