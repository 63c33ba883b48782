"""Offers, representatives, drafts: nothing but one live offer accepted by all settles."""

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from comity.common.v1 import party_pb2
from comity.intake.v1 import intake_events_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, offer_pb2, terms_pb2

from services.common.kernel.errors import DomainError
from tests.integration.mediation.running import Mediation, refusal
from tests.kit.eventually import eventually


async def test_an_old_offer_cannot_be_accepted_after_a_counter_offer(mediation: Mediation) -> None:
    name = await mediation.opened()
    first = await mediation.offer(name, mediation.respondent, terms=mediation.terms(10_000_000))
    counter = await mediation.offer(name, mediation.complainant, terms=mediation.terms(12_000_000), counters=first.name)
    assert counter.number == 2
    assert await refusal(mediation.respond(first.name, mediation.complainant, accept=True)) == "OFFER_NOT_OPEN"
    settled = await mediation.respond(counter.name, mediation.respondent, accept=True)
    assert settled.state == offer_pb2.OFFER_STATE_ACCEPTED
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_AGREED
    assert len(await mediation.events("settlement.recorded")) == 1


async def test_an_expired_offer_cannot_be_accepted_and_shows_as_expired(mediation: Mediation) -> None:
    name = await mediation.opened()
    offer = await mediation.offer(name)
    mediation.clock.advance(timedelta(days=3, minutes=1))
    assert await refusal(mediation.respond(offer.name, mediation.respondent, accept=True)) == "OFFER_EXPIRED"
    seen = (await mediation.call("GetOffer", mediation.respondent, name=offer.name)).offer
    assert seen.state == offer_pb2.OFFER_STATE_EXPIRED


async def test_the_mediator_accepts_for_nobody(mediation: Mediation) -> None:
    name = await mediation.opened()
    offer = await mediation.offer(name)
    call = mediation.respond(offer.name, mediation.mediator, accept=True, party=mediation.party_b)
    assert await refusal(call) == "NOT_FOUND"


async def test_a_general_agent_may_look_and_not_accept_and_an_expired_one_neither(mediation: Mediation) -> None:
    name = await mediation.opened()
    agent = uuid4()
    await represent(mediation, name, agent, authority=party_pb2.AUTHORITY_AGENT_GENERAL)
    offer = await mediation.offer(name)
    assert (await mediation.call("GetOffer", agent, name=offer.name)).offer.name == offer.name
    accept = mediation.respond(offer.name, agent, accept=True, party=mediation.party_b)
    assert await refusal(accept) == "SPECIAL_AUTHORITY_MISSING"
    special = uuid4()
    await represent(
        mediation,
        name,
        special,
        authority=party_pb2.AUTHORITY_AGENT_SPECIAL,
        powers=[case_pb2.POWER_SETTLE],
        end_date="2026-03-02",
    )
    mediation.clock.advance(timedelta(days=1))
    accept = mediation.respond(offer.name, special, accept=True, party=mediation.party_b)
    assert await refusal(accept) == "AUTHORITY_EXPIRED"


async def test_a_special_agent_settles(mediation: Mediation) -> None:
    name = await mediation.opened()
    agent = uuid4()
    await represent(
        mediation,
        name,
        agent,
        authority=party_pb2.AUTHORITY_AGENT_SPECIAL,
        powers=[case_pb2.POWER_SETTLE],
        end_date="2026-12-31",
    )
    offer = await mediation.offer(name)
    settled = await mediation.respond(offer.name, agent, accept=True, party=mediation.party_b)
    assert settled.state == offer_pb2.OFFER_STATE_ACCEPTED


async def test_only_the_party_itself_names_agents_and_nobody_serves_both_sides(mediation: Mediation) -> None:
    name = await mediation.opened()
    agent = uuid4()
    await represent(mediation, name, agent)
    by_agent = mediation.on_case(
        "AppointRepresentative",
        agent,
        name,
        party=f"parties/{mediation.party_b}",
        account=f"accounts/{uuid4()}",
        display_name="赵代理",
        authority=party_pb2.AUTHORITY_AGENT_GENERAL,
    )
    assert await refusal(by_agent) == "PRINCIPAL_ONLY"
    for_other = mediation.on_case(
        "AppointRepresentative",
        mediation.complainant,
        name,
        party=f"parties/{mediation.party_a}",
        account=f"accounts/{agent}",
        display_name="赵代理",
        authority=party_pb2.AUTHORITY_AGENT_GENERAL,
    )
    assert await refusal(for_other) == "DOUBLE_AGENCY"


async def test_sharing_an_employer_with_an_agent_needs_every_party_s_waiver(mediation: Mediation) -> None:
    name = await mediation.forward()
    await represent(mediation, name, uuid4(), employer="样本律师事务所")
    mediator = await mediation.roster(employer="样本律师事务所")
    case = await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
    assert list(case.conflict_check.detected) == [case_pb2.RECUSAL_GROUND_OTHER_RELATION]
    case = await mediation.on_case("DiscloseConflict", mediation.mediator, name, statement="同所")
    assert case.conflict_check.status == case_pb2.CONFLICT_STATUS_DISCLOSED
    early = mediation.on_case("OpenCase", mediation.mediator, name, identities_checked=True)
    assert await refusal(early) == "CONFLICT_NOT_CLEARED"
    await mediation.state_who_acts(name)
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        case = await mediation.on_case("WaiveConflict", who, name, party=f"parties/{party}")
    assert case.state == case_pb2.CASE_STATE_READY


