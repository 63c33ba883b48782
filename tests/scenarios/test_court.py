"""Scenarios 18, 20 and 23: the thirty days, the case a court entrusted, and the agreement it found unclear."""

import asyncio
import hashlib
from datetime import UTC, date, timedelta
from typing import Any

from comity.court_link.v1 import application_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.mediation.v1 import agreement_pb2, case_pb2

from services.common.kernel.errors import ErrorKind
from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.scenarios.conftest import SHANGHAI, Town
from tests.scenarios.played import SIDES, Played, refusal


async def test_the_thirty_days_end_on_the_eighth_of_october_and_not_a_day_later(town: Town) -> None:
    town.go_to(date(2026, 9, 1))
    forgotten, one_sided, joint = (town.journey(f"window {each}", lane=each) for each in range(3))
    agreements = {}
    for case in (forgotten, one_sided, joint):
        await case.to_sealed()
        agreements[case] = await case.agreement(case.papers.agreement_name)
        effective = agreements[case].effective_time.ToDatetime(tzinfo=UTC).astimezone(SHANGHAI)
        assert effective.date() == date(2026, 9, 1)
        found = await case.eligibility(agreements[case].name)
        assert (found.eligible, found.window.due_date) == (True, "2026-10-08")

    town.go_to(date(2026, 10, 8), hour=16)
    assert (await one_sided.eligibility(agreements[one_sided].name)).remaining_days == 0
    draft = await one_sided.create_application(agreements[one_sided].name)
    draft = await one_sided.consent(draft, "complainant")
    assert draft.state == application_pb2.APPLICATION_STATE_DRAFT
    alone = await refusal(one_sided.consent_for(one_sided.complainant, draft, "respondent"))
    assert (alone.kind, alone.reason) == (ErrorKind.DENIED, "NOT_THIS_PARTY")
    assert not draft.receipt_number
    filed = await joint.create_application(agreements[joint].name)
    for side in SIDES:
        filed = await joint.consent(filed, side)
    filed = await joint.until(lambda: joint.filed(filed.name))
    assert filed.state == application_pb2.APPLICATION_STATE_FILED and filed.receipt_number

    town.go_to(date(2026, 10, 9))
    late = await refusal(forgotten.create_application(agreements[forgotten].name))
    assert (late.kind, late.reason) == (ErrorKind.FAILED_PRECONDITION, "WINDOW_LAPSED")
    alternatives = ["NEW_AGREEMENT", "NOTARISED_ENFORCEABILITY", "PAYMENT_ORDER", "SUIT"]
    assert late.metadata["alternatives"].split(",") == alternatives
    found = await forgotten.eligibility(agreements[forgotten].name)
    assert [(each.reason, list(each.alternatives)) for each in found.obstacles] == [("WINDOW_LAPSED", alternatives)]

    async def lapsed() -> Any:
        application = await one_sided.application(draft.name)
        return application if application.state == application_pb2.APPLICATION_STATE_LAPSED else None

    assert not (await one_sided.until(lapsed)).receipt_number
    refused = await refusal(one_sided.consent(draft, "respondent"))
    assert refused.kind is ErrorKind.FAILED_PRECONDITION
    assert (await joint.application(filed.name)).state == application_pb2.APPLICATION_STATE_FILED


async def test_a_case_that_a_court_entrusted_goes_back_to_it_and_is_not_confirmed(town: Town) -> None:
    case = town.journey("entrusted")
    await case.entrusted()
    assert (await case.state()).kind == case_pb2.CASE_KIND_ENTRUSTED
    assert not (await case.state()).confirmation_available
    await case.negotiate()
    signing_round = (await case.freeze(await case.draft())).signing_round
    await case.signed_by_parties(signing_round)
    agreement = await case.sealed_by_organisation(signing_round)
    assert not agreement.HasField("effective_time")

    found = await case.eligibility(agreement.name)
    assert not found.eligible and not found.courts
    (obstacle,) = found.obstacles
    assert obstacle.reason == "NOT_CONFIRMABLE_ENTRUSTED"
    assert "调解书" in obstacle.message_zh and "撤诉" in obstacle.message_zh
    assert "mediation statement" in obstacle.message_en and "withdraw" in obstacle.message_en
    assert list(obstacle.alternatives) == ["COURT_MEDIATION_STATEMENT", "WITHDRAWAL_OF_SUIT"]
    refused = await refusal(case.create_application(agreement.name))
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "NOT_CONFIRMABLE_ENTRUSTED")
    assert "调解书" in refused.zh


