"""Scenarios 11 and 15: a dead offer settles nothing, and terms that could not be enforced are not frozen."""

from datetime import timedelta

from comity.common.v1 import money_pb2
from comity.mediation.v1 import case_pb2, offer_pb2, terms_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.common.kernel.errors import ErrorKind
from tests.scenarios.conftest import Town
from tests.scenarios.played import Played, refusal


async def test_an_offer_that_was_countered_or_has_expired_can_not_be_accepted(town: Town) -> None:
    case = town.journey("dead offers")
    await case.to_open()

    first = await case.offer("complainant", 10000000)
    second = await case.offer("respondent", 12000000, counters=first.name)
    refused = await refusal(case.respond(case.respondent, first, "respondent"))
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "OFFER_NOT_OPEN")
    assert (await case.state()).state == case_pb2.CASE_STATE_OPEN

    third = await case.offer("complainant", 11000000, counters=second.name, lasting=timedelta(hours=2))
    town.suite.clock.advance(timedelta(hours=3))
    refused = await refusal(case.respond(case.respondent, third, "respondent"))
    assert refused.kind is ErrorKind.FAILED_PRECONDITION
    assert refused.reason in {"OFFER_EXPIRED", "OFFER_NOT_OPEN"}
    state = await case.state()
    assert (state.state, state.agreement) == (case_pb2.CASE_STATE_OPEN, "")

    fourth = await case.offer("respondent", 11000000)
    assert (await case.respond(case.complainant, fourth, "complainant")).state == offer_pb2.OFFER_STATE_ACCEPTED


async def test_terms_without_a_date_or_with_a_wrong_sum_are_refused(town: Town) -> None:
    case = town.journey("unclear terms")
    await case.to_open()
    sound = case.terms(1000000)
    vague = _changed(sound)
    vague.obligations[0].due_date = ""
    vague.obligations[0].description = "尽快付款 pay soon"
    thirds = _changed(sound)
    thirds.obligations[0].due_date = ""
    for day in ("2027-01-15", "2027-02-15", "2027-03-15"):
        part = money_pb2.Money(currency="CNY", minor_units=333333)
        thirds.obligations[0].instalments.add(amount=part, due_date=day)

    assert await _findings(case, sound) == set()
    assert {("DUE_DATE_MISSING", "obligations[0].due_date"), ("TIME_VAGUE", "obligations[0].description")} <= (
        await _findings(case, vague)
    )
    assert await _findings(case, thirds) == {("INSTALMENTS_DIFFER", "obligations[0].instalments")}
    even = _changed(thirds)
    even.obligations[0].instalments[2].amount.minor_units = 333334
    assert await _findings(case, even) == set()

    offer = await case.offer("respondent", 1000000)
    await case.respond(case.complainant, offer, "complainant")
    refused = await refusal(case.draft(vague))
    assert refused.reason in {"TERMS_NOT_ENFORCEABLE", "TERMS_DIFFER"}
    agreement = await case.draft(offer.terms)
    wrong = _changed(offer.terms)
    wrong.total.minor_units += 1
    refused = await refusal(case.revise(agreement, wrong))
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "TERMS_NOT_ENFORCEABLE")
    assert "TOTAL_DIFFERS@total" in refused.metadata["findings"]
    assert (await case.agreement(agreement.name)).terms == agreement.terms


async def test_terms_that_could_never_become_an_agreement_are_refused_when_they_are_offered(town: Town) -> None:
    case = town.journey("vague offer")
    await case.to_open()
    refused = await refusal(case.offer_of("respondent", _undated(case.terms(500000))))
    assert (refused.kind, refused.reason) == (ErrorKind.FAILED_PRECONDITION, "TERMS_NOT_ENFORCEABLE")
    assert "DUE_DATE_MISSING@obligations[0].due_date" in refused.metadata["findings"]


async def _findings(case: Played, terms: terms_pb2.Terms) -> set[tuple[str, str]]:
    request = mediation_pb.ValidateTermsRequest(case=case.name, terms=terms)
    response = await case.mediator.call(case.mediator.services.mediation.ValidateTerms, request)
    return {(each.reason, each.field) for each in response.findings}


def _undated(terms: terms_pb2.Terms) -> terms_pb2.Terms:
    undated = _changed(terms)
    undated.obligations[0].due_date = ""
    return undated


def _changed(terms: terms_pb2.Terms) -> terms_pb2.Terms:
    copy = terms_pb2.Terms()
    copy.CopyFrom(terms)
    return copy
