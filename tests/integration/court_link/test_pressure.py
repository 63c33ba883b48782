"""A party tells the court that somebody presses it: at any step, without proof, to nobody else."""

from typing import Any
from uuid import uuid4

from comity.court_link.v1 import court_link_events_pb2 as events

from services.common.kernel.errors import ErrorKind
from services.common.kernel.principal import Role
from tests.integration.court_link.world import SUZHOU, XUANWU, Person, World, state
from tests.kit.audit import audit, faults
from tests.kit.events import last_published
from tests.kit.eventually import eventually


async def report(world: World, person: Person, application: Any, party: str, text: str = "") -> None:
    await world.call(person, "ReportPressure", name=application.name, party=party, text=text)


async def told(world: World, person: Person, application: Any) -> list[tuple[str, str]]:
    answer = await world.call(person, "ListPressureReports", application=application.name)
    return [(each.party, each.text) for each in answer.reports]


async def _last(world: World) -> events.PressureReported:
    found = await eventually(lambda: last_published(world.nats, "court_link", "pressure_report.made"))
    return events.PressureReported.FromString(found)


async def test_the_judge_who_rules_sees_that_a_party_is_pressed_and_the_other_side_does_not(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    ruling = await world.prepared(bench, application)
    assert not ruling.pressure_reported
    await report(world, sealed.claimant, application, sealed.parties[0], "有人要我同意（样本）")
    said = [(sealed.parties[0], "有人要我同意（样本）")]
    for member in (bench.clerk, bench.judge):
        assert (await world.get(member, application.name)).pressure_reported
        assert (await world.call(member, "GetRuling", name=ruling.name)).ruling.pressure_reported
        assert await told(world, member, application) == said
    (listed,) = (await world.call(bench.clerk, "ListApplications")).applications
    assert listed.pressure_reported
    assert await told(world, sealed.claimant, application) == said
    assert await told(world, sealed.respondent, application) == []
    assert not (await world.get(sealed.respondent, application.name)).pressure_reported
    event = await _last(world)
    assert (event.application, event.organisation) == (application.name, f"organisations/{bench.organisation}")
    assert event.before_court
    assert len(event.ListFields()) == 5, "who said it and what is nobody's to read on the way"
    issued = await world.issue(bench.judge, ruling)
    assert issued.pressure_reported
    ended = await world.in_state(sealed.respondent, application.name, "CONFIRMED")
    await report(world, sealed.respondent, ended, sealed.parties[1])
    assert await told(world, bench.judge, application) == [*said, (sealed.parties[1], "")]
    own = (await world.call(sealed.claimant, "GetRuling", name=ruling.name)).ruling
    assert own.pressure_reported, "who said it may know it"


async def test_what_was_said_before_the_court_had_the_application_comes_before_it_with_the_filing(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    draft = await world.drafted(sealed, bench)
    await report(world, sealed.respondent, draft, sealed.parties[1], "样本 SAMPLE")
    assert not (await _last(world)).before_court
    hidden = await world.refusal(bench.clerk, "ListPressureReports", application=draft.name)
    assert hidden.kind is ErrorKind.NOT_FOUND
    application = await world.consent(sealed, await world.consent(sealed, draft, 0), 1)
    application = await world.in_state(sealed.claimant, application.name, "FILED")

    async def known() -> bool:
        return (await _last(world)).before_court

    await eventually(known)
    assert await told(world, bench.clerk, application) == [(sealed.parties[1], "样本 SAMPLE")]
    assert state(application) == "FILED"


async def test_nobody_reports_pressure_for_somebody_else_or_reads_what_is_not_theirs(world: World) -> None:
    bench, other, sealed = await world.bench(XUANWU), await world.bench(SUZHOU), await world.sealed()
    application = await world.filed(sealed, bench)
    mine = sealed.parties[0]
    for person in (sealed.respondent, bench.judge, Person()):
        refused = await world.refusal(person, "ReportPressure", name=application.name, party=mine)
        assert refused.kind is ErrorKind.NOT_FOUND
    await report(world, sealed.claimant, application, mine)
    administrator = Person(roles={bench.organisation: [Role.ADMINISTRATOR]})
    for person in (other.judge, administrator, Person()):
        refused = await world.refusal(person, "ListPressureReports", application=application.name)
        assert refused.kind is ErrorKind.NOT_FOUND
    absent = await world.refusal(Person(), "ListPressureReports", application=f"applications/{uuid4()}")
    assert (absent.reason, absent.en) == (refused.reason, refused.en)


async def test_what_was_told_is_what_its_log_says(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    draft = await world.drafted(sealed, bench)
    await report(world, sealed.claimant, draft, sealed.parties[0], "样本 SAMPLE")
    application = await world.consent(sealed, await world.consent(sealed, draft, 0), 1)
    await world.in_state(sealed.claimant, application.name, "FILED")
    await eventually(lambda: _said_twice(world))
    url = world.database.superuser_url
    assert (await audit("court_link", url)).findings == []
    for edit in ("text = 'x'", "party_id = gen_random_uuid()", "account_id = gen_random_uuid()"):
        report_of_the_audit = await audit("court_link", url, f"UPDATE pressure_reports SET {edit}")
        assert list(faults(report_of_the_audit).values()) == ["CONTENT_CHANGED"]


async def _said_twice(world: World) -> bool:
    return await world.count("SELECT count(*) FROM event_log WHERE type = 'pressure_report.made'") == 2
