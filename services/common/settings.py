"""Settings come from the environment (prefix ``COMITY_``); with one missing nothing starts.

``COMITY_SECRETS`` may name a folder of files, each named like a setting (``COMITY_DATABASE_URL``) and holding its value:
containers get secrets so. The environment goes before a file.
"""

import os
from pathlib import Path
from typing import TypeVar

from pydantic import Field, FilePath, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS_FOLDER = "COMITY_SECRETS"


class ServiceSettings(BaseSettings):
    """What every service needs. Secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="COMITY_", frozen=True, extra="ignore")

    database_url: SecretStr
    """``postgresql+asyncpg://`` with the runtime role, which owns nothing; for TLS with libpq's words, for example
    ``?sslmode=verify-full&sslrootcert=/path/ca.pem``."""
    nats_url: SecretStr
    """``nats://user:password@host:port``, or ``tls://`` for TLS and nothing less."""
    nats_ca_file: FilePath | None = None
    """The file (PEM) of the certificate authorities that NATS is believed by; without it the system's. Demands TLS."""
    listen: str
    """``host:port`` of the gRPC server."""
    metrics_listen: str = ""
    """``host:port`` of the Prometheus page; empty for none."""
    traces_endpoint: str = Field(default="", pattern=r"^(https?://[^\s/:]+:[0-9]{1,5})?$")
    """``http://host:port`` of a collector of traces (OTLP over gRPC; ``https://`` for TLS); empty: none are recorded."""
    traces_ratio: float = Field(default=1.0, ge=0.0, le=1.0)
    """The share of the traces beginning here that is recorded. What a caller began follows the caller's mark."""
    objects: Path
    """The folder of this service's documents."""
    keys: Path
    """The folder of this service's keys, readable by it alone."""
    rules: Path
    """The folder of regimes, clocks and calendars."""
    service_secret: SecretStr
    """This service's own credential towards identity."""
    identity_address: str
    reflection: bool = False
    log_level: str = "INFO"
    database_connections: int = 10
    concurrent_calls: int = 200


class MigrationSettings(BaseSettings):
    """What ``migrate`` needs: the owner's connection, which ``serve`` never gets."""

    model_config = SettingsConfigDict(env_prefix="COMITY_", frozen=True, extra="ignore")

    owner_database_url: SecretStr
    runtime_role: str = ""
    """The role that ``serve`` connects as; by default it is named like the service."""


T = TypeVar("T", bound=BaseSettings)


def read_settings(kind: type[T]) -> T:
    """The settings from the environment; exits with one line for each that is missing or wrong."""
    folder = os.environ.get(SECRETS_FOLDER)
    if folder is not None and not Path(folder).is_dir():
        raise SystemExit(f"Cannot start: {SECRETS_FOLDER} names {folder}, which is no folder")
    try:
        return kind(_secrets_dir=folder)
    except ValidationError as error:
        lines = [f"COMITY_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        raise SystemExit("Cannot start, settings are missing or wrong:\n  " + "\n  ".join(lines)) from None
