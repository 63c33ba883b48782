"""Identity is away, or refuses: a party is invited all the same, or somebody learns of it and acts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
from comity.common.v1 import operations_service_pb2 as operations_pb
from comity.common.v1.operations_service_pb2_grpc import OperationsServiceStub
from comity.intake.v1 import intake_events_pb2

from services.common.kernel.principal import Role
from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_filing import refused
from tests.integration.intake.test_the_way_of_a_matter import accepted
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer

TWO_HOURS = timedelta(hours=2)


async def _rest(intake: Intake) -> str:
    """The state of the one job, once nobody is at it."""
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        row = await connection.fetchrow("SELECT state, lease_until FROM jobs")
    finally:
        await connection.close()
    assert row is not None and row["lease_until"] is None
    return str(row["state"])


async def _invitation(intake: Intake, name: str) -> str:
    return (await intake.get(name, intake.as_officer())).parties[1].invitation


async def test_identity_away_for_two_hours_costs_a_party_nothing(intake: Intake) -> None:
    matter = await accepted(intake)
    intake.identity.down = True
    await intake.act("InviteParty", matter.name, party=matter.parties[1].name)
    end, passed = intake.clock.now() + TWO_HOURS, 0
    while intake.clock.now() < end:
        await eventually(lambda passed=passed: intake.identity.asked > passed)
        await eventually(lambda: _rest(intake))
        assert await _rest(intake) == "QUEUED"
        passed = intake.identity.asked
        intake.clock.advance(timedelta(minutes=3))
    intake.identity.down = False
    assert await eventually(lambda: _invitation(intake, matter.name))
    assert len(intake.identity.invitations) == 1
    assert await eventually(lambda: _rest(intake)) == "DONE"


async def test_an_invitation_refused_for_good_shows_in_the_matter_and_is_made_when_it_is_asked_for_again(
    intake: Intake,
) -> None:
    matter = await accepted(intake)
    party = matter.parties[1].name
    intake.identity.refuses = True
    await intake.act("InviteParty", matter.name, party=party)

    async def problem() -> str:
        return (await intake.get(matter.name, intake.as_officer())).parties[1].invitation_problem

    assert await eventually(problem) == "INVALID_ARGUMENT"
    assert intake.identity.asked == 1
    seen = await intake.get(matter.name, intake.as_person(intake.complainant))
    assert not seen.parties[1].invitation_problem, "the other side need not know"
    told = await eventually(lambda: last_published(intake.client, "intake", "matter.invitation_failed"))
    event = intake_events_pb2.MatterInvitationFailed.FromString(told)
    assert (event.matter, event.party, event.reason) == (matter.name, party, "INVALID_ARGUMENT")
    intake.identity.refuses = False
    await intake.act("InviteParty", matter.name, party=party)
    assert await eventually(lambda: _invitation(intake, matter.name))
    assert not await problem()


async def test_the_operator_sees_a_failed_job_and_has_it_done(intake: Intake) -> None:
    matter = await accepted(intake)
    intake.identity.refuses = True
    await intake.act("InviteParty", matter.name, party=matter.parties[1].name)
    room, operator = OperationsServiceStub(intake.channel), as_operator(intake)

    async def listed() -> Any:
        found = await room.ListFailedJobs(operations_pb.ListFailedJobsRequest(), metadata=operator, timeout=30)
        return list(found.failed_jobs)

    (failed,) = await eventually(listed)
    assert (failed.kind, failed.reason) == ("invite_party", "INVALID_ARGUMENT")
    assert failed.state == operations_pb.FAILED_JOB_STATE_FAILED
    assert failed.since_time.ToDatetime().replace(tzinfo=None) == intake.clock.now().replace(tzinfo=None)
    shown = failed.SerializeToString()
    assert matter.name.partition("/")[2].encode() not in shown, "what it is about does not show"
    intake.identity.refuses = False
    retry = operations_pb.RetryJobRequest(name=failed.name, request_id=str(uuid4()))
    for _ in range(2):  # The same request twice is answered alike.
        await room.RetryJob(retry, metadata=operator, timeout=30)
    assert await eventually(lambda: _invitation(intake, matter.name))
    assert await listed() == []
    kept = await _scalar(intake, "SELECT remarks FROM jobs")
    assert "RETRIED accounts/" in kept


async def test_a_job_that_waits_for_an_hour_is_seen_and_can_be_released_which_shows(intake: Intake) -> None:
    matter = await accepted(intake)
    intake.identity.down = True
    await intake.act("InviteParty", matter.name, party=matter.parties[1].name)
    room, operator = OperationsServiceStub(intake.channel), as_operator(intake)

    async def listed() -> Any:
        found = await room.ListFailedJobs(operations_pb.ListFailedJobsRequest(), metadata=operator, timeout=30)
        return list(found.failed_jobs)

    await eventually(lambda: intake.identity.asked)
    await eventually(lambda: _rest(intake))
    began = intake.clock.now()
    assert await listed() == []
    intake.clock.advance(timedelta(hours=1))
    operator = as_operator(intake)  # The first token has expired.
    (waiting,) = await eventually(listed)
    assert waiting.state == operations_pb.FAILED_JOB_STATE_WAITING and waiting.reason == "UNAVAILABLE"
    assert waiting.since_time.ToDatetime() == began.replace(tzinfo=None)
    release = operations_pb.ReleaseJobRequest(name=waiting.name, request_id=str(uuid4()), reason="样本：改为书面通知")
    for _ in range(2):
        await room.ReleaseJob(release, metadata=operator, timeout=30)
    assert await listed() == []
    party = (await intake.get(matter.name, intake.as_officer())).parties[1]
    assert party.invitation_problem == "RELEASED"
    remarks = await _scalar(intake, "SELECT remarks FROM jobs")
    assert "样本：改为书面通知" in remarks and "accounts/" in remarks
    again = operations_pb.ReleaseJobRequest(name=waiting.name, request_id=str(uuid4()), reason="样本")
    assert await refused(room.ReleaseJob(again, metadata=operator, timeout=30)) == "NOT_FOUND"


async def test_an_administrator_of_another_house_does_not_operate_this_one(intake: Intake) -> None:
    room = OperationsServiceStub(intake.channel)
    stranger = bearer(intake.issuer.person(uuid4(), {intake.organisation: [Role.ADMINISTRATOR]}))
    one = {"name": f"jobs/{uuid4()}", "request_id": str(uuid4())}
    letter = {**one, "name": f"deadLetters/{uuid4()}"}
    for method, request in (
        ("ListFailedJobs", operations_pb.ListFailedJobsRequest()),
        ("RetryJob", operations_pb.RetryJobRequest(**one)),
        ("ReleaseJob", operations_pb.ReleaseJobRequest(**one, reason="样本")),
        ("ListDeadLetters", operations_pb.ListDeadLettersRequest()),
        ("ReplayDeadLetter", operations_pb.ReplayDeadLetterRequest(**letter)),
        ("ReleaseDeadLetter", operations_pb.ReleaseDeadLetterRequest(**letter, reason="样本")),
    ):
        call = getattr(room, method)(request, metadata=stranger, timeout=30)
        assert await refused(call) == "OPERATOR_REQUIRED", method


def as_operator(intake: Intake) -> Any:
    return bearer(intake.issuer.person(uuid4(), {intake.identity.platform: [Role.ADMINISTRATOR]}))


async def _scalar(intake: Intake, sql: str) -> Any:
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
