"""Import: every row of another register gets its verdict and is filed once, whatever is beside it or comes again."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2

from services.common.kernel.principal import Role
from services.common.rpc.errors import refusal_of
from tests.integration.intake.conftest import Intake, a_filing
from tests.kit.audit import audit, faults
from tests.kit.tokens import bearer

TAKEN = pb.IMPORT_VERDICT_TAKEN
ALREADY_THERE = pb.IMPORT_VERDICT_ALREADY_THERE
REFUSED = pb.IMPORT_VERDICT_REFUSED


def a_row(intake: Intake, key: str, **changes: Any) -> pb.ImportedRow:
    filing = a_filing(intake.organisation)
    filing.request_id = ""
    for name, value in changes.items():
        setattr(filing, name, value)
    return pb.ImportedRow(key=key, filing=filing.SerializeToString())


def an_import(intake: Intake, rows: Sequence[pb.ImportedRow], register: str = "old") -> pb.ImportMattersRequest:
    return pb.ImportMattersRequest(
        request_id=str(uuid4()), organisation=f"organisations/{intake.organisation}", register=register, rows=rows
    )


async def imported(intake: Intake, rows: Sequence[pb.ImportedRow], register: str = "old") -> list[pb.ImportedMatter]:
    response = await intake.call("ImportMatters", an_import(intake, rows, register), intake.as_officer())
    return list(response.matters)


async def stored(intake: Intake) -> int:
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM matters"))
    finally:
        await connection.close()


async def totals(intake: Intake, caller: Any = None, register: str = "old") -> list[tuple[int, str, int, int]]:
    request = pb.GetImportTotalsRequest(organisation=f"organisations/{intake.organisation}", register=register)
    response = await intake.call("GetImportTotals", request, caller or intake.as_officer())
    return [(each.state, each.currency, each.matters, each.minor_units) for each in response.totals]


async def test_a_row_becomes_a_matter_like_any_that_an_officer_files(intake: Intake) -> None:
    (told,) = await imported(intake, [a_row(intake, "a")])
    matter = await intake.get(told.matter, intake.as_officer())
    assert (told.verdict, told.number, matter.number) == (TAKEN, "2026-000001", "2026-000001")
    assert [clock.rule for clock in matter.deadlines] == ["INTAKE.ACCEPT@house-1"]
    assert [party.account for party in matter.parties] == ["", ""]
    assert matter.parties[1].particulars.phone == "+8613800000002"
    connection = await asyncpg.connect(intake.database.superuser_url)
    actor, authority = await connection.fetchrow("SELECT actor, authority FROM event_log")
    await connection.close()
    assert (actor, authority) == (f"accounts/{intake.officer}", f"officer of organisations/{intake.organisation}")
    accepted = await intake.act("Triage", told.matter, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY)
    assert accepted.state == matter_pb2.MATTER_STATE_TRIAGED
    assert faults(await audit("intake", intake.database.superuser_url)) == {}


async def test_one_bad_row_is_refused_with_its_field_and_the_others_are_taken(intake: Intake) -> None:
    rows = [
        a_row(intake, "good"),
        a_row(intake, "nul", facts="a\x00b"),
        a_row(intake, "bell", request="a\x07b"),
        a_row(intake, "long", request="x" * 5001),
        pb.ImportedRow(key="bytes", filing=b"\xff\xff\xff"),
        pb.ImportedRow(key="nothing"),
        a_row(intake, "good too"),
    ]
    emoji = a_filing(intake.organisation)
    emoji.complainant.display_name = "样本\U0001f600"
    rows.insert(1, pb.ImportedRow(key="emoji", filing=emoji.SerializeToString()))
    told = await imported(intake, rows)
    assert [(each.key, each.verdict, each.reason, each.field) for each in told] == [
        ("good", TAKEN, "", ""),
        ("emoji", REFUSED, "UNPRINTABLE_CHARACTER", "complainant.display_name"),
        ("nul", REFUSED, "UNPRINTABLE_CHARACTER", "facts"),
        ("bell", REFUSED, "UNPRINTABLE_CHARACTER", "request"),
        ("long", REFUSED, "MALFORMED_REQUEST", "request"),
        ("bytes", REFUSED, "MALFORMED_ROW", "filing"),
        ("nothing", REFUSED, "MALFORMED_REQUEST", told[6].field),
        ("good too", TAKEN, "", ""),
    ]
    assert all(each.zh and each.en for each in told if each.verdict == REFUSED)
    assert [each.number for each in told if each.number] == ["2026-000001", "2026-000002"]


async def test_a_row_that_came_before_is_told_with_its_matter_and_not_filed_again(intake: Intake) -> None:
    first = await imported(intake, [a_row(intake, "a"), a_row(intake, "b")])
    again = await imported(intake, [a_row(intake, "c"), a_row(intake, "b"), a_row(intake, "a"), a_row(intake, "c")])
    assert [each.verdict for each in again] == [TAKEN, ALREADY_THERE, ALREADY_THERE, ALREADY_THERE]
    assert [each.matter for each in again[1:3]] == [first[1].matter, first[0].matter]
    assert again[0].matter == again[3].matter
    assert await stored(intake) == 3
    # Another register has keys of its own, and a number that nothing was filed under is the next.
    (other,) = await imported(intake, [a_row(intake, "a")], register="other")
    assert (other.verdict, await stored(intake)) == (TAKEN, 4)
    assert (await intake.file(intake.as_officer())).number == "2026-000005"


async def test_the_same_request_gives_the_same_verdicts(intake: Intake) -> None:
    request = an_import(intake, [a_row(intake, "a")])
    first = await intake.call("ImportMatters", request, intake.as_officer())
    assert first == await intake.call("ImportMatters", request, intake.as_officer())
    assert first.matters[0].verdict == TAKEN


async def test_the_same_rows_in_many_imports_at_once_are_filed_once(intake: Intake) -> None:
    rows = [a_row(intake, str(number)) for number in range(8)]
    told = await asyncio.gather(*(imported(intake, rows if turn % 2 else rows[::-1]) for turn in range(6)))
    verdicts = [each.verdict for batch in told for each in batch]
    assert (verdicts.count(TAKEN), verdicts.count(ALREADY_THERE)) == (8, 40)
    assert await stored(intake) == 8
    assert len({each.number for batch in told for each in batch}) == 8


async def test_totals_are_counted_in_what_is_stored_now(intake: Intake) -> None:
    told = await imported(intake, [a_row(intake, str(number)) for number in range(3)])
    await intake.file(intake.as_officer())
    submitted, triaged = matter_pb2.MATTER_STATE_SUBMITTED, matter_pb2.MATTER_STATE_TRIAGED
    assert await totals(intake) == [(submitted, "CNY", 3, 3 * 70700)]
    await intake.act("Triage", told[0].matter, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY)
    assert await totals(intake) == [(submitted, "CNY", 2, 2 * 70700), (triaged, "CNY", 1, 70700)]
    assert await totals(intake, register="other") == []


async def test_only_officers_of_the_organisation_import_and_count(intake: Intake) -> None:
    elsewhere = bearer(intake.issuer.person(uuid4(), {uuid4(): [Role.INTAKE_OFFICER]}))
    for caller, reason in ((elsewhere, "NOT_FOUND"), (intake.as_person(uuid4()), "ACCESS_DENIED")):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await intake.call("ImportMatters", an_import(intake, [a_row(intake, "a")]), caller)
        assert refusal_of(error.value).reason == reason
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await totals(intake, caller)
        assert refusal_of(error.value).reason == reason
    assert await stored(intake) == 0


async def test_an_import_beyond_the_days_quota_takes_nothing_and_says_when_to_go_on(intake: Intake) -> None:
    connection = await asyncpg.connect(intake.database.superuser_url)
    await imported(intake, [a_row(intake, "a")])
    await connection.execute("UPDATE filings SET filed = 19999 WHERE capacity = 'IMPORT'")
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await imported(intake, [a_row(intake, "b"), a_row(intake, "c")])
    refusal = refusal_of(error.value)
    assert (refusal.reason, refusal.metadata["retry_time"]) == ("TOO_MANY_FILINGS", "2026-03-02T16:00:00+00:00")
    assert [each.verdict for each in await imported(intake, [a_row(intake, "a"), a_row(intake, "b")])] == [
        ALREADY_THERE,
        TAKEN,
    ]
    await connection.close()
    # What is entered by hand is counted apart.
    assert (await intake.file(intake.as_officer())).number