async def test_a_draft_says_what_was_agreed_and_is_enforceable(mediation: Mediation) -> None:
    name = await mediation.agreed()
    case = await mediation.case(name)
    other = mediation.call(
        "DraftAgreement", mediation.mediator, case=name, version=case.version, terms=mediation.terms(1)
    )
    assert await refusal(other) == "TERMS_DIFFER"
    vague = mediation.terms()
    vague.costs = ""
    unfit = mediation.call("DraftAgreement", mediation.mediator, case=name, version=case.version, terms=vague)
    assert await refusal(unfit) == "TERMS_NOT_ENFORCEABLE"
    found = await mediation.call("ValidateTerms", mediation.complainant, case=name, terms=vague)
    assert [(each.reason, each.field) for each in found.findings] == [("COSTS_MISSING", "costs")]
    agreement = await mediation.draft(name)
    assert agreement.number == "（2026）样本市消费纠纷人民调解委员会调字第1号"
    again = await mediation.case(name)
    twice = mediation.call(
        "DraftAgreement", mediation.mediator, case=name, version=again.version, terms=mediation.terms()
    )
    assert await refusal(twice) == "AGREEMENT_EXISTS"


async def test_one_account_on_both_sides_settles_nothing_with_itself(mediation: Mediation) -> None:
    name = await mediation.opened()
    origin = (await mediation.case(name)).origin
    joined = intake_events_pb2.MatterPartyJoined(
        matter=origin, party=f"parties/{mediation.party_b}", account=f"accounts/{mediation.complainant}"
    )
    await mediation.hear("intake", "matter.party_joined", joined, origin, version=2)
    await eventually(lambda: mediation.events("case.party_bound"))
    party = f"parties/{mediation.party_a}"
    assert await refusal(mediation.offer(name, party=party)) == "DOUBLE_AGENCY"


async def test_what_no_font_prints_is_refused_before_anybody_agrees_to_it(mediation: Mediation) -> None:
    name = await mediation.opened()
    for text in ("退还余额\t", "退还\u202e余额", "退还\ue000余额"):
        terms = mediation.terms()
        terms.obligations[0].description = text
        with pytest.raises(DomainError) as refused:
            await mediation.offer(name, terms=terms)
        assert refused.value.reason == "UNPRINTABLE_CHARACTER"
        assert refused.value.field == "terms.obligations[0].description"


async def test_a_repeated_request_has_the_first_answer(mediation: Mediation) -> None:
    name = await mediation.opened()
    request_id = str(uuid4())
    case = await mediation.case(name)
    fields = {
        "case": name,
        "version": case.version,
        "kind": offer_pb2.OFFER_KIND_PARTY,
        "party": f"parties/{mediation.party_a}",
        "terms": mediation.terms(),
        "expire_time": mediation.at(days=1),
        "request_id": request_id,
    }
    first = await mediation.call("MakeOffer", mediation.complainant, **fields)
    second = await mediation.call("MakeOffer", mediation.complainant, **fields)
    assert first == second
    assert len(await mediation.sql("SELECT 1 FROM offers")) == 1


async def represent(mediation: Mediation, name: str, agent: object, **fields: object) -> case_pb2.Case:
    values = {"display_name": "赵代理", "authority": party_pb2.AUTHORITY_AGENT_GENERAL, **fields}
    return await mediation.on_case(
        "AppointRepresentative",
        mediation.respondent,
        name,
        party=f"parties/{mediation.party_b}",
        account=f"accounts/{agent}",
        **values,
    )


async def test_a_day_that_is_named_plainly_is_offered_accepted_and_drafted(mediation: Mediation) -> None:
    name = await mediation.opened()
    terms = mediation.terms()
    terms.obligations[0].description = "Payment no later than 31 December 2026"
    terms.obligations[0].due_date = "2026-12-31"
    offer = await mediation.offer(name, terms=terms)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    version = (await mediation.case(name)).version
    drafted = await mediation.call("DraftAgreement", mediation.mediator, case=name, version=version, terms=terms)
    assert drafted.agreement.terms == terms


