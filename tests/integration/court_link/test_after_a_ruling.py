"""After a ruling: fifteen days, six months and two years run as clocks and are told; before a limit people are reminded."""

from datetime import UTC, datetime
from typing import Any

from comity.common.v1 import deadline_pb2
from comity.court_link.v1 import court_link_events_pb2 as events_pb

from tests.integration.court_link.world import XUANWU, World, deadline
from tests.kit.audit import audit, faults
from tests.kit.events import last_published
from tests.kit.eventually import eventually


async def told(world: World, kind: str, message: Any) -> Any:
    return message.FromString(await eventually(lambda: last_published(world.nats, "court_link", kind)))


async def test_after_a_confirmation_its_limits_run_and_are_told(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed(performed_by=("2026-09-20", "2026-11-02"))
    world.at(2026, 9, 10)
    application = await world.under_review(sealed, bench)
    await world.issue(bench.judge, await world.prepared(bench, application))
    application = await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    running = {each.rule.partition("@")[0]: each for each in application.deadlines if each.state == 1}
    # Fifteen days from the 10th end on a Friday that is free; six months and two years need a year not published.
    days = {rule: (each.due_date, each.provisional) for rule, each in running.items()}
    assert days == {
        "CONF.OBJ.PARTY": ("2026-09-28", False),
        "CONF.OBJ.THIRD": ("2027-03-10", True),
        "ENF.APPLY": ("2028-11-02", True),
    }
    event = await told(world, "application.limits_began", events_pb.ApplicationLimitsBegan)
    assert (event.application, event.organisation) == (application.name, f"organisations/{bench.organisation}")
    objection, enforcement = event.notices
    assert (objection.due_date, objection.provisional, bool(objection.missed_zh)) == ("2026-09-28", False, True)
    assert (enforcement.name_zh, enforcement.due_date, enforcement.provisional) == ("申请强制执行", "2028-11-02", True)
    assert (event.of_others.due_date, event.of_others.provisional) == ("2027-03-10", True)

    world.at(2026, 9, 25, 1)
    near = await told(world, "application.deadline_near", events_pb.ApplicationDeadlineNear)
    assert (near.case, near.notice.due_date, near.notice.name_zh) == (sealed.case, "2026-09-28", objection.name_zh)
    world.at(2026, 9, 28, 16)

    async def over() -> bool:
        state = deadline(await world.get(sealed.claimant, application.name), "CONF.OBJ.PARTY").state
        return bool(state == deadline_pb2.DEADLINE_STATE_LAPSED)

    await eventually(over)
    world.at(2028, 10, 3, 1)

    async def of_enforcement() -> bool:
        event = await told(world, "application.deadline_near", events_pb.ApplicationDeadlineNear)
        return bool(event.notice.due_date == "2028-11-02")

    await eventually(of_enforcement)
    assert faults(await audit("court_link", world.database.superuser_url)) == {}


async def test_after_a_dismissal_nothing_runs(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    await world.issue(bench.judge, await world.prepared(bench, application, "DISMISSED", "UNCLEAR"))
    application = await world.in_state(sealed.claimant, application.name, "DISMISSED")
    assert [each.rule for each in application.deadlines if each.state == deadline_pb2.DEADLINE_STATE_RUNNING] == []
    assert await last_published(world.nats, "court_link", "application.limits_began") == b""


async def test_the_parties_are_reminded_ten_three_and_one_day_before_their_window_ends(world: World) -> None:
    sealed = await world.sealed()
    seen = []
    for count, day in enumerate((28, 5, 7), start=1):
        world.clock.set(datetime(2026, 9 if day == 28 else 10, day, 1, 0, tzinfo=UTC))
        logged = "SELECT count(*) FROM event_log WHERE type = 'application_window.near'"

        async def reminded(count: int = count, logged: str = logged) -> bool:
            return await world.count(logged) == count

        await eventually(reminded)
        seen.append(await told(world, "application_window.near", events_pb.WindowNear))
    assert {(each.agreement, each.case, each.notice.due_date) for each in seen} == {
        (sealed.name, sealed.case, "2026-10-08")
    }
    assert seen[0].notice.missed_zh and seen[0].notice.missed_en, "what happens otherwise"


async def test_who_has_applied_is_reminded_of_nothing(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    await world.filed(sealed, bench)
    world.at(2026, 10, 6, 4)
    other = await world.sealed()
    world.at(2026, 10, 7, 1)

    async def second() -> bool:
        event = await told(world, "application_window.near", events_pb.WindowNear)
        return bool(event.agreement == other.name)

    await eventually(second)
    assert await world.count("SELECT count(*) FROM event_log WHERE type = 'application_window.near'") == 1
