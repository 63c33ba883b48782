"""``python -m services.<name> audit`` and ``received``: the log of one service, looked through from outside of it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from services.common.settings import AuditSettings, read_settings
from services.common.storage.address import dsn_of
from services.common.storage.audit import Audit, Audited, Finding, Report
from services.common.storage.received import Received, lines_of, read

FOUND_EXIT_CODE = 1
UNSEEN_EXIT_CODE = 2

T = TypeVar("T")

_SEES_ALL = {
    "comity.viewer": "system",
    "comity.caller": "services/system",
    "comity.holder": "identity",
}
"""Who looks, for row-level security: the loops of the service. ``default_transaction_read_only`` keeps them from more."""


def audit(service: str, audited: Audited) -> None:
    """Prints what was found and ends with exit code 1, or says that nothing was. ``--json``: one object.

    What else is on the command line are files that ``received`` of other services printed.
    """
    words = sys.argv[2:]
    files = [Path(word) for word in words if word != "--json"]
    report = _looking(_audit(service, audited, files))
    if "--json" in words:
        print(json.dumps(_as_json(report)))
    else:
        for finding in report.findings:
            print(line(service, finding))
        print(summary(report))
    sys.exit(FOUND_EXIT_CODE if report.findings else 0)


def received(service: str) -> None:
    """Prints what the service received: lines for ``audit`` of the others, or for whoever keeps them."""

    async def run() -> None:
        async with _snapshot() as connection:
            async for each in lines_of(connection, service):
                print(each)

    _looking(run())


def _looking(looks: Coroutine[Any, Any, T]) -> T:
    """Ends with a sentence and exit code 2 when nothing could be looked at."""
    try:
        return asyncio.run(looks)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        problem = f"{getattr(error, 'filename', None) or 'the database'}: {type(error).__name__}"
    except ValueError as error:
        problem = str(error)
    print(f"cannot look through the log: {problem}", file=sys.stderr)
    sys.exit(UNSEEN_EXIT_CODE)


def line(service: str, finding: Finding) -> str:
    """One finding: where and what, nothing of the content."""
    return f"{service} {finding.aggregate} version {finding.version}: {finding.fault.name}: {finding.fault.value}"


def summary(report: Report) -> str:
    """One line of figures."""
    return (
        f"{report.service}: {report.events} events of {report.aggregates} aggregates in {report.seconds:.1f} s, "
        f"{report.received} compared with what others received: {len(report.findings)} findings"
    )


def _as_json(report: Report) -> dict[str, Any]:
    findings = [
        {"aggregate": each.aggregate, "version": each.version, "fault": each.fault.name, "what": each.fault.value}
        for each in report.findings
    ]
    return {**asdict(report), "findings": findings}


async def _audit(service: str, audited: Audited, files: Iterable[Path]) -> Report:
    async with _snapshot() as connection:
        return await Audit(service, connection, audited).run(_of(files, service))


def _of(files: Iterable[Path], service: str) -> Iterator[Received]:
    for file in files:
        with file.open(encoding="ascii") as lines:
            yield from read(lines, service)


@asynccontextmanager
async def _snapshot() -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(
        dsn_of(read_settings(AuditSettings).database_url.get_secret_value()),
        server_settings={**_SEES_ALL, "default_transaction_read_only": "on", "application_name": "comity audit"},
    )
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()
