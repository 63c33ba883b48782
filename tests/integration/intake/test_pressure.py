"""A party tells the officers of its matter that somebody presses it: at any step, without proof, to nobody else."""

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
from comity.intake.v1 import intake_events_pb2, matter_pb2
from comity.intake.v1 import intake_service_pb2 as pb

from services.common.kernel.principal import Role
from services.common.storage.pressure_reports import OWN_AMONG, OWN_PAGE, PRESSURE_REPORTS
from services.common.storage.statement import paging
from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_filing import refused
from tests.integration.intake.test_private_acts import staged
from tests.integration.intake.test_the_way_of_a_matter import accepted
from tests.kit.audit import audit, faults
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.plans import rows_read
from tests.kit.tokens import bearer


async def report(intake: Intake, matter: str, party: str, account: UUID, text: str = "") -> None:
    request = pb.ReportPressureRequest(request_id=str(uuid4()), name=matter, party=party, text=text)
    await intake.call("ReportPressure", request, intake.as_person(account))


async def told(intake: Intake, matter: str, caller: object, **asked: object) -> pb.ListPressureReportsResponse:
    request = pb.ListPressureReportsRequest(matter=matter, **asked)
    answer: pb.ListPressureReportsResponse = await intake.call("ListPressureReports", request, caller)
    return answer


async def test_pressure_is_told_in_every_state_and_read_by_officers_supervisors_and_who_said_it(intake: Intake) -> None:
    stage = await staged(intake)
    await stage.join()
    matter, mine, other = stage.matter, stage.complainant, stage.respondent
    await report(intake, matter, mine, intake.complainant, "有人要我撤回（样本）")
    intake.clock.advance(timedelta(minutes=1))
    await report(intake, matter, other, intake.respondent)
    withdrawn = await intake.act("Withdraw", matter, intake.as_person(intake.complainant))
    assert withdrawn.state == matter_pb2.MATTER_STATE_WITHDRAWN
    intake.clock.advance(timedelta(minutes=1))
    await report(intake, matter, mine, intake.complainant)
    supervisor = bearer(intake.issuer.person(uuid4(), {intake.organisation: [Role.SUPERVISOR]}))
    for officer in (intake.as_officer(), supervisor):
        seen = (await told(intake, matter, officer)).reports
        assert [(each.party, each.text) for each in seen] == [(mine, "有人要我撤回（样本）"), (other, ""), (mine, "")]
        assert (await intake.get(matter, officer)).pressure_reported
    seen = (await told(intake, matter, intake.as_person(intake.complainant))).reports
    assert [each.text for each in seen] == ["有人要我撤回（样本）", ""]
    first = await told(intake, matter, intake.as_officer(), page_size=2)
    rest = await told(intake, matter, intake.as_officer(), page_token=first.next_page_token)
    assert [len(first.reports), len(rest.reports)] == [2, 1]
    (listed,) = (await intake.call("ListMatters", pb.ListMattersRequest(), intake.as_officer())).matters
    assert listed.pressure_reported


async def test_pressure_told_before_anything_was_done_reaches_who_is_in_charge_by_an_event_without_words(
    intake: Intake,
) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    assert not matter.pressure_reported
    await report(intake, matter.name, matter.parties[0].name, intake.complainant, "样本 SAMPLE")
    kind = "pressure_report.made"
    event = intake_events_pb2.PressureReported.FromString(
        await eventually(lambda: last_published(intake.client, "intake", kind))
    )
    assert (event.matter, event.officer) == (matter.name, "")
    assert len(event.ListFields()) == 2, "who said it and what is nobody's to read on the way"


async def test_nobody_reports_pressure_for_somebody_else_or_reads_what_is_not_theirs(intake: Intake) -> None:
    matter = await accepted(intake)
    mine, other = (each.name for each in matter.parties)
    for account, party in ((intake.complainant, other), (intake.respondent, other), (intake.officer, mine)):
        assert await refused(report(intake, matter.name, party, account)) == "NOT_FOUND"
    await report(intake, matter.name, mine, intake.complainant)
    elsewhere = bearer(intake.issuer.person(uuid4(), {uuid4(): [Role.INTAKE_OFFICER]}))
    keeper = bearer(intake.issuer.person(uuid4(), {intake.organisation: [Role.ADMINISTRATOR]}))
    for stranger in (elsewhere, keeper, intake.as_person(intake.respondent)):
        assert await refused(told(intake, matter.name, stranger)) == "NOT_FOUND"


async def test_reports_of_the_other_side_are_not_read_for_an_answer_that_does_not_show_them(intake: Intake) -> None:
    stage = await staged(intake)
    await stage.join()
    for _ in range(20):
        await report(intake, stage.matter, stage.complainant, intake.complainant)
    await report(intake, stage.matter, stage.respondent, intake.respondent)
    id, table = UUID(stage.matter.partition("/")[2]), "pressure_reports"
    looking = intake.database.url, f"accounts/{intake.respondent}", table
    own = {"account": intake.respondent}
    page = {"subject_id": id, "page_after": UUID(int=0), "page_size": 51}
    assert await rows_read(*looking, OWN_AMONG, wanted=[id], **own) == 1
    assert await rows_read(*looking, OWN_PAGE, **page, **own) == 1
    everybodys = paging(PRESSURE_REPORTS.table, ("subject_id",))
    assert await rows_read(*looking, everybodys, **page) == 21, "else nothing is proven"


async def test_what_was_told_is_what_its_log_says(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    await report(intake, matter.name, matter.parties[0].name, intake.complainant, "样本 SAMPLE")
    url = intake.database.superuser_url
    assert (await audit("intake", url)).findings == []
    connection = await asyncpg.connect(url)
    id = await connection.fetchval("SELECT id FROM pressure_reports")
    await connection.close()
    for edit in ("text = 'x'", "party_id = gen_random_uuid()", "account_id = gen_random_uuid()"):
        report_of_the_audit = await audit("intake", url, f"UPDATE pressure_reports SET {edit}")
        assert faults(report_of_the_audit) == {f"pressureReports/{id}": "CONTENT_CHANGED"}
