"""The audit of a log of a million events: seconds and memory of ``python -m services.mediation audit``.

Cases with parties, members and a history as long as a long case's, put in by COPY with the hashes they would have.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from comity.mediation.v1 import mediation_events_pb2 as pb

from deploy.local.environment import inherited
from services.common.kernel.ids import new_id
from services.common.storage.content import digest_of_rows
from services.common.storage.event_log import GENESIS, chained_hash
from services.mediation.storage.kinds import CASES
from tests.kit.postgres import FreshDatabase, KitPostgres

EVENTS_OF_ONE = 10
AT_ONCE = 5_000
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ORGANISATION = UUID(int=7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one look took. ``peak`` in MiB, of the process; the database's is not in it."""

    events: int
    findings: int
    seconds: float
    processor: float
    peak: float


async def measure(postgres: KitPostgres, events: int) -> Outcome:
    """A fresh database of mediation with so many events, and one audit of it."""
    database = await postgres.fresh_database("mediation")
    connection = await asyncpg.connect(database.superuser_url)
    try:
        for _ in range(events // EVENTS_OF_ONE // AT_ONCE):
            await _fill(connection, AT_ONCE)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return await asyncio.to_thread(_audited, database)


def _audited(database: FreshDatabase) -> Outcome:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    environment = inherited(os.environ) | {"COMITY_DATABASE_URL": database.sqlalchemy_url}
    done = subprocess.run(
        [sys.executable, "-m", "services.mediation", "audit", "--json"],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if not done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    report = json.loads(done.stdout)
    return Outcome(
        report["events"],
        len(report["findings"]),
        seconds,
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        after.ru_maxrss / 1024,
    )


async def _fill(connection: asyncpg.Connection, cases: int) -> None:
    found: dict[str, list[tuple[Any, ...]]] = {
        "cases": [],
        "party_particulars": [],
        "case_members": [],
        "event_log": [],
    }
    for _ in range(cases):
        for table, rows in _case().items():
            found[table] += rows
    for table, rows in found.items():
        await connection.copy_records_to_table(table, records=rows, columns=_COLUMNS[table])


_COLUMNS = {
    "cases": ["id", "organisation_id", "data", "state", "origin", "particulars_digest", "version", "head"],
    "party_particulars": ["case_id", "party", "organisation_id", "data"],
    "case_members": ["case_id", "account", "party", "role"],
    "event_log": [
        "event_id",
        "aggregate_type",
        "aggregate_id",
        "version",
        "organisation_id",
        "type",
        "payload",
        "actor",
        "authority",
        "rule_version",
        "occur_time",
        "content_digest",
        "previous_hash",
        "hash",
    ],
}


def _case() -> dict[str, list[tuple[Any, ...]]]:
    id, parties = new_id(), [uuid4(), uuid4()]
    persons = [
        {"name": "王秀兰（样本）", "address": "样本路 1 号", "email": f"{party}@sample.invalid"} for party in parties
    ]
    private = [
        {"case_id": id, "party": party, "organisation_id": ORGANISATION, "data": person}
        for party, person in zip(parties, persons, strict=True)
    ]
    members = [{"case_id": id, "account": uuid4(), "party": party, "role": "PARTY"} for party in parties]
    data = {
        "number": "2026-000001",
        "parties": [{"id": str(party), "particulars": person} for party, person in zip(parties, persons, strict=True)],
        "facts": "空调两次维修后仍然漏水。样本 SAMPLE. " * 10,
        "extensions": [{"days": 30, "time": NOW.isoformat()} for _ in range(3)],
    }
    row = {
        "id": id,
        "organisation_id": ORGANISATION,
        "data": data,
        "state": "STARTED",
        "origin": f"matters/{id}",
        "particulars_digest": digest_of_rows(private),
    }
    log = _log(id, CASES.digest(row, {"members": members}))
    end = log[-1]
    return {
        "cases": [(*{**row, "data": json.dumps(data)}.values(), end["version"], end["hash"])],
        "party_particulars": [(id, each["party"], ORGANISATION, json.dumps(each["data"])) for each in private],
        "case_members": [tuple(each.values()) for each in members],
        "event_log": [tuple(each[name] for name in _COLUMNS["event_log"]) for each in log],
    }


def _log(id: UUID, content: bytes) -> list[dict[str, Any]]:
    payload = pb.CaseExtended(case=f"cases/{id}").SerializeToString()
    rows: list[dict[str, Any]] = []
    head = GENESIS
    for version in range(1, EVENTS_OF_ONE + 1):
        row = {
            "event_id": new_id(),
            "aggregate_type": "cases",
            "aggregate_id": id,
            "version": version,
            "organisation_id": ORGANISATION,
            "type": "case.extended",
            "payload": payload,
            "actor": f"accounts/{id}",
            "authority": "PARTY",
            "rule_version": "peoples@2026-01",
            "occur_time": NOW,
            "content_digest": content,
            "previous_hash": head,
        }
        head = row["hash"] = chained_hash(head, row)
        rows.append(row)
    return rows
