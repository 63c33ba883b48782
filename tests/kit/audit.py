"""The audit of a database, as a test asks for it: as it is, or as it would be after a superuser's edit."""

import importlib
import json
from collections.abc import Iterable, Mapping

import asyncpg

from services.common.storage.audit import Audit, Audited, Report
from services.common.storage.received import Received


def audited_of(service: str) -> Audited:
    """What the service's log is held against."""
    found: Audited = importlib.import_module(f"services.{service}.main").AUDITED
    return found


async def audit(
    service: str,
    superuser_url: str,
    *edits: str,
    received: Iterable[Received] = (),
    audited: Audited | None = None,
) -> Report:
    """Looks through one snapshot in which the edits were made; they are taken back afterwards.

    ``replica`` is how a superuser gets past triggers and foreign keys.
    """
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        for edit in edits:
            done = await connection.execute(edit)
            assert not done.endswith(" 0"), f"nothing was edited by: {edit}"
        report = await Audit(service, connection, audited or audited_of(service)).run(received)
        await transaction.rollback()
        return report
    finally:
        await connection.close()


def faults(report: Report) -> Mapping[str, str]:
    """What was found, by aggregate."""
    return {each.aggregate: each.fault.name for each in report.findings}
