"""Referred cases, consent, the mediation limit with its pauses and extensions, terminations."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from comity.court_link.v1 import court_link_events_pb2, court_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, mediation_events_pb2

from tests.integration.mediation.running import Mediation, refusal
from tests.kit.audit import audit
from tests.kit.eventually import eventually


async def taken_over(
    mediation: Mediation, kind: int = court_pb2.REFERRAL_KIND_DELEGATED, *, summary: bool = False
) -> str:
    """Accepted by the organisation, consented to by both."""
    name = await mediation.refer(kind, summary=summary)
    await mediation.on_case("AcceptReferral", mediation.administrator, name)
    await mediation.state_who_acts(name)
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        await mediation.on_case("ConsentToMediation", who, name, party=f"parties/{party}", mediation=True, online=True)
    return name


async def test_a_referral_is_taken_over_consented_to_and_mediated(mediation: Mediation) -> None:
    name = await mediation.refer()
    case = await mediation.case(name)
    assert (case.state, case.kind) == (case_pb2.CASE_STATE_REFERRED, case_pb2.CASE_KIND_DELEGATED)
    case = await mediation.on_case("AcceptReferral", mediation.administrator, name)
    assert case.state == case_pb2.CASE_STATE_CONSENT_PENDING
    assert "MED.DELEGATED@2016" in {each.rule for each in case.deadlines}
    party = {"party": f"parties/{mediation.party_a}", "mediation": True}
    case = await mediation.on_case("ConsentToMediation", mediation.complainant, name, **party)
    assert case.state == case_pb2.CASE_STATE_CONSENT_PENDING
    foreign = mediation.on_case("ConsentToMediation", mediation.respondent, name, **party)
    assert await refusal(foreign) == "NOT_FOUND"
    party = {"party": f"parties/{mediation.party_b}", "mediation": True, "online": True}
    unstated = mediation.on_case("ConsentToMediation", mediation.respondent, name, **party)
    assert await refusal(unstated) == "ACTING_PERSON_MISSING"
    await mediation.state_who_acts(name)
    case = await mediation.on_case("ConsentToMediation", mediation.respondent, name, **party)
    assert case.state == case_pb2.CASE_STATE_CONSENTED


async def test_a_referral_may_be_declined_with_a_ground(mediation: Mediation) -> None:
    name = await mediation.refer()
    case = await mediation.on_case(
        "DeclineReferral", mediation.administrator, name, reason=case_pb2.DECLINE_REASON_OUTSIDE_EXPERTISE
    )
    assert case.state == case_pb2.CASE_STATE_DECLINED


async def test_a_person_who_joins_before_or_after_the_case_is_there_has_its_reach(mediation: Mediation) -> None:
    referral, party, account = f"referrals/{uuid4()}", mediation.party_a, uuid4()
    joined = court_link_events_pb2.ReferralPartyJoined(
        referral=referral, party=f"parties/{party}", account=f"accounts/{account}"
    )
    await mediation.hear("court_link", "referral.party_joined", joined, referral)
    await eventually(lambda: mediation.sql("SELECT 1 FROM early_bindings WHERE origin = $1", referral))
    dossier = court_pb2.ReferralDossier(
        referral=referral,
        kind=court_pb2.REFERRAL_KIND_DELEGATED,
        regime="SPECIAL_INVITED_DELEGATED@2024",
        parties=[court_pb2.ReferralParty(name=f"parties/{party}", side=1)],
    )
    dossier.parties[0].particulars.display_name = "王样本"
    dossier.parties[0].particulars.kind = 1
    event = court_link_events_pb2.ReferralReceived(
        referral=referral,
        organisation=f"organisations/{mediation.organisation}",
        kind=court_pb2.REFERRAL_KIND_DELEGATED,
        dossier_digest=mediation.sources.keep(dossier),
    )
    await mediation.hear("court_link", "referral.received", event, referral, version=2)
    name = await mediation.case_of(referral)
    assert (await mediation.case(name, account)).name == name
    later = uuid4()
    joined.account = f"accounts/{later}"
    await mediation.hear("court_link", "referral.party_joined", joined, referral, version=3)

    async def reaches() -> bool:
        return bool((await mediation.call("ListCases", later)).cases)

    await eventually(reaches)


async def test_a_delegated_agreement_takes_effect_with_the_last_party_s_signature(mediation: Mediation) -> None:
    name = await taken_over(mediation)
    await mediation.open(name)
    offer = await mediation.offer(name)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    agreement = await mediation.draft(name)
    signing_round = await mediation.freeze(agreement)
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await mediation.sign(signing_round, mediation.respondent, "party-2")
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
    found = (await mediation.call("GetAgreement", mediation.complainant, name=agreement.name)).agreement
    assert (found.state, found.effectiveness_rule) == (
        agreement_pb2.AGREEMENT_STATE_EFFECTIVE,
        "ALL_PARTIES_SIGNED",
    )
    # Effective already: neither the end of the round nor a party can undo it.
    mediation.clock.advance(timedelta(days=20))
    await mediation.sign(signing_round, mediation.mediator, "mediator")
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
    await mediation.seal(signing_round)
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
    (event,) = await mediation.events("agreement.effective")
    told = mediation_events_pb2.AgreementEffective.FromString(event["payload"])
    assert (told.kind, bool(told.court)) == (case_pb2.CASE_KIND_DELEGATED, True)


async def test_an_entrusted_case_has_no_confirmation_and_the_court_makes_it_bind(mediation: Mediation) -> None:
    name = await taken_over(mediation, court_pb2.REFERRAL_KIND_ENTRUSTED)
    assert not (await mediation.case(name)).confirmation_available
    await mediation.open(name)
    offer = await mediation.offer(name)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    agreement = await mediation.draft(name)
    _, found, _ = await mediation.sign_all(name, agreement, await mediation.freeze(agreement))
    assert found.state == agreement_pb2.AGREEMENT_STATE_SEALED
    assert not found.HasField("effective_time")
    assert await mediation.events("agreement.effective") == []


async def test_the_limit_of_a_delegated_case_excludes_appraisal_and_then_ends_it(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 5, 6, 2, tzinfo=UTC))
    name = await taken_over(mediation)
    await mediation.open(name)
    mediation.clock.set(datetime(2026, 5, 10, 2, tzinfo=UTC))
    await mediation.on_case("SuspendCase", mediation.mediator, name, reason=case_pb2.SUSPENSION_REASON_APPRAISAL)
    mediation.clock.set(datetime(2026, 5, 22, 2, tzinfo=UTC))
    case = await mediation.on_case("ResumeCase", mediation.mediator, name)
    limit = next(each for each in case.deadlines if each.rule.startswith("MED.DELEGATED"))
    assert limit.due_date == "2026-06-17"
    mediation.clock.set(datetime(2026, 6, 17, 15, 59, tzinfo=UTC))
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_OPEN
    mediation.clock.set(datetime(2026, 6, 17, 16, 1, tzinfo=UTC))
    late = mediation.on_case(
        "ConsentToExtension", mediation.complainant, name, party=f"parties/{mediation.party_a}", days=10
    )
    assert await refusal(late) in ("EXTENSION_TOO_LATE", "ILLEGAL_TRANSITION")

    async def ended() -> bool:
        found = await mediation.case(name)
        return found.termination_reason == case_pb2.TERMINATION_REASON_LIMIT_EXPIRED_NO_EXTENSION

    await eventually(ended)
    assert len(await mediation.events("case.terminated")) == 1


async def test_an_extension_holds_once_all_agree_to_the_same_days_in_time(mediation: Mediation) -> None:
    name = await taken_over(mediation)
    before = _limit(await mediation.case(name))
    party_a, party_b = f"parties/{mediation.party_a}", f"parties/{mediation.party_b}"
    case = await mediation.on_case("ConsentToExtension", mediation.complainant, name, party=party_a, days=10)
    assert _limit(case) == before
    case = await mediation.on_case("ConsentToExtension", mediation.respondent, name, party=party_b, days=5)
    assert _limit(case) == before
    case = await mediation.on_case("ConsentToExtension", mediation.respondent, name, party=party_b, days=10)
    assert _limit(case) > before
    assert len(await mediation.events("case.extended")) == 1


async def test_the_month_of_people_s_mediation_is_extended_in_days_and_ends_nothing_by_itself(
    mediation: Mediation,
) -> None:
    name = await mediation.opened()
    assert _limit(await mediation.case(name)) == "2026-04-02"
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        case = await mediation.on_case("ConsentToExtension", who, name, party=f"parties/{party}", days=7)
    assert _limit(case) == "2026-04-09"
    mediation.clock.set(datetime(2026, 4, 20, tzinfo=UTC))
    await eventually(lambda: mediation.sql("SELECT 1 FROM deadlines WHERE rule = 'MED.PEOPLES' AND state = 'LAPSED'"))
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_OPEN
    party = f"parties/{mediation.party_a}"
    late = mediation.on_case("ConsentToExtension", mediation.complainant, name, party=party, days=7)
    assert await refusal(late) == "EXTENSION_TOO_LATE"


def _limit(case: case_pb2.Case) -> str:
    return next(each.due_date for each in case.deadlines if each.rule.startswith("MED."))


async def test_a_party_leaves_at_any_time_and_nobody_asks_why(mediation: Mediation) -> None:
    name = await mediation.opened()
    await mediation.schedule(name)
    case = await mediation.on_case("LeaveMediation", mediation.respondent, name, party=f"parties/{mediation.party_b}")
    assert (case.state, case.termination_reason) == (
        case_pb2.CASE_STATE_TERMINATED,
        case_pb2.TERMINATION_REASON_PARTY_UNWILLING,
    )
    assert await mediation.sql("SELECT 1 FROM bookings") == []
    assert await refusal(mediation.schedule(name)) == "CASE_NOT_OPEN"


@pytest.mark.parametrize("reason", ["LIMIT_EXPIRED_NO_EXTENSION", "REFUSED_TO_SIGN"])
async def test_nobody_chooses_a_reason_that_only_an_event_can_give(mediation: Mediation, reason: str) -> None:
    name = await mediation.opened()
    value = case_pb2.TerminationReason.Value(f"TERMINATION_REASON_{reason}")
    call = mediation.on_case("TerminateCase", mediation.mediator, name, reason=value, statement="原因")
    assert await refusal(call) == "REASON_UNSUITABLE"


async def test_both_sides_read_why_a_case_ended_and_which_ways_are_open_instead(mediation: Mediation) -> None:
    name = await mediation.opened()
    reason = case_pb2.TERMINATION_REASON_GAP_TOO_WIDE
    words = {"statement": "双方差距过大。", "remedies": "可以向样本仲裁委员会申请仲裁。"}
    await mediation.on_case("TerminateCase", mediation.mediator, name, reason=reason, **words)
    for party in (mediation.complainant, mediation.respondent):
        found = await mediation.case(name, party)
        assert (found.termination_statement, found.remedies) == (words["statement"], words["remedies"])
        assert "人民法院提起诉讼" in found.other_ways_zh and "lawsuit" in found.other_ways_en


async def test_a_case_that_ends_by_itself_says_why_and_which_ways_are_open_instead(mediation: Mediation) -> None:
    name = await mediation.opened()
    await mediation.on_case("LeaveMediation", mediation.respondent, name, party=f"parties/{mediation.party_b}")
    found = await mediation.case(name, mediation.complainant)
    assert found.termination_statement == "一方当事人不愿意继续调解。"
    assert "仲裁" in found.other_ways_zh and "arbitration" in found.other_ways_en


async def test_a_stale_version_is_refused(mediation: Mediation) -> None:
    name = await mediation.opened()
    call = mediation.call("LeaveMediation", mediation.respondent, name=name, version=1, party=f"parties/{uuid4()}")
    assert await refusal(call) == "STALE_VERSION"


async def test_the_log_of_a_case_holds_together(mediation: Mediation) -> None:
    await mediation.agreed()
    report = await audit("mediation", mediation.database.superuser_url)
    assert report.findings == []
    assert report.events > report.aggregates > 0


async def test_an_entrusted_case_in_summary_procedure_ends_after_seven_days(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 5, 11, 2, tzinfo=UTC))
    name = await taken_over(mediation, court_pb2.REFERRAL_KIND_ENTRUSTED, summary=True)
    await mediation.open(name)
    found = await mediation.case(name)
    (limit,) = [each for each in found.deadlines if each.rule.startswith("MED.")]
    assert found.summary_procedure and (limit.rule.partition("@")[0], limit.due_date) == (
        "MED.ENTRUSTED.SUM",
        "2026-05-18",
    )
    mediation.clock.set(datetime(2026, 5, 18, 15, 59, 59, tzinfo=UTC))
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_OPEN
    mediation.clock.set(datetime(2026, 5, 18, 16, 0, tzinfo=UTC))

    async def ended() -> bool:
        reason = (await mediation.case(name)).termination_reason
        return reason == case_pb2.TERMINATION_REASON_LIMIT_EXPIRED_NO_EXTENSION

    await eventually(ended)
    assert await refusal(mediation.offer(name)) == "CASE_NOT_OPEN", "the mediation does not run on"


async def test_all_parties_may_prolong_a_case_in_summary_procedure_before_it_ends(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 5, 11, 2, tzinfo=UTC))
    name = await taken_over(mediation, court_pb2.REFERRAL_KIND_ENTRUSTED, summary=True)
    await mediation.open(name)
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        case = await mediation.on_case("ConsentToExtension", who, name, party=f"parties/{party}", days=5)
    (limit,) = [each for each in case.deadlines if each.rule.startswith("MED.")]
    # Saturday the 23rd, so Monday.
    assert limit.due_date == "2026-05-25"
    ordinary = await mediation.refer(court_pb2.REFERRAL_KIND_ENTRUSTED)
    case = await mediation.on_case("AcceptReferral", mediation.administrator, ordinary)
    assert [each.due_date for each in case.deadlines if each.rule.startswith("MED.ENTRUSTED.ORD")] == ["2026-05-26"]


async def test_who_has_not_signed_is_reminded_before_a_round_ends(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 5, 6, 2, tzinfo=UTC))
    _, _, signing_round = await mediation.frozen()
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    assert signing_round.expire_time.ToDatetime(tzinfo=UTC) == datetime(2026, 5, 20, 16, tzinfo=UTC)
    mediation.clock.set(datetime(2026, 5, 19, 1, tzinfo=UTC))
    (event, *_) = await eventually(lambda: mediation.events("agreement.expiry_near"))
    near = mediation_events_pb2.AgreementExpiryNear.FromString(event["payload"])
    assert list(near.parties) == [f"parties/{mediation.party_b}"], "who has signed is not asked again"
    assert (near.notice.due_date, near.notice.missed_zh) == ("2026-05-20", "本轮签署失效，已有签名作废")


async def test_the_parties_are_reminded_before_the_limit_unless_they_have_settled(mediation: Mediation) -> None:
    mediation.clock.set(datetime(2026, 5, 6, 2, tzinfo=UTC))
    settled = await taken_over(mediation)
    await mediation.open(settled)
    offer = await mediation.offer(settled)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    mediation.clock.set(datetime(2026, 5, 6, 3, tzinfo=UTC))
    talking = await taken_over(mediation)
    mediation.clock.set(datetime(2026, 6, 4, 1, tzinfo=UTC))
    (event, *others) = await eventually(lambda: mediation.events("case.deadline_near"))
    near = mediation_events_pb2.CaseDeadlineNear.FromString(event["payload"])
    assert (near.case, near.notice.due_date, others) == (talking, "2026-06-05", [])
    assert near.notice.missed_zh and near.notice.missed_en, "what happens otherwise"
