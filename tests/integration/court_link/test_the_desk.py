"""The court's desk: who may do what, supplements, refusals, rulings signed once by one proof."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from comity.common.v1 import deadline_pb2
from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_events_pb2 as events_pb
from sqlalchemy import select

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Role
from services.common.storage.transaction import SYSTEM
from services.court_link.application.ports import FilingPackage
from services.court_link.gateways.desk import EmbeddedDesk
from services.court_link.storage import tables
from tests.integration.court_link.world import SUZHOU, XUANWU, Bench, Person, World, deadline, state
from tests.kit.events import last_published
from tests.kit.eventually import eventually


async def test_clerk_and_judge_do_not_stand_in_for_each_other_and_another_court_sees_nothing(world: World) -> None:
    bench, other, sealed = await world.bench(XUANWU), await world.bench(SUZHOU), await world.sealed()
    application = await world.filed(sealed, bench)
    accept = {"docket_number": "（2026）样0102民特1号"}
    by_judge = await _desk_refusal(world, bench.judge, "AcceptApplication", application, **accept)
    assert by_judge == (ErrorKind.DENIED, "ACCESS_DENIED")
    outside = await _desk_refusal(world, other.clerk, "AcceptApplication", application, **accept)
    assert outside == (ErrorKind.NOT_FOUND, "NOT_FOUND")
    application = (await world.desk(bench.clerk, "AcceptApplication", application, **accept)).application
    application = (await world.desk(bench.judge, "HoldInquiry", application, minutes="双方到场。")).application
    ruling_fields = {"outcome": application_pb2.RULING_OUTCOME_CONFIRMED, "reasons": "审查无异。"}
    by_clerk = await _desk_refusal(world, bench.clerk, "PrepareRuling", application, **ruling_fields)
    assert by_clerk == (ErrorKind.DENIED, "ACCESS_DENIED")
    foreign = await _desk_refusal(world, other.judge, "PrepareRuling", application, **ruling_fields)
    assert foreign == (ErrorKind.NOT_FOUND, "NOT_FOUND")
    ruling = await world.prepared(bench, application)
    for person, kind in ((other.judge, ErrorKind.NOT_FOUND), (bench.clerk, ErrorKind.DENIED)):
        with pytest.raises(DomainError) as refused:
            await world.issue(person, ruling)
        assert refused.value.kind is kind
    for person in (other.judge, sealed.claimant, Person()):
        refused_read = await world.refusal(person, "GetRuling", name=ruling.name)
        assert refused_read.kind is ErrorKind.NOT_FOUND


async def test_a_clerk_who_is_judge_elsewhere_still_may_not_rule_here(world: World) -> None:
    bench, other, sealed = await world.bench(XUANWU), await world.bench(SUZHOU), await world.sealed()
    application = await world.under_review(sealed, bench)
    both = Person(roles={bench.organisation: [Role.COURT_CLERK], other.organisation: [Role.JUDGE]})
    fields = {"outcome": application_pb2.RULING_OUTCOME_CONFIRMED, "reasons": "审查无异。"}
    assert await _desk_refusal(world, both, "PrepareRuling", application, **fields) == (
        ErrorKind.DENIED,
        "ROLE_REQUIRED",
    )


async def test_a_court_sees_an_application_only_once_it_is_filed_and_then_with_its_file(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    draft = await world.drafted(sealed, bench)
    hidden = await world.refusal(bench.clerk, "GetApplication", name=draft.name)
    assert hidden.kind is ErrorKind.NOT_FOUND
    assert not (await world.call(bench.clerk, "ListApplications")).applications
    first = await world.consent(sealed, draft, 0, "样本市玄武区样本路一号")
    await world.consent(sealed, first, 1, "样本市姑苏区样本街二号")
    await world.in_state(sealed.claimant, draft.name, "FILED")
    seen = await world.get(bench.clerk, draft.name)
    assert seen.file.parties[0].particulars.identity_number == "320102199001010011"
    assert {each.service_address for each in seen.consents} == {"样本市玄武区样本路一号", "样本市姑苏区样本街二号"}
    assert list(seen.file.undisputed_facts) and seen.file.case_number
    assert await world.download(bench.clerk, draft.name, "AGREEMENT") == world.round.sealed
    own = await world.get(sealed.claimant, draft.name)
    assert not own.HasField("file")
    addresses = {each.party: each.service_address for each in own.consents}
    assert addresses[sealed.parties[0]] == "样本市玄武区样本路一号" and addresses[sealed.parties[1]] == "样本市***"
    listed = (await world.call(bench.clerk, "ListApplications")).applications
    assert [each.name for each in listed] == [draft.name]
    stranger = await world.refusal(Person(), "GetApplication", name=draft.name)
    absent = await world.refusal(Person(), "GetApplication", name=f"applications/{uuid4()}")
    assert (stranger.reason, stranger.en) == (absent.reason, absent.en)


async def test_a_supplement_goes_to_the_parties_and_back_to_where_it_was_asked(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    undated = await _desk_refusal(world, bench.clerk, "RequireSupplement", application, materials="财产权利证明")
    assert undated[1] == "DUE_DATE_MISSING"
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    assert state(application) == "SUPPLEMENT_REQUIRED" and application.supplement_due_date == "2026-09-10"
    early = await _desk_refusal(world, bench.clerk, "DeemWithdrawn", application, reasons="逾期未补充")
    assert early[1] == "SUPPLEMENT_STILL_IN_TIME"
    fields = {"name": application.name, "version": application.version, "title": "房产证", "content": b"%PDF-sample"}
    application = (await world.call(sealed.respondent, "SupplyMaterial", **fields)).application
    assert state(application) == "FILED"
    assert await world.download(bench.clerk, application.name, "SUPPLEMENT") == b"%PDF-sample"
    accepted = (await world.desk(bench.clerk, "AcceptApplication", application, docket_number="民特2号")).application
    accepted = (await world.desk(bench.clerk, "RequireSupplement", accepted, **asked)).application
    fields = {"name": accepted.name, "version": accepted.version, "title": "身份证明", "content": b"%PDF-2"}
    assert state((await world.call(sealed.claimant, "SupplyMaterial", **fields)).application) == "ACCEPTED"


async def test_the_days_to_accept_stand_still_for_a_supplement_and_run_anew_from_the_day_after_it(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    assert deadline(application, "CONF.ACCEPT").due_date == "2026-09-04"
    world.at(2026, 9, 3)
    asked = {"materials": "财产权利证明", "due_date": "2026-09-20"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    (still,) = [each for each in application.deadlines if each.rule.startswith("CONF.ACCEPT")]
    assert still.state == deadline_pb2.DEADLINE_STATE_PAUSED
    world.at(2026, 9, 10)
    assert deadline(await world.get(bench.clerk, application.name), "CONF.ACCEPT").state == still.state, "not lapsed"
    fields = {"name": application.name, "version": application.version, "title": "房产证", "content": b"%PDF-sample"}
    application = (await world.call(sealed.respondent, "SupplyMaterial", **fields)).application
    clocks = [each for each in application.deadlines if each.rule.startswith("CONF.ACCEPT")]
    (anew,) = [each for each in clocks if each.state == deadline_pb2.DEADLINE_STATE_RUNNING]
    # Three days from 11 September: Sunday the 13th, so Monday.
    assert anew.due_date == "2026-09-14"
    assert [each.state for each in clocks if each is not anew] == [deadline_pb2.DEADLINE_STATE_CANCELLED]


async def test_each_court_counts_its_receipts_from_one_in_each_year_of_beijing(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    assert (await world.filed(sealed, bench)).receipt_number == "收字〔2026〕1号"
    async with world.own_database() as database:
        async with database.transaction(SYSTEM) as tx:
            (kept,) = await tx.applications.listed(select(tables.applications))
            agreement = await tx.agreements.get(kept.agreement)
        desk = EmbeddedDesk(database)

        async def filed(court: UUID, key: str) -> str:
            package = FilingPackage(application=kept, agreement=agreement, court=court)
            return (await desk.file(package, key)).receipt_number

        other = uuid4()
        assert [await filed(kept.court, "2"), await filed(other, "3")] == ["收字〔2026〕2号", "收字〔2026〕1号"]
        assert await filed(kept.court, "2") == "收字〔2026〕2号", "the same filing again"
        world.clock.set(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
        assert [await filed(kept.court, "4"), await filed(kept.court, "5")] == ["收字〔2027〕1号", "收字〔2027〕2号"]
        assert await filed(kept.court, "2") == "收字〔2026〕2号", "and in the next year"


async def test_a_missed_supplement_ends_the_application_only_when_the_court_says_so(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    world.at(2026, 9, 20)
    assert state(await world.get(sealed.claimant, application.name)) == "SUPPLEMENT_REQUIRED"
    ended = (await world.desk(bench.clerk, "DeemWithdrawn", application, reasons="逾期未补充材料")).application
    assert state(ended) == "DEEMED_WITHDRAWN"
    window = deadline(ended, "CONF.APPLY")
    assert window.due_date == "2026-10-08" and (await world.eligibility(sealed)).remaining_days == 18
    assert (await world.eligibility(sealed, bench.court.name)).eligible
    again = await world.filed(sealed, bench)
    assert again.name != application.name and again.receipt_number != application.receipt_number


async def test_what_ends_after_the_window_leaves_nothing_of_it(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    world.at(2026, 10, 8)
    application = await world.filed(sealed, bench)
    world.at(2026, 10, 10)
    ground = application_pb2.NOT_ACCEPTED_GROUND_NO_JURISDICTION
    declined = await world.desk(bench.clerk, "DeclineApplication", application, ground=ground, reasons="无管辖权")
    assert state(declined.application) == "NOT_ACCEPTED"
    view = await world.eligibility(sealed)
    assert [each.reason for each in view.obstacles] == ["WINDOW_LAPSED"] and view.remaining_days == 0
    lapsed = "SELECT count(*) FROM event_log WHERE type = 'application_window.lapsed'"
    await eventually(lambda: _count_is(world, lapsed, 1))


async def _count_is(world: World, sql: str, expected: int) -> bool:
    return await world.count(sql) == expected


async def test_a_declined_application_may_go_to_another_court_inside_the_window(world: World) -> None:
    bench, other, sealed = await world.bench(XUANWU), await world.bench(SUZHOU), await world.sealed()
    application = await world.filed(sealed, bench)
    ground = application_pb2.NOT_ACCEPTED_GROUND_NO_JURISDICTION
    await world.desk(bench.clerk, "DeclineApplication", application, ground=ground, reasons="无管辖权")
    again = await world.filed(sealed, other)
    assert again.court == other.court.name and await world.count("SELECT count(*) FROM docket") == 2


async def test_an_applicant_withdraws_before_the_ruling_and_the_window_runs_on(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    fields = {"name": application.name, "version": application.version, "party": sealed.parties[1]}
    withdrawn = (await world.call(sealed.respondent, "WithdrawApplication", **fields)).application
    assert state(withdrawn) == "WITHDRAWN" and (await world.eligibility(sealed)).eligible


async def test_the_review_is_prolonged_once_by_ten_days(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    world.at(2026, 9, 3)
    number = {"docket_number": "（2026）样0102民特1号"}
    application = (await world.desk(bench.clerk, "AcceptApplication", application, **number)).application
    assert deadline(application, "CONF.DECIDE.PM").due_date == "2026-09-18"
    extended = (await world.desk(bench.judge, "ExtendReview", application, approval="院长批准")).application
    assert deadline(extended, "CONF.DECIDE.PM").due_date == "2026-09-28"
    again = await _desk_refusal(world, bench.judge, "ExtendReview", extended, approval="院长批准")
    assert again[1] == "ALREADY_EXTENDED"


async def test_a_ruling_waits_for_the_inquiry_and_a_dismissal_names_its_ground(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    number = {"docket_number": "（2026）样0102民特1号"}
    application = (await world.desk(bench.clerk, "AcceptApplication", application, **number)).application
    with pytest.raises(DomainError, match="INQUIRY_NOT_HELD"):
        await world.prepared(bench, application)
    application = (await world.desk(bench.judge, "HoldInquiry", application, minutes="双方到场。")).application
    with pytest.raises(DomainError, match="GROUND_MISSING"):
        await world.prepared(bench, application, "DISMISSED")
    await world.issue(bench.judge, await world.prepared(bench, application, "DISMISSED", "UNCLEAR"))
    dismissed = await world.in_state(sealed.claimant, application.name, "DISMISSED")
    ruling = (await world.call(sealed.claimant, "GetRuling", name=dismissed.ruling)).ruling
    assert ruling.ground == application_pb2.DISMISSAL_GROUND_UNCLEAR
    view = await world.eligibility(sealed)
    assert [each.reason for each in view.obstacles] == ["ALREADY_DECIDED"]
    assert "NEW_AGREEMENT" in view.obstacles[0].alternatives
    assert (await world.eligibility(await world.sealed())).eligible, "a new agreement has its own window"


async def test_fifty_signatures_at_once_issue_the_ruling_once(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    ruling = await world.prepared(bench, application)
    tries = await asyncio.gather(*(world.issue(bench.judge, ruling) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in tries) == 1
    await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    assert await world.count("SELECT count(*) FROM event_log WHERE type = 'ruling.issued'") == 1
    assert await world.count("SELECT count(*) FROM spent_proofs") == 1


async def test_a_proof_counts_for_one_judge_one_ruling_one_text_and_one_time(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.under_review(sealed, bench)
    ruling = await world.prepared(bench, application)
    wrong = (
        world.proof(bench.clerk, ruling),
        world.proof(bench.judge, ruling, subject=f"rulings/{uuid4()}"),
        world.proof(bench.judge, ruling, digest=bytes(32)),
        "no proof at all",
    )
    for proof in wrong:
        with pytest.raises(DomainError, match="PROOF_REFUSED"):
            await world.issue(bench.judge, ruling, proof)
    stale = world.proof(bench.judge, ruling)
    newer = await _prepared_anew(world, bench, application)
    assert newer.name == ruling.name and newer.frozen_digest != ruling.frozen_digest
    with pytest.raises(DomainError, match="FROZEN_DIGEST_DIFFERS"):
        await world.issue(bench.judge, ruling, stale)
    world.identity.refuses_certificates = True
    spent = world.proof(bench.judge, newer)
    await world.issue(bench.judge, newer, spent)
    await eventually(lambda: _ruling_is(world, bench, newer.name, application_pb2.RULING_STATE_PREPARED))
    told = await eventually(lambda: last_published(world.nats, "court_link", "ruling.signing_failed"))
    failed = events_pb.RulingSigningFailed.FromString(told)
    assert (failed.ruling, failed.case) == (newer.name, sealed.case)
    assert failed.account == bench.judge.name
    world.identity.refuses_certificates = False
    with pytest.raises(DomainError, match="PROOF_SPENT"):
        await world.issue(bench.judge, newer, spent)
    await world.issue(bench.judge, newer)
    await world.in_state(sealed.claimant, application.name, "CONFIRMED")


async def _prepared_anew(world: World, bench: Bench, application: object) -> application_pb2.Ruling:
    response = await world.desk(
        bench.judge,
        "PrepareRuling",
        application,
        outcome=application_pb2.RULING_OUTCOME_CONFIRMED,
        reasons="经审查,协议内容明确。",
    )
    found: application_pb2.Ruling = response.ruling
    return found


async def _ruling_is(world: World, bench: Bench, name: str, state: int) -> bool:
    found = (await world.call(bench.judge, "GetRuling", name=name)).ruling
    return bool(found.state == state)


async def _desk_refusal(
    world: World, person: Person, method: str, application: object, **fields: object
) -> tuple[ErrorKind, str]:
    name, version = application.name, application.version  # type: ignore[attr-defined]
    refused = await world.refusal(person, method, name=name, version=version, **fields)
    return refused.kind, refused.reason


async def test_a_supplement_is_for_the_court_and_for_who_supplied_it(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    asked = {"materials": "财产权利证明", "due_date": "2026-09-10"}
    application = (await world.desk(bench.clerk, "RequireSupplement", application, **asked)).application
    fields = {"name": application.name, "version": application.version, "title": "房产证", "content": b"%PDF-private"}
    await world.call(sealed.claimant, "SupplyMaterial", **fields)
    assert await world.download(sealed.claimant, application.name, "SUPPLEMENT") == b"%PDF-private"
    with pytest.raises(DomainError, match="NOT_FOUND"):
        await world.download(sealed.respondent, application.name, "SUPPLEMENT")


async def test_a_repeated_request_gets_its_first_answer_and_a_stale_version_is_refused(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    fields = {"request_id": str(uuid4()), "docket_number": "（2026）样0102民特1号"}
    first = await world.desk(bench.clerk, "AcceptApplication", application, **fields)
    assert await world.desk(bench.clerk, "AcceptApplication", application, **fields) == first
    stale = await _desk_refusal(world, bench.judge, "HoldInquiry", application, minutes="双方到场。")
    assert stale == (ErrorKind.CONFLICT, "STALE_VERSION")
    heard = (await world.desk(bench.judge, "HoldInquiry", first.application, minutes="双方到场。")).application
    fields = {"request_id": str(uuid4()), "outcome": application_pb2.RULING_OUTCOME_CONFIRMED, "reasons": "无异。"}
    ruling = (await world.desk(bench.judge, "PrepareRuling", heard, **fields)).ruling
    assert (await world.desk(bench.judge, "PrepareRuling", heard, **fields)).ruling == ruling
    act = {"request_id": str(uuid4())}
    proof = world.proof(bench.judge, ruling)
    signing = await world.issue(bench.judge, ruling, proof, **act)
    assert await world.issue(bench.judge, ruling, proof, **act) == signing
    await world.in_state(sealed.claimant, application.name, "CONFIRMED")
    assert await world.issue(bench.judge, ruling, proof, **act) == signing


async def test_a_court_that_took_the_filing_but_whose_receipt_was_lost_has_it_once(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    await world.execute(
        "UPDATE jobs SET state = 'QUEUED', lease_until = NULL WHERE kind = 'file_application'",
    )
    await eventually(lambda: _jobs_done(world))
    again = await world.get(sealed.claimant, application.name)
    assert again.receipt_number == application.receipt_number and again.version == application.version
    assert await world.count("SELECT count(*) FROM docket") == 1


async def _jobs_done(world: World) -> bool:
    return await world.count("SELECT count(*) FROM jobs WHERE kind = 'file_application' AND state <> 'DONE'") == 0


async def test_one_number_stands_for_one_application_of_a_court_however_it_is_spelled(world: World) -> None:
    bench = await world.bench(XUANWU)
    first = await world.under_review(await world.sealed(), bench, "(2026)样0102 民特１号")
    assert first.docket_number == "（2026）样0102民特1号"
    second = await world.filed(await world.sealed(), bench)
    twin = {"docket_number": "〔2026〕样0102民特1号"}
    taken = (ErrorKind.FAILED_PRECONDITION, "DOCKET_NUMBER_TAKEN")
    assert await _desk_refusal(world, bench.clerk, "AcceptApplication", second, **twin) == taken
    other = {"docket_number": "（2026）样0102民特2号"}
    assert (await world.desk(bench.clerk, "AcceptApplication", second, **other)).application.docket_number
