"""The logs of all services of a deployment over a data folder, held against their aggregates and against each other.

Each service looks through its own database (``python -m services.<name> audit``), two at a time; before that every one
writes down what it received (``received``), since a log that was rewritten whole shows by nothing else.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.local.environment import address_of, database_environment, inherited, postgres_options
from deploy.local.errors import LocalDeploymentError
from deploy.local.layout import Layout
from deploy.local.ports import LOOPBACK
from deploy.local.settings import FILE_NAME, SuiteSettings, read_settings

AT_ONCE = 2
_FOUND = 1


async def audit(folder: Path, wanted: Sequence[str] = ()) -> list[dict[str, Any]]:
    """A report of each service wanted, or of all, as ``audit --json`` of the service prints it.

    Raises LocalDeploymentError when the suite is not there, or a service could not look.
    """
    layout = Layout(folder.absolute())
    settings = _settings(layout)
    if unknown := set(wanted) - settings.services.keys():
        raise LocalDeploymentError(f"there is no service {', '.join(sorted(unknown))}: {', '.join(settings.services)}")
    environments = {
        name: database_environment(name, settings, *_postgres(layout, settings)) for name in settings.services
    }
    free = asyncio.Semaphore(AT_ONCE)
    with tempfile.TemporaryDirectory(prefix="comity-audit-") as made:
        files = await asyncio.gather(
            *(_received(name, environment, Path(made), free) for name, environment in environments.items())
        )
        reports = await asyncio.gather(
            *(_audited(name, environments[name], files, free) for name in wanted or environments)
        )
    return list(reports)


def _settings(layout: Layout) -> SuiteSettings:
    settings = read_settings(layout.root)
    if settings is None:
        raise LocalDeploymentError(f"{layout.root} holds no {FILE_NAME}: name the data folder with --folder")
    return settings


def _postgres(layout: Layout, settings: SuiteSettings) -> tuple[str, str]:
    """``host:port`` and the options of the server in the settings, or of the embedded one."""
    if given := settings.postgres_url:
        return address_of(given, 5432), postgres_options(given)
    remembered = layout.postgres / "port"
    if not remembered.exists():
        raise LocalDeploymentError("PostgreSQL never ran in this folder: start the suite first (comity up)")
    return f"{LOOPBACK}:{remembered.read_text(encoding='ascii').strip()}", ""


async def _received(name: str, environment: dict[str, str], folder: Path, free: asyncio.Semaphore) -> Path:
    file = folder / name
    async with free:
        with file.open("wb") as lines:
            await _run(name, ["received"], environment, lines)
    return file


async def _audited(
    name: str, environment: dict[str, str], received: Sequence[Path], free: asyncio.Semaphore
) -> dict[str, Any]:
    async with free:
        said = await _run(name, ["audit", "--json", *map(str, received)], environment, asyncio.subprocess.PIPE)
    report: dict[str, Any] = json.loads(said)
    return report


async def _run(name: str, words: Sequence[str], environment: dict[str, str], output: Any) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"services.{name}",
        *words,
        env=inherited(os.environ) | environment,
        stdout=output,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await child.communicate()
    if child.returncode not in (0, _FOUND) or (child.returncode and not said):
        last = (complaint.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise LocalDeploymentError(f"{name} could not look through its log (is the suite running?): {last[:300]}")
    return said or b""
