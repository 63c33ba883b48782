"""The audit after a storm: everything published and done, nothing parked, nothing twice, every log whole."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import nats
from comity.identity.v1 import identity_service_pb2 as identity_pb
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from deploy.local.audit import audit as comity_audit
from deploy.local.nats_permissions import OPERATOR
from deploy.local.suite import SERVICES, Suite
from services.cli.addresses import Services
from services.cli.journey import Papers
from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.kit.quiet import quiet

_SLOTS = ["mediator", "party-1", "party-2", "seal"]
_CLEAN = {
    "dead letters": "SELECT count(*) FROM dead_letters WHERE state = 'PARKED'",
    "failed jobs": "SELECT count(*) FROM jobs WHERE state = 'FAILED'",
}


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when a process was away, in seconds since the epoch."""

    begin: float
    end: float


async def checkpoint(suite: Suite, data: Path) -> None:
    """Has PostgreSQL write everything out now."""
    password = (data / "postgres" / "superuser-password").read_text()
    address = urlsplit(_url(suite, "identity"))
    connection = await asyncpg.connect(
        host=address.hostname, port=address.port, user="postgres", password=password, database="postgres"
    )
    try:
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def audit(suite: Suite, data: Path, cases: int, outages: list[Outage]) -> None:
    """The books after ``cases`` cases, each of which ended with a ruling. ``outages``: of notify and of its database."""
    await _nothing_is_under_way(suite)
    for service in SERVICES:
        async with _database(suite, service) as connection:
            for what, query in _CLEAN.items():
                await _is(connection, f"{what} of {service}", query, 0)
    for report in await comity_audit(data):
        assert report["findings"] == [], report
        assert report["events"] and report["aggregates"]
    await _states(suite, cases)
    await _no_mail_twice(suite, data, outages)


async def _nothing_is_under_way(suite: Suite) -> None:
    async def count(service: str, query: str) -> int:
        async with _database(suite, service) as connection:
            return int((await connection.execute(text(query))).scalar_one())

    async def operator() -> Client:
        address = urlsplit(suite.service_environment("notify")["COMITY_NATS_URL"])
        url = f"nats://{OPERATOR}:{suite.settings.operator_password}@{address.hostname}:{address.port}"
        return await nats.connect(url, inbox_prefix=f"_INBOX.{OPERATOR}", allow_reconnect=False)

    await quiet(SERVICES, count, operator)


async def look_at(papers: Papers, services: Services) -> None:
    """Agreement, session record and ruling are sealed, with one signature for each slot."""
    anchors = await services.identity.GetTrustAnchors(identity_pb.GetTrustAnchorsRequest(), timeout=30)
    knowledge = Knowledge(tuple(anchors.certificates))
    for paper, slots in (
        (papers.agreement, _SLOTS),
        (papers.session_record, ["record-seal"]),
        (papers.ruling, ["judge", "seal"]),
    ):
        report = await asyncio.to_thread(inspect, paper, knowledge, datetime.now(UTC))
        assert report.valid, report.failures
        found = Counter(each.slot for each in report.signatures)
        assert set(slots) <= set(found)
        assert max(found.values()) == 1, found


async def _states(suite: Suite, cases: int) -> None:
    async with _database(suite, "intake") as intake:
        await _is(intake, "closed matters", "SELECT count(*) FROM matters WHERE state = 'CLOSED'", cases)
        await _is(intake, "matters", "SELECT count(*) FROM matters", cases)
    async with _database(suite, "mediation") as mediation:
        await _is(mediation, "agreements", "SELECT count(*) FROM agreements WHERE state = 'SEALED'", cases)
        signed = "SELECT count(*) FROM event_log WHERE type LIKE '%slot_signed'"
        await _is(mediation, "signatures", signed, len(_SLOTS) * cases)
        records = "SELECT count(*) FROM event_log WHERE type LIKE '%session_record.sealed'"
        await _is(mediation, "sealed session records", records, cases)
    async with _database(suite, "court_link") as court:
        await _is(court, "filings", "SELECT count(*) FROM docket", cases)
        await _is(court, "rulings", "SELECT count(*) FROM rulings WHERE state = 'ISSUED'", cases)


async def _no_mail_twice(suite: Suite, data: Path, outages: list[Outage]) -> None:
    """No notice has two mails, except one whose sending was cut off: its copy has the same Message-ID.

    SMTP cannot do better: who dies between the server's yes and the note of it, or cannot note it because the database
    is away for longer than a lease, has to send again; and several may be under way at once.
    """
    kept = {path: _read(path) for path in (data / "mail").glob("*.eml")}
    async with _database(suite, "notify") as notify:
        rows = await notify.execute(text("SELECT id, recipient, subject, template, body FROM notices"))
        notices = {str(row.id): tuple(row)[1:] for row in rows}
        delivered = await notify.execute(text("SELECT id FROM notices WHERE state = 'DELIVERED'"))
        sent = {str(identifier) for identifier in delivered.scalars()}
    assert max(Counter(notices.values()).values()) == 1, "somebody was told the same thing twice"
    times, ids = defaultdict(list), defaultdict(set)
    for path, mail in kept.items():
        if (notice := str(mail["X-Comity-Notice"])) in notices:
            times[notice].append(path.stat().st_mtime)
            ids[notice].add(str(mail["Message-ID"]))
    assert sent == set(times), "what counts as delivered is what was sent"
    assert max(map(len, ids.values())) == 1, "a copy under another Message-ID"
    for notice, when in times.items():
        for first, again in pairwise(sorted(when)):
            assert any(away.begin <= again and first <= away.end for away in outages), (
                f"{notice} was sent twice: {when}"
            )


def _read(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())


async def _is(connection: AsyncConnection, what: str, query: str, expected: int) -> bool:
    found = (await connection.execute(text(query))).scalar_one()
    assert found == expected, f"{what}: {found} instead of {expected}"
    return True


@asynccontextmanager
async def _database(suite: Suite, service: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(_url(suite, service), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT set_config('comity.viewer', 'system', false)"))
            yield connection
    finally:
        await engine.dispose()


def _url(suite: Suite, service: str) -> str:
    return suite.service_environment(service)["COMITY_DATABASE_URL"]
