"""Scenario 9: what an agent may do is what the power of attorney says, and only while it lasts."""

from datetime import timedelta

from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, session_pb2

from services.common.kernel.errors import ErrorKind
from tests.scenarios.conftest import Town
from tests.scenarios.played import Played, refusal


async def _agent(case: Played, name: str, authority: int, **fields: object) -> object:
    agent = case.stranger(name, "agent")
    await agent.register()
    await case.on_case(
        case.complainant,
        "AppointRepresentative",
        step=agent.email,
        party=case.parties["complainant"],
        account=agent.account,
        display_name=agent.display_name,
        authority=authority,
        **fields,
    )
    return agent


async def test_general_authority_is_enough_to_attend_and_not_to_accept_or_sign(town: Town) -> None:
    case = town.journey("general authority")
    await case.to_open()
    agent = await _agent(case, "代理人 全权", party_pb2.AUTHORITY_AGENT_GENERAL)

    session = await case.held(await case.session(), {"complainant": agent, "respondent": case.respondent})
    assert session.state == session_pb2.SESSION_STATE_HELD
    assert agent.account in {each.account for each in session.attendances}

    offer = await case.offer("respondent", 400000)
    refused = await refusal(case.respond(agent, offer, "complainant"))
    assert (refused.kind, refused.reason) == (ErrorKind.DENIED, "SPECIAL_AUTHORITY_MISSING")
    assert "settling" in refused.en or "和解" in refused.en
    assert refused.metadata["power"] == "SETTLE"

    await case.respond(case.complainant, offer, "complainant")
    signing_round = (await case.freeze(await case.draft(offer.terms))).signing_round
    slot = case.slot(signing_round, "complainant")
    refused = await refusal(case.sign_for(agent, signing_round, slot))
    assert (refused.kind, refused.reason) == (ErrorKind.DENIED, "SPECIAL_AUTHORITY_MISSING")
    assert refused.metadata["power"] == "SIGN"
    standing = await case.signing_round(signing_round.name)
    assert {each.state for each in standing.slots} == {agreement_pb2.SLOT_STATE_WAITING}


async def test_a_power_of_attorney_that_has_expired_signs_nothing(town: Town) -> None:
    case = town.journey("expired authority")
    await case.to_open()
    today = town.today()
    agent = await _agent(
        case,
        "代理人 特别授权",
        party_pb2.AUTHORITY_AGENT_SPECIAL,
        powers=[case_pb2.POWER_SETTLE, case_pb2.POWER_SIGN],
        start_date=today.isoformat(),
        end_date=(today + timedelta(days=1)).isoformat(),
    )
    offer = await case.offer("respondent", 400000)
    accepted = await case.respond(agent, offer, "complainant")
    assert len(accepted.responses) == 1
    signing_round = (await case.freeze(await case.draft(offer.terms))).signing_round
    slot = case.slot(signing_round, "complainant")

    town.suite.clock.advance(timedelta(days=2))
    refused = await refusal(case.sign_for(agent, signing_round, slot))
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "AUTHORITY_EXPIRED")
    await case.sign_for(case.complainant, signing_round, slot)
    await case.slot_signed(signing_round.name, slot)
