"""Scenarios 14 and 16: an oral deal is no agreement, and a signature is for one text only."""

from comity.intake.v1 import matter_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from tests.scenarios.conftest import Town
from tests.scenarios.played import SIDES, refusal


async def test_a_party_that_refuses_to_sign_ends_the_case_and_nothing_counts_as_settled(town: Town) -> None:
    case = town.journey("refused to sign")
    signing_round = await case.to_frozen()
    slot = case.slot(signing_round, "complainant")
    await case.sign_for(case.complainant, signing_round, slot)
    await case.slot_signed(signing_round.name, slot)
    refuse = mediation_pb.RefuseToSignRequest(
        request_id=case.respondent.request_id("refuse"),
        name=signing_round.name,
        party=case.parties["respondent"],
        reason="反悔（样本）",
    )
    await case.respondent.call(case.respondent.services.mediation.RefuseToSign, refuse)

    state = await case.state()
    assert state.state == case_pb2.CASE_STATE_TERMINATED
    assert state.termination_reason == case_pb2.TERMINATION_REASON_REFUSED_TO_SIGN
    assert (await case.signing_round(signing_round.name)).state == agreement_pb2.ROUND_STATE_REFUSED
    agreement = await case.agreement(signing_round.agreement)
    assert agreement.state == agreement_pb2.AGREEMENT_STATE_VOID
    assert not agreement.HasField("effective_time") and not agreement.sealed_digest

    matter = await case.until(case.matter_at_rest)
    assert matter.state == matter_pb2.MATTER_STATE_CALL_BACK_PENDING
    await town.quiet()
    told = await town.events_about(case.name)
    assert "case.terminated" in told
    assert not {"agreement.effective", "agreement.sealed", "case.concluded"} & told.keys()
    asked = await case.court_answer(signing_round.agreement)
    assert not asked.eligible
    assert [each.reason for each in asked.obstacles] == ["AGREEMENT_NOT_SEALED"]
    for side in SIDES:
        refused = await refusal(case.sign_for(case.of(side), signing_round, case.slot(signing_round, side)))
        assert refused.reason == "ROUND_CLOSED"


async def test_one_changed_character_voids_the_round_and_whoever_had_signed_is_told(town: Town) -> None:
    case = town.journey("one character")
    signing_round = await case.to_frozen()
    slot = case.slot(signing_round, "complainant")
    await case.sign_for(case.complainant, signing_round, slot)
    await case.slot_signed(signing_round.name, slot)
    await town.quiet()
    before = {each.name for each in await case.notices(case.complainant)}
    agreement = await case.agreement(signing_round.agreement)
    changed = terms_pb2.Terms()
    changed.CopyFrom(agreement.terms)
    changed.facts = changed.facts.replace("。", "，", 1)
    assert len(changed.facts) == len(agreement.terms.facts) and changed.facts != agreement.terms.facts

    revised = await case.revise(agreement, changed)
    assert revised.revision == agreement.revision + 1
    assert revised.state == agreement_pb2.AGREEMENT_STATE_DRAFTED
    assert (await case.signing_round(signing_round.name)).state == agreement_pb2.ROUND_STATE_VOIDED

    async def told() -> object:
        found = [each for each in await case.notices(case.complainant) if each.name not in before]
        return found or None

    titles = [each.template for each in await case.until(told)]
    assert any("VOID" in each.upper() or "ROUND" in each.upper() for each in titles), titles
    for actor, place in ((case.respondent, case.slot(signing_round, "respondent")), (case.mediator, "mediator")):
        assert (await refusal(case.sign_for(actor, signing_round, place))).reason == "ROUND_CLOSED"

    again = (await case.freeze(await case.agreement(agreement.name))).signing_round
    assert again.frozen_digest != signing_round.frozen_digest
    assert {each.state for each in again.slots} == {agreement_pb2.SLOT_STATE_WAITING}
    await case.sign_for(case.respondent, again, case.slot(again, "respondent"))
    await case.slot_signed(again.name, case.slot(again, "respondent"))
    standing = await case.signing_round(again.name)
    assert standing.state == agreement_pb2.ROUND_STATE_OPEN
    assert (await refusal(case.sign_for(case.mediator, again, "mediator"))).reason == "NOT_YET_YOUR_TURN"
    mixed = await refusal(case.sign_with_digest(case.complainant, again, slot, signing_round.frozen_digest))
    assert mixed.reason == "DIGEST_DIFFERS"
    assert not (await case.agreement(agreement.name)).HasField("effective_time")
