"""``python -m services.<name> serve | migrate | check-config | audit | received``: the same verbs for every service."""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from services.common import auditing
from services.common.runner import Application
from services.common.settings import MigrationSettings, ServiceSettings, read_settings
from services.common.storage.audit import Audited
from services.common.surroundings import UNFIT_EXIT_CODE, Unfit
from services.common.telemetry import serve_metrics, set_up_logging
from services.common.traces import spans

GARBAGE_THRESHOLDS = (20_000, 20, 20)
"""New objects before they are looked through, and how often that happens before older ones are too."""

S = TypeVar("S", bound=ServiceSettings)
Build = Callable[[S], Awaitable[Application]]


def run(
    service: str,
    settings: type[S],
    build: Build[S],
    versions: Path,
    audited: Audited,
    verbs: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Parses the verb and does it. ``verbs`` are further ones of the service's own."""
    known = {
        "serve": lambda: _serve(service, read_settings(settings), build),
        "migrate": lambda: _migrate(service, versions),
        "check-config": lambda: print(f"{service}: settings are complete", read_settings(settings).listen),
        "audit": lambda: auditing.audit(service, audited),
        "received": lambda: auditing.received(service),
        **(verbs or {}),
    }
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb not in known:
        raise SystemExit(f"usage: python -m services.{service} {' | '.join(known)}")
    known[verb]()


def _serve(service: str, settings: S, build: Build[S]) -> None:
    set_up_logging(service, settings.log_level)
    serve_metrics(settings.metrics_listen)
    spans.record(service, settings.traces_endpoint, settings.traces_ratio)
    try:
        _runner()(_serve_until_signalled(settings, build))
    finally:
        spans.stop()


async def _serve_until_signalled(settings: S, build: Build[S]) -> None:
    building = asyncio.ensure_future(build(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # The kernel keeps from the first process of a container a signal that it does not handle.
        loop.add_signal_handler(number, building.cancel)
    try:
        application = await building
    except asyncio.CancelledError:
        return
    except Unfit:
        raise SystemExit(UNFIT_EXIT_CODE) from None
    except OSError as error:
        raise SystemExit(f"Cannot start: {error.filename or ''}: {error.strerror or error}") from error
    # What was built stays: looking through all of it again and again costs time and pauses.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    await application.run_until_signalled()


def _runner() -> Callable[..., None]:
    try:
        import uvloop  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return asyncio.run
    return uvloop.run


def _migrate(service: str, versions: Path) -> None:
    from services.common.storage import migrations  # noqa: PLC0415 - ten megabytes that no serving process needs

    settings = read_settings(MigrationSettings)
    migrations.upgrade(settings.owner_database_url.get_secret_value(), settings.runtime_role or service, versions)