async def test_after_a_dismissal_as_unclear_the_new_agreement_has_thirty_days_of_its_own(town: Town) -> None:
    case = town.journey("dismissed")
    await case.to_sealed()
    old = await case.agreement(case.papers.agreement_name)
    old_file = case.papers.agreement
    old_window = (await case.eligibility(old.name)).window.due_date
    await _dismissed_as_unclear(town, case, old.name)

    async def dismissed() -> Any:
        return True if (await case.state()).ruling_outcome == "DISMISSED" else None

    await case.until(dismissed)
    assert (await case.consent_to_mediation("complainant")).state == case_pb2.CASE_STATE_CONCLUDED
    assert (await case.consent_to_mediation("respondent")).state == case_pb2.CASE_STATE_OPEN
    await case.until(lambda: case.refused_for(old.name, "ALREADY_DECIDED"))
    town.suite.clock.advance(timedelta(days=2))
    offer = await case.offer("respondent", 510000)
    await case.respond(case.complainant, offer, "complainant")
    signing_round = (await case.freeze(await case.draft(offer.terms))).signing_round
    assert (await case.agreement(old.name)).state == agreement_pb2.AGREEMENT_STATE_SEALED
    await case.signed_by_parties(signing_round)
    new = await case.sealed_by_organisation(signing_round)
    assert (new.supersedes, new.number != old.number) == (old.name, True)

    superseded = await case.agreement(old.name)
    assert superseded.state == agreement_pb2.AGREEMENT_STATE_SUPERSEDED
    again = await case.document(old.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    assert again == old_file and hashlib.sha256(again).digest() == old.sealed_digest
    await _verifies(town, again)
    await _verifies(town, await case.document(new.name, agreement_pb2.DOCUMENT_FORM_SIGNED))

    window = (await case.eligibility(new.name)).window.due_date
    assert window > old_window
    effective = new.effective_time.ToDatetime(tzinfo=UTC).astimezone(SHANGHAI).date()
    assert date.fromisoformat(window) >= effective + timedelta(days=30)
    application = await case.create_application(new.name)
    assert application.state == application_pb2.APPLICATION_STATE_DRAFT
    refused = await refusal(case.create_application(old.name))
    assert refused.reason in {"AGREEMENT_SUPERSEDED", "ALREADY_DECIDED"}


async def _verifies(town: Town, pdf: bytes) -> None:
    """With nothing but the file and the roots that anybody may have."""
    identity = town.suite.services.identity
    roots = (await identity.GetTrustAnchors(identity_pb.GetTrustAnchorsRequest())).certificates
    knowledge = Knowledge(tuple(roots))
    report = await asyncio.to_thread(inspect, pdf, knowledge, town.suite.clock.now())
    assert report.valid, report.failures


async def _dismissed_as_unclear(town: Town, case: Played, agreement: str) -> None:
    application = await case.create_application(agreement)
    for side in SIDES:
        application = await case.consent(application, side)
    application = await case.until(lambda: case.filed(application.name))
    people = town.people
    application = await case.on_application(
        people.clerk, "AcceptApplication", application, docket_number="（2026）样0102诉前调确23号"
    )
    application = await case.on_application(people.judge, "HoldInquiry", application, minutes="双方到庭（样本）")
    await case.ruled(
        application,
        application_pb2.RULING_OUTCOME_DISMISSED,
        application_pb2.DISMISSAL_GROUND_UNCLEAR,
        "付款时间不明确（样本）",
    )
