"""Settings come from the environment (prefix ``COMITY_``); with one missing nothing starts.

``COMITY_SECRETS`` may name a folder of files, each named like a setting (``COMITY_DATABASE_URL``) and holding its value:
containers get secrets so. The environment goes before a file.
"""

import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import asyncpg
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, PositiveInt, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SECRETS_FOLDER = "COMITY_SECRETS"

Given = TypeVar("Given", str, SecretStr)


def shaped(shape: str, fits: Callable[[str], bool]) -> AfterValidator:
    """Refuses what does not fit, or cannot even be taken apart, by saying what is expected: a value may be a secret."""

    def check(given: Given) -> Given:
        value = given.get_secret_value() if isinstance(given, SecretStr) else given
        try:
            fine = fits(value)
        except (ValueError, ArgumentError):
            fine = False
        if not fine:
            raise PydanticCustomError("shape", "this is expected: {shape}", {"shape": shape})
        return given

    return AfterValidator(check)


def url_of(*schemes: str) -> Callable[[str], bool]:
    """Whether a text is a URL of one of the schemes that names a host and, if any, a port that there can be."""
    return lambda value: _is_url(value, schemes)


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    parts = urlsplit(value)
    return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0


def _is_database_url(value: str) -> bool:
    parts = make_url(value)
    known = {*inspect.signature(asyncpg.connect).parameters, "prepared_statement_cache_size"}
    # Those for TLS ``storage.address`` hands on by itself; of others the driver knows only its own.
    words = {word for word in parts.query if not word.startswith("ssl")}
    return parts.drivername == "postgresql+asyncpg" and 0 < (parts.port or 5432) <= _LAST_PORT and words <= known


def _is_host_and_port(value: str) -> bool:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:/?#@\[\]]+):([0-9]+)", value)
    return found is not None and int(found[2]) <= _LAST_PORT


_LAST_PORT = 65535

DatabaseUrl = Annotated[
    SecretStr,
    shaped(
        "postgresql+asyncpg://user:password@host:port/database?sslmode=verify-full, "
        "percent-encoded what is special in the password",
        _is_database_url,
    ),
]
HostAndPort = Annotated[str, shaped("host:port", _is_host_and_port)]


def _listed(given: Any) -> Any:
    return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given


Prefix = Annotated[str, shaped("+86,+852 and the like", lambda value: bool(re.fullmatch(r"\+[1-9][0-9]{0,14}", value)))]
PortIfAny = Annotated[str, shaped("host:port, or nothing", lambda value: not value or _is_host_and_port(value))]


class ServiceSettings(BaseSettings):
    """What every service needs. Secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="COMITY_", frozen=True, extra="ignore")

    database_url: DatabaseUrl
    """``postgresql+asyncpg://`` with the runtime role, which owns nothing; for TLS with libpq's words, for example
    ``?sslmode=verify-full&sslrootcert=/path/ca.pem``."""
    nats_url: Annotated[
        SecretStr,
        shaped(
            "nats://user:password@host:port or tls://..., percent-encoded what is special in the password",
            url_of("nats", "tls"),
        ),
    ]
    """``nats://user:password@host:port``, or ``tls://`` for TLS and nothing less."""
    nats_ca_file: FilePath | None = None
    """The file (PEM) of the certificate authorities that NATS is believed by; without it the system's. Demands TLS."""
    listen: HostAndPort
    """``host:port`` of the gRPC server."""
    metrics_listen: PortIfAny = ""
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
    identity_address: HostAndPort
    phone_prefixes: Annotated[tuple[Prefix, ...], NoDecode, BeforeValidator(_listed)] = ("+86",)
    """The beginnings of telephone numbers that text messages go to, with commas between; empty for all. Some countries and
    ranges cost a hundred times as much, and strangers choose where codes go."""
    reflection: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    keep_answers_days: int = Field(default=30, ge=7)
    """How long the answer to a write is kept, for a client that repeats its request id. Answers hold people's data."""
    keep_request_ids_days: int = Field(default=1095, ge=365)
    """How long a request id is known after that: a repeat is refused (REQUEST_ID_EXPIRED) and not done again."""
    keep_inbox_days: int = Field(default=60, ge=37)
    """How long an event that was applied is known. Never shorter than the streams keep events (30 days) and a week; an
    event older than this is parked for the operator, since nobody knows any more whether it was applied."""
    keep_jobs_days: int = Field(default=30, ge=7)
    """How long a job that was done or released is kept. One that failed stays until somebody deals with it."""
    keep_dead_letters_days: int = Field(default=90, ge=30)
    """How long a message that was replayed or released is kept. A parked one stays."""
    keep_spent_proofs_days: int = Field(default=30, ge=1)
    """How long a proof of identity is known as spent. It is good for ten minutes."""
    database_connections: PositiveInt = 10
    concurrent_calls: PositiveInt = 400
    """Calls that run at once; accounts, services and strangers each have their part of it."""


class PaperSettings(ServiceSettings):
    """What a service needs that draws, signs and verifies papers."""

    signing_workers: PositiveInt = 1
    """Processes that sign and verify."""
    drawing_workers: PositiveInt = 1
    """Processes that draw and freeze; they leave the processor to others."""
    drawings_waiting: PositiveInt = 16
    """Papers that may wait to be drawn; one more is refused (DRAWINGS_BUSY)."""
    drawings_share: PositiveInt = 2
    """How many of them may be those of one case or application."""
    work_processor_seconds: float = Field(default=20.0, gt=0)
    """Processor time after which a worker's process is killed. The largest paper that is accepted takes some two."""
    work_clock_seconds: float = Field(default=60.0, gt=0)
    """Time on the clock after which it is killed, with all that it waited for."""


class MigrationSettings(BaseSettings):
    """What ``migrate`` needs: the owner's connection, which ``serve`` never gets."""

    model_config = SettingsConfigDict(env_prefix="COMITY_", frozen=True, extra="ignore")

    owner_database_url: DatabaseUrl
    runtime_role: str = ""
    """The role that ``serve`` connects as; by default it is named like the service."""


class AuditSettings(BaseSettings):
    """What ``audit`` and ``received`` need: the runtime role's connection, which they use to read only."""

    model_config = SettingsConfigDict(env_prefix="COMITY_", frozen=True, extra="ignore")

    database_url: DatabaseUrl


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
    except SettingsError as error:  # A file among the secrets that is no text, or may not be read.
        raise SystemExit(f"Cannot start: {error}: {type(error.__cause__).__name__}") from None