async def test_what_was_agreed_in_another_language_is_put_into_chinese_before_it_is_frozen(
    mediation: Mediation,
) -> None:
    name = await mediation.opened()
    terms = mediation.terms()
    terms.obligations[0].description = "Refund of the balance"
    offer = await mediation.offer(name, terms=terms)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    version = (await mediation.case(name)).version
    drafted = await mediation.call("DraftAgreement", mediation.mediator, case=name, version=version, terms=terms)
    agreement = drafted.agreement
    early = mediation.call("FreezeAgreement", mediation.mediator, name=agreement.name, version=agreement.version)
    with pytest.raises(DomainError, match="TERMS_NOT_ENFORCEABLE") as refused:
        await early
    assert "CHINESE_TEXT_REQUIRED@obligations[0].description" in refused.value.metadata["findings"]
    version = agreement.version
    revise = partial(mediation.call, "ReviseAgreement", mediation.mediator, name=agreement.name, version=version)
    dearer = terms_pb2.Terms.FromString(terms.SerializeToString())
    dearer.obligations[0].description, dearer.obligations[0].amount.minor_units = "退还余额", 1
    assert await refusal(revise(terms=dearer)) in ("TERMS_DIFFER", "TERMS_NOT_ENFORCEABLE")
    terms.obligations[0].description = "退还余额"
    revised = (await revise(terms=terms)).agreement
    assert (await mediation.freeze(revised)).name


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"due_date": "2020-01-01"}, "DUE_DATE_PAST@obligations[0].due_date"),
        ({"due_date": "2999-12-31"}, "DUE_DATE_IMPOSSIBLE@obligations[0].due_date"),
        ({"description": "于2026年2月30日前付清"}, "DUE_DATE_IMPOSSIBLE@obligations[0].description"),
        ({"due_date": ""}, "DUE_DATE_MISSING@obligations[0].due_date"),
        ({"payment_method": " "}, "PAYMENT_METHOD_MISSING@obligations[0].payment_method"),
    ],
)
async def test_an_offer_that_could_never_be_drafted_is_refused_when_it_is_made(
    mediation: Mediation, changes: dict[str, str], finding: str
) -> None:
    name = await mediation.opened()
    terms = mediation.terms()
    for field, value in changes.items():
        setattr(terms.obligations[0], field, value)
    with pytest.raises(DomainError) as caught:
        await mediation.offer(name, terms=terms)
    refused = caught.value
    assert refused.reason == "TERMS_NOT_ENFORCEABLE" and finding in refused.metadata["findings"].split()
    assert refused.field == f"terms.{finding.partition('@')[2]}" and "：" in refused.zh


async def test_the_author_of_an_offer_is_told_what_is_vague_and_what_is_still_missing(mediation: Mediation) -> None:
    name = await mediation.opened()
    terms = mediation.terms()
    terms.obligations[0].description, terms.costs = "尽快退还余额", ""
    terms.default_clause = "违约的，由人民法院判决"
    case = await mediation.case(name)
    made = await mediation.call(
        "MakeOffer",
        mediation.complainant,
        case=name,
        version=case.version,
        kind=offer_pb2.OFFER_KIND_PARTY,
        party=f"parties/{mediation.party_a}",
        terms=terms,
        expire_time=mediation.at(days=3),
    )
    told = {(each.reason, each.blocking) for each in made.findings}
    assert told == {("TIME_VAGUE", False), ("COSTS_MISSING", True), ("COURT_DECIDES_BREACH", True)}


async def reopen(mediation: Mediation, name: str, who: UUID, party: UUID) -> case_pb2.Case:
    return await mediation.on_case("ConsentToReopening", who, name, party=f"parties/{party}")


async def test_a_settled_case_goes_back_to_negotiating_when_both_sides_agree(mediation: Mediation) -> None:
    name = await mediation.agreed()
    draft = await mediation.draft(name)
    one = await reopen(mediation, name, mediation.complainant, mediation.party_a)
    assert one.state == case_pb2.CASE_STATE_AGREED
    seen = await mediation.case(name, mediation.respondent)
    assert list(seen.reopening_consents) == [f"parties/{mediation.party_a}"]
    again = await reopen(mediation, name, mediation.complainant, mediation.party_a)
    assert again.state == case_pb2.CASE_STATE_AGREED, "one side alone undoes nothing, however often"
    both = await reopen(mediation, name, mediation.respondent, mediation.party_b)
    assert (both.state, both.agreement, list(both.reopening_consents)) == (case_pb2.CASE_STATE_OPEN, "", [])
    voided = (await mediation.call("GetAgreement", mediation.mediator, name=draft.name)).agreement
    assert voided.state == agreement_pb2.AGREEMENT_STATE_VOID
    offer = await mediation.offer(name, terms=mediation.terms(80_000))
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    version = (await mediation.case(name)).version
    terms = mediation.terms(80_000)
    drafted = await mediation.call("DraftAgreement", mediation.mediator, case=name, version=version, terms=terms)
    assert drafted.agreement.terms.total.minor_units == 80_000 and drafted.agreement.name != draft.name


async def test_what_is_not_settled_is_not_reopened(mediation: Mediation) -> None:
    opened = await mediation.opened()
    early = reopen(mediation, opened, mediation.complainant, mediation.party_a)
    assert await refusal(early) == "ILLEGAL_TRANSITION"


async def test_what_is_frozen_or_another_s_is_not_reopened(mediation: Mediation) -> None:
    name, _, _ = await mediation.frozen()
    assert await refusal(reopen(mediation, name, mediation.complainant, mediation.party_a)) == "ILLEGAL_TRANSITION"
    assert await refusal(reopen(mediation, name, mediation.complainant, mediation.party_b)) == "NOT_FOUND"
    assert await refusal(reopen(mediation, name, mediation.mediator, mediation.party_a)) == "NOT_FOUND"
