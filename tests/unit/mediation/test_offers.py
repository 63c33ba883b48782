"""The protocol of offers, by example and by chance."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.common.kernel.errors import DomainError
from services.mediation.domain.offer import OfferResponse
from services.mediation.domain.vocabulary import OfferState
from tests.unit.mediation.makers import NOW, an_offer

A, B, C = uuid4(), uuid4(), uuid4()


def test_acceptance_by_the_other_party_settles() -> None:
    offer = an_offer((A, B), A)
    offer.respond(uuid4(), B, accept=True, earlier=(), now=NOW)
    assert offer.state is OfferState.ACCEPTED


def test_of_three_parties_one_acceptance_is_not_enough() -> None:
    offer = an_offer((A, B, C), A)
    first = offer.respond(uuid4(), B, accept=True, earlier=(), now=NOW)
    assert offer.state is OfferState.OPEN
    offer.respond(uuid4(), C, accept=True, earlier=(first,), now=NOW)
    assert offer.state is OfferState.ACCEPTED


def test_a_countered_offer_cannot_be_accepted_any_more() -> None:
    offer = an_offer((A, B), B)
    offer.counter(NOW)
    with pytest.raises(DomainError) as refused:
        offer.respond(uuid4(), A, accept=True, earlier=(), now=NOW)
    assert (refused.value.reason, refused.value.metadata) == ("OFFER_NOT_OPEN", {"state": "COUNTERED"})


def test_an_expired_offer_cannot_be_accepted_at_the_very_instant() -> None:
    offer = an_offer((A, B), A)
    with pytest.raises(DomainError, match="OFFER_EXPIRED"):
        offer.respond(uuid4(), B, accept=True, earlier=(), now=offer.expire_time)
    offer.respond(uuid4(), B, accept=True, earlier=(), now=offer.expire_time - timedelta(microseconds=1))
    assert offer.state is OfferState.ACCEPTED


def test_nobody_answers_the_own_offer_or_twice() -> None:
    offer = an_offer((A, B, C), A)
    with pytest.raises(DomainError, match="OWN_OFFER"):
        offer.respond(uuid4(), A, accept=True, earlier=(), now=NOW)
    first = offer.respond(uuid4(), B, accept=True, earlier=(), now=NOW)
    with pytest.raises(DomainError, match="ALREADY_ANSWERED"):
        offer.respond(uuid4(), B, accept=True, earlier=(first,), now=NOW)


@pytest.mark.parametrize("first_accepts", [True, False])
def test_a_proposal_shows_nothing_until_all_have_answered(first_accepts: bool) -> None:
    offer = an_offer((A, B), None)
    first = offer.respond(uuid4(), A, accept=first_accepts, earlier=(), now=NOW)
    assert offer.state is OfferState.OPEN
    offer.respond(uuid4(), B, accept=True, earlier=(first,), now=NOW)
    assert offer.state is (OfferState.ACCEPTED if first_accepts else OfferState.REFUSED)


@given(
    answers=some.lists(some.tuples(some.sampled_from([A, B, C]), some.booleans()), max_size=8),
    author=some.sampled_from([None, A, B, C]),
)
def test_it_is_accepted_exactly_when_every_needed_party_accepted_and_none_refused(
    answers: list[tuple[object, bool]], author: object
) -> None:
    offer = an_offer((A, B, C), author)  # type: ignore[arg-type]
    given_answers: list[OfferResponse] = []
    for party, accept in answers:
        try:
            given_answers.append(offer.respond(uuid4(), party, accept=accept, earlier=given_answers, now=NOW))  # type: ignore[arg-type]
        except DomainError:
            continue
    accepted = {each.party for each in given_answers if each.accept}
    refused = {each.party for each in given_answers if not each.accept}
    assert (offer.state is OfferState.ACCEPTED) == (accepted == offer.answering and not refused)
    assert len({each.party for each in given_answers}) == len(given_answers)
    if author is None and len(given_answers) < 3:
        assert offer.state is OfferState.OPEN
