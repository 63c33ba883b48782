"""The clocks of a matter are run out: who is in charge is told before and after, and sees a list by time limit."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from comity.common.v1 import deadline_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2
from comity.intake.v1 import intake_service_pb2 as pb

from services.common.kernel.principal import Role
from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_filing import refused
from tests.integration.intake.test_the_way_of_a_matter import accepted
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.page_tokens import page_token
from tests.kit.tokens import bearer


async def _told(intake: Intake, kind: str, message: Any) -> Any:
    return message.FromString(await eventually(lambda: last_published(intake.client, "intake", kind)))


async def _due(intake: Intake, caller: Any = None, **asked: Any) -> Any:
    return await intake.call("ListDueMatters", pb.ListDueMattersRequest(**asked), caller or intake.as_officer())


async def test_a_decision_that_nobody_makes_is_announced_and_then_shows_as_lapsed(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    await intake.act("Triage", matter.name, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY)
    (clock,) = matter.deadlines
    assert (await _due(intake)).matters == []
    # Seven working days from 2 March; two days before, at nine in the morning in Beijing.
    assert clock.due_date == "2026-03-11"
    intake.clock.set(datetime(2026, 3, 9, 1, 0, tzinfo=UTC))
    near = await _told(intake, "matter.deadline_near", intake_events_pb2.MatterDeadlineNear)
    assert (near.matter, near.due_date, near.provisional, near.officer) == (matter.name, "2026-03-11", False, "")
    intake.clock.set(datetime(2026, 3, 11, 16, 0, tzinfo=UTC))
    lapsed = await _told(intake, "matter.deadline_lapsed", intake_events_pb2.MatterDeadlineLapsed)
    assert (lapsed.matter, lapsed.number, lapsed.rule) == (matter.name, matter.number, clock.rule)
    seen = await intake.get(matter.name, intake.as_officer())
    assert [each.state for each in seen.deadlines] == [deadline_pb2.DEADLINE_STATE_LAPSED]
    assert seen.state == matter_pb2.MATTER_STATE_TRIAGED, "nothing follows by itself"
    (due,) = (await _due(intake)).matters
    assert (due.matter, due.state, due.deadline.due_date) == (matter.name, seen.state, "2026-03-11")
    await intake.act("Accept", matter.name)
    assert (await _due(intake)).matters == [], "it was done, if late"


async def test_who_is_in_charge_is_named_and_reminded_once_a_morning(intake: Intake) -> None:
    matter = await accepted(intake)
    await intake.act("Assign", matter.name, officer=f"accounts/{intake.officer}")
    log = "SELECT count(*) FROM event_log WHERE type = 'matter.deadline_near'"
    (closing,) = [each for each in (await intake.get(matter.name, intake.as_officer())).deadlines if each.state == 1]
    due = datetime.fromisoformat(closing.due_date).replace(hour=1, tzinfo=UTC)
    for reminders, before in enumerate((7, 3, 1), start=1):
        intake.clock.set(due - timedelta(days=before))
        await eventually(lambda reminders=reminders: _count(intake, log, reminders))
    near = await _told(intake, "matter.deadline_near", intake_events_pb2.MatterDeadlineNear)
    assert near.officer == f"accounts/{intake.officer}"
    # The one of the acceptance clock, which was met, has never been said.
    assert await _count(intake, log, 3)


async def test_mornings_that_went_by_unseen_are_said_once(intake: Intake) -> None:
    matter = await accepted(intake)
    (closing,) = [each for each in matter.deadlines if each.state == 1]
    due = datetime.fromisoformat(closing.due_date).replace(hour=1, tzinfo=UTC)
    log = "SELECT count(*) FROM event_log WHERE type = 'matter.deadline_near'"
    intake.clock.set(due - timedelta(days=2))
    await eventually(lambda: _count(intake, log, 1))
    intake.clock.set(due - timedelta(days=1))
    await eventually(lambda: _count(intake, log, 2))


async def test_a_lapse_on_a_provisional_date_is_told_as_one(intake: Intake) -> None:
    intake.clock.set(datetime(2030, 12, 20, 1, 0, tzinfo=UTC))
    matter = await intake.file(intake.as_person(intake.complainant))
    assert matter.deadlines[0].provisional
    intake.clock.set(matter.deadlines[0].due_time.ToDatetime(tzinfo=UTC))
    lapsed = await _told(intake, "matter.deadline_lapsed", intake_events_pb2.MatterDeadlineLapsed)
    assert lapsed.provisional
    assert (await intake.get(matter.name, intake.as_officer())).state == matter_pb2.MATTER_STATE_SUBMITTED


async def test_the_work_list_goes_by_time_limit_page_by_page_and_only_to_those_who_handle_it(intake: Intake) -> None:
    filed = []
    for _ in range(3):
        filed.append(await intake.file(intake.as_person(intake.complainant)))
        intake.clock.advance(timedelta(days=1))
    first = await _due(intake, days=30, page_size=2)
    second = await _due(intake, days=30, page_size=2, page_token=first.next_page_token)
    assert [each.matter for each in (*first.matters, *second.matters)] == [each.name for each in filed]
    assert not second.next_page_token
    stranger = bearer(intake.issuer.person(uuid4(), {uuid4(): [Role.INTAKE_OFFICER]}))
    assert (await _due(intake, stranger, days=30)).matters == []
    foreign = _due(intake, stranger, organisation=f"organisations/{intake.organisation}")
    assert await refused(foreign) == "NOT_FOUND"
    assert await refused(_due(intake, intake.as_person(intake.complainant))) == "ACCESS_DENIED"
    assert (await _due(intake, days=30, officer=f"accounts/{uuid4()}")).matters == []
    for key in (("x", str(UUID(int=1))), ("2026-03-02T01:00:00", str(UUID(int=1))), ("2026-03-02T01:00:00+00:00", "1")):
        assert await refused(_due(intake, page_token=page_token("matters", *key))) == "MALFORMED_PAGE_TOKEN"


async def _count(intake: Intake, sql: str, number: int) -> bool:
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        return bool(await connection.fetchval(sql) == number)
    finally:
        await connection.close()


async def test_scenario_2_seven_working_days_go_around_the_holiday_and_count_the_saturday_that_is_worked(
    intake: Intake,
) -> None:
    intake.clock.set(datetime(2026, 9, 28, 2, 0, tzinfo=UTC))
    matter = await intake.file(intake.as_person(intake.complainant))
    (clock,) = matter.deadlines
    assert (clock.due_date, clock.provisional) == ("2026-10-13", False)
    intake.clock.set(datetime(2026, 10, 13, 15, 59, 59, tzinfo=UTC))
    assert [each.deadline.state for each in (await _due(intake)).matters] in ([], [deadline_pb2.DEADLINE_STATE_RUNNING])
    intake.clock.set(datetime(2026, 10, 13, 16, 0, tzinfo=UTC))
    lapsed = await _told(intake, "matter.deadline_lapsed", intake_events_pb2.MatterDeadlineLapsed)
    assert (lapsed.matter, lapsed.due_date) == (matter.name, "2026-10-13")
