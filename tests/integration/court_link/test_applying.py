"""Who may apply, until when, where; and that a court gets each application once."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from comity.mediation.v1 import mediation_events_pb2 as mediation_events

from services.common.kernel.errors import ErrorKind
from services.common.kernel.principal import Role
from services.common.storage.transaction import SYSTEM
from services.court_link.application.filing import filing_key
from services.court_link.application.ports import FilingPackage
from services.court_link.gateways.desk import EmbeddedDesk
from tests.integration.court_link.world import (
    GULOU,
    SUZHOU,
    WUXI,
    XUANWU,
    Person,
    Sealed,
    World,
    deadline,
    state,
)
from tests.kit.eventually import eventually


async def test_the_window_of_scenario_18_ends_on_8_october_and_lapses_with_alternatives(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    view = await world.eligibility(sealed, bench.court.name)
    assert view.eligible and view.window.due_date == "2026-10-08" and view.remaining_days == 37
    world.at(2026, 10, 9)
    refused = await world.refusal(
        sealed.claimant, "CreateApplication", agreement=sealed.name, court=bench.court.name, truthful=True
    )
    assert refused.reason == "WINDOW_LAPSED"
    assert set(refused.metadata["alternatives"].split(",")) == {
        "NEW_AGREEMENT",
        "NOTARISED_ENFORCEABILITY",
        "PAYMENT_ORDER",
        "SUIT",
    }
    view = await world.eligibility(sealed)
    assert [each.reason for each in view.obstacles] == ["WINDOW_LAPSED"] and view.remaining_days == 0
    await eventually(lambda: _lapsed(world))


async def _lapsed(world: World) -> bool:
    return await world.count("SELECT count(*) FROM event_log WHERE type = 'application_window.lapsed'") == 1


async def test_one_party_alone_cannot_file_even_on_the_last_day(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    world.at(2026, 10, 8)
    application = await world.consent(sealed, await world.drafted(sealed, bench), 0)
    assert state(application) == "DRAFT"
    twice = await world.refusal(
        sealed.claimant,
        "ConsentToApplication",
        name=application.name,
        version=application.version,
        party=sealed.parties[0],
        truthful=True,
        service_address="样本路",
    )
    assert twice.reason == "ALREADY_CONSENTED"
    other = await world.refusal(
        sealed.claimant,
        "ConsentToApplication",
        name=application.name,
        version=application.version,
        party=sealed.parties[1],
        truthful=True,
        service_address="样本路",
    )
    assert other.reason == "NOT_THIS_PARTY"
    assert await world.count("SELECT count(*) FROM docket") == 0
    world.at(2026, 10, 9)
    lapsed = await world.in_state(sealed.claimant, application.name, "LAPSED")
    late = await world.refusal(
        sealed.respondent,
        "ConsentToApplication",
        name=application.name,
        version=lapsed.version,
        party=sealed.parties[1],
        truthful=True,
        service_address="样本路",
    )
    assert late.reason in ("WINDOW_LAPSED", "ILLEGAL_TRANSITION")


async def test_only_the_delegating_court_may_confirm_what_it_delegated(world: World) -> None:
    intermediate = await world.bench("320100", level="INTERMEDIATE", name="样本市中级人民法院")
    seat = await world.bench(XUANWU)
    sealed = await world.sealed(
        kind="DELEGATED", regime="SPECIAL_INVITED_DELEGATED@2024", court=intermediate.court.name
    )
    view = await world.eligibility(sealed)
    assert [each.name for each in view.courts] == [intermediate.court.name]
    view = await world.eligibility(sealed, seat.court.name)
    assert [each.reason for each in view.obstacles] == ["COURT_NOT_COMPETENT"]
    refused = await world.refusal(
        sealed.claimant, "CreateApplication", agreement=sealed.name, court=seat.court.name, truthful=True
    )
    assert refused.reason == "COURT_NOT_COMPETENT"


async def test_self_initiated_offers_the_basic_courts_of_both_domiciles_and_of_the_seat(world: World) -> None:
    wuxi, suzhou, seat = await world.bench(WUXI), await world.bench(SUZHOU), await world.bench(XUANWU)
    await world.bench(GULOU)
    await world.bench("320100", level="INTERMEDIATE")
    sealed = await world.sealed()
    view = await world.eligibility(sealed)
    assert {each.name for each in view.courts} == {wuxi.court.name, suzhou.court.name, seat.court.name}


async def test_an_entrusted_case_has_no_confirmation_but_another_path(world: World) -> None:
    bench = await world.bench(XUANWU)
    sealed = await world.sealed(
        kind="ENTRUSTED", regime="SPECIAL_INVITED_ENTRUSTED@2024", court=bench.court.name, effective=None
    )
    view = await world.eligibility(sealed)
    assert [each.reason for each in view.obstacles] == ["NOT_CONFIRMABLE_ENTRUSTED"]
    assert "调解书" in view.obstacles[0].message_zh and not view.HasField("window")
    assert await world.count("SELECT count(*) FROM application_windows") == 0


@pytest.mark.parametrize("subject", ["OUT_OF_SCOPE", "STATUS_RELATION", "OTHER_PROCEDURE", "RIGHTS_DETERMINATION"])
async def test_an_excluded_subject_is_stopped_before_filing(world: World, subject: str) -> None:
    await world.bench(XUANWU)
    view = await world.eligibility(await world.sealed(subject_matter=subject))
    assert [each.reason for each in view.obstacles] == ["EXCLUDED_SUBJECT"]
    assert subject in view.obstacles[0].message_en


async def test_a_stranger_learns_nothing_about_an_agreement(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    stranger = Person()
    foreign = await world.eligibility(sealed, by=stranger)
    for role in (Role.MEDIATOR, Role.SEAL_KEEPER, Role.SUPERVISOR):  # Colleagues who do not run the case.
        assert await world.eligibility(sealed, by=Person(roles={sealed.organisation: [role]})) == foreign
    runs_it = Person(roles={sealed.organisation: [Role.CASE_ADMINISTRATOR]})
    assert await world.eligibility(sealed, by=runs_it) != foreign
    absent = (await world.call(stranger, "CheckEligibility", agreement=f"agreements/{uuid4()}")).eligibility
    assert foreign == absent
    fields = {"court": bench.court.name, "truthful": True}
    one = await world.refusal(stranger, "CreateApplication", agreement=sealed.name, **fields)
    two = await world.refusal(stranger, "CreateApplication", agreement=f"agreements/{uuid4()}", **fields)
    assert (one.kind, one.reason, one.en) == (two.kind, two.reason, two.en)


async def test_a_statement_of_truth_is_a_condition(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    refused = await world.refusal(sealed.claimant, "CreateApplication", agreement=sealed.name, court=bench.court.name)
    assert refused.reason == "TRUTH_NOT_STATED"


async def test_an_agreement_has_one_application_at_a_time(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    tries = await asyncio.gather(
        *(world.drafted(sealed, bench) for _ in range(8)),
        return_exceptions=True,
    )
    assert sum(not isinstance(each, BaseException) for each in tries) == 1
    refused = await world.refusal(
        sealed.respondent, "CreateApplication", agreement=sealed.name, court=bench.court.name, truthful=True
    )
    assert refused.reason == "ALREADY_APPLIED" and refused.kind is ErrorKind.ALREADY_EXISTS


async def test_filing_the_same_fifty_times_at_once_makes_one_docket_entry(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.filed(sealed, bench)
    assert application.receipt_number and deadline(application, "CONF.ACCEPT").due_date == "2026-09-04"
    async with world.own_database() as database:
        async with database.transaction(SYSTEM) as tx:
            kept = await tx.applications.get(UUID(application.name.partition("/")[2]))
            agreement = await tx.agreements.get(kept.agreement)
        package = FilingPackage(application=kept, agreement=agreement, court=kept.court)
        gateway = EmbeddedDesk(database)
        receipts = await asyncio.gather(*(gateway.file(package, filing_key(package)) for _ in range(50)))
    assert {each.receipt_number for each in receipts} == {application.receipt_number}
    assert await world.count("SELECT count(*) FROM docket") == 1


async def test_a_file_that_does_not_verify_is_refused_and_parked(world: World) -> None:
    broken = world.round.sealed + b"\n"
    sealed = await world.sealed(pdf=broken, awaited=False)
    await eventually(lambda: _parked(world))
    view = await world.eligibility(sealed)
    assert [each.reason for each in view.obstacles] == ["AGREEMENT_NOT_SEALED"]


async def _parked(world: World) -> bool:
    query = "SELECT count(*) FROM dead_letters WHERE reason = 'AGREEMENT_DOES_NOT_VERIFY'"
    return await world.count(query) == 1


async def test_a_superseded_agreement_can_no_longer_be_brought_to_court(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    event = mediation_events.AgreementSuperseded(agreement=sealed.name, case=sealed.case)
    await world.publish("agreement.superseded", event, sealed.name)
    await eventually(lambda: _superseded(world, sealed))
    refused = await world.refusal(
        sealed.claimant, "CreateApplication", agreement=sealed.name, court=bench.court.name, truthful=True
    )
    assert refused.reason == "AGREEMENT_SUPERSEDED"


async def test_an_agreement_that_takes_effect_after_another_took_its_place_is_superseded(world: World) -> None:
    await world.bench(XUANWU)
    agreement, case = f"agreements/{uuid4()}", f"cases/{uuid4()}"
    event = mediation_events.AgreementSuperseded(agreement=agreement, case=case)
    await world.publish("agreement.superseded", event, agreement)
    assert await _superseded(world, await world.sealed(agreement=agreement, case=case))


async def _superseded(world: World, sealed: Sealed) -> bool:
    view = await world.eligibility(sealed)
    return [each.reason for each in view.obstacles] == ["AGREEMENT_SUPERSEDED"]


async def test_what_a_newer_replica_wrote_of_an_application_stays_when_this_one_acts(world: World) -> None:
    bench, sealed = await world.bench(XUANWU), await world.sealed()
    application = await world.consent(sealed, await world.drafted(sealed, bench), 0)
    newer = """jsonb_set(content || '{"guardian": "样本"}', '{consents,0,witness}', '"样本"')"""
    await world.execute(f"UPDATE applications SET content = {newer}")
    await world.consent(sealed, application, 1)
    await world.in_state(sealed.claimant, application.name, "FILED")
    kept = "content->>'guardian' = '样本' AND content->'consents'->0->>'witness' = '样本'"
    assert await world.count(f"SELECT count(*) FROM applications WHERE {kept}") == 1


async def test_no_right_to_apply_ends_on_new_years_day_nor_before_the_calendar_is_known(world: World) -> None:
    world.at(2026, 12, 2)
    bench, sealed = await world.bench(XUANWU), await world.sealed(effective=datetime(2026, 12, 2, 2, tzinfo=UTC))
    view = await world.eligibility(sealed, bench.court.name)
    assert (view.window.due_date, view.window.provisional) == ("2027-01-04", True)
    for day in (4, 5):
        world.at(2027, 1, day, 2)
        assert (await world.eligibility(sealed, bench.court.name)).eligible
    application = await world.drafted(sealed, bench)
    for side in (0, 1):
        application = await world.consent(sealed, application, side)
    assert state(application) == "FILING"
    assert not await _lapsed(world)
