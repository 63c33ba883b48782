"""The window of an agreement that took effect on 2 December 2026, at the turn of the year in Beijing (scenario 30)."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from comity.court_link.v1 import court_link_events_pb2 as events_pb

from services.common.kernel.principal import Role
from tests.integration.court_link.world import XUANWU, Person, Sealed, World, deadline
from tests.kit.audit import audit, faults
from tests.kit.calendar_files import load_year, notice
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer

BEIJING = ZoneInfo("Asia/Shanghai")
EFFECTIVE = datetime(2026, 12, 2, 10, 0, tzinfo=BEIJING)
LAST_SECOND = datetime(2026, 12, 31, 23, 59, 59, tzinfo=BEIJING)
MORNING = datetime(2027, 1, 4, 10, 0, tzinfo=BEIJING)


async def load(world: World, content: bytes) -> Any:
    """A year's calendar, from the administrator of the platform."""
    operator = Person(roles={world.identity.platform: [Role.ADMINISTRATOR]})
    metadata = bearer(world.tokens.person(operator.id, operator.roles))
    return await load_year(world.channel, metadata, content)


async def window(world: World, sealed: Sealed) -> tuple[str, bool]:
    found = (await world.eligibility(sealed)).window
    return found.due_date, found.provisional


async def test_filing_on_the_fourth_of_january_is_taken_and_the_courts_own_limits_are_provisional(world: World) -> None:
    world.clock.set(EFFECTIVE)
    bench, sealed = await world.bench(XUANWU), await world.sealed(effective=EFFECTIVE)
    assert await window(world, sealed) == ("2027-01-04", True)
    for moment in (LAST_SECOND, datetime(2027, 1, 1, 9, tzinfo=BEIJING), MORNING):
        world.clock.set(moment)
        assert (await world.eligibility(sealed)).eligible
    application = await world.filed(sealed, bench)
    assert "2027" in application.receipt_number, "the year of Beijing"
    accepting = deadline(application, "CONF.ACCEPT")
    assert (accepting.due_date, accepting.provisional) == ("2027-01-07", True)
    told = await eventually(lambda: last_published(world.nats, "court_link", "application.filed"))
    filed = events_pb.ApplicationFiled.FromString(told)
    assert (filed.acceptance_due_date, filed.provisional) == ("2027-01-07", True)
    accepted = await world.desk(bench.clerk, "AcceptApplication", application, docket_number="（2027）样0102民特1号")
    assert deadline(accepted.application, "CONF.DECIDE.PM").provisional
    told = await eventually(lambda: last_published(world.nats, "court_link", "application.accepted"))
    assert events_pb.ApplicationAccepted.FromString(told).provisional


@pytest.mark.parametrize(("more", "ends"), [((), "2027-01-04"), ((date(2027, 1, 4),), "2027-01-05")])
async def test_a_notice_makes_the_window_firm_or_moves_it_with_every_copy(
    world: World, more: tuple[date, ...], ends: str
) -> None:
    world.clock.set(EFFECTIVE)
    bench, sealed = await world.bench(XUANWU), await world.sealed(effective=EFFECTIVE)
    world.clock.set(LAST_SECOND)
    loaded = await load(world, notice(2027, also_off=more))
    assert (loaded.deadlines_moved, loaded.deadlines_confirmed) == (len(more), 1 - len(more))
    assert await window(world, sealed) == (ends, False)
    told = await eventually(lambda: last_published(world.nats, "court_link", "application_window.moved"))
    move = events_pb.WindowMoved.FromString(told).move
    assert (move.old_due_date, move.due_date, move.provisional) == ("2027-01-04", ends, False)
    assert await world.count(f"SELECT count(*) FROM application_windows WHERE content->>'due_date' = '{ends}'") == 1
    assert faults(await audit("court_link", world.database.superuser_url)) == {}
    last = date.fromisoformat(ends)
    world.clock.set(datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=BEIJING))
    assert (await world.eligibility(sealed, bench.court.name)).eligible
    world.clock.set(datetime(last.year, last.month, last.day + 1, tzinfo=BEIJING))
    refused = await world.refusal(
        sealed.claimant, "CreateApplication", agreement=sealed.name, court=bench.court.name, truthful=True
    )
    assert refused.reason == "WINDOW_LAPSED" and ends in refused.en
    assert await eventually(
        lambda: world.count("SELECT count(*) FROM event_log WHERE type = 'application_window.lapsed'")
    )


async def test_a_window_that_stood_met_runs_on_by_the_calendar_that_came_meanwhile(world: World) -> None:
    world.clock.set(EFFECTIVE)
    bench, sealed = await world.bench(XUANWU), await world.sealed(effective=EFFECTIVE)
    application = await world.filed(sealed, bench)
    await load(world, notice(2027, also_off=[date(2027, 1, 4)]))
    application = await world.get(sealed.claimant, application.name)
    await world.desk(sealed.claimant, "WithdrawApplication", application, party=sealed.parties[0])
    assert await window(world, sealed) == ("2027-01-05", False)
    kept = "SELECT count(*) FROM application_windows WHERE content->>'due_date' = '2027-01-05'"
    assert await world.count(kept) == 1


async def test_the_courts_limits_move_with_a_correction_and_are_told(world: World) -> None:
    world.clock.set(EFFECTIVE)
    bench, sealed = await world.bench(XUANWU), await world.sealed(effective=EFFECTIVE)
    world.clock.set(datetime(2027, 1, 20, 10, 0, tzinfo=BEIJING))
    await load(world, notice(2027, also_off=[date(2027, 1, 4 + each) for each in range(20)]))
    application = await world.filed(sealed, bench)
    accepted = await world.desk(bench.clerk, "AcceptApplication", application, docket_number="（2027）样0102民特1号")
    before = deadline(accepted.application, "CONF.DECIDE.PM")
    assert (before.due_date, before.provisional) == ("2027-02-04", False)
    moved = await load(
        world, notice(2027, also_off=[date(2027, 2, 4), *(date(2027, 1, 4 + each) for each in range(20))])
    )
    assert moved.deadlines_moved == 1
    after = deadline(await world.get(sealed.claimant, application.name), "CONF.DECIDE.PM")
    assert (after.due_date, after.provisional) == ("2027-02-09", False)
    told = await eventually(lambda: last_published(world.nats, "court_link", "application.deadline_moved"))
    event = events_pb.ApplicationDeadlineMoved.FromString(told)
    assert event.organisation == f"organisations/{bench.organisation}"
    assert (event.move.old_due_date, event.move.due_date) == ("2027-02-04", "2027-02-09")
