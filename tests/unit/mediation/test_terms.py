"""What keeps terms from being enforceable (scenario 15 and its neighbours)."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.common.kernel.money import Money
from services.mediation.domain.same_obligations import same_obligations
from services.mediation.domain.terms import Instalment, Obligation, Terms, validate
from tests.unit.mediation.makers import good_terms

A, B = uuid4(), uuid4()
DUE = date(2026, 4, 30)


def reasons(terms: Terms, **options: bool) -> set[str]:
    return {each.reason for each in validate(terms, (A, B), **options)}


def with_obligation(**changes: object) -> Terms:
    terms = good_terms(A, B)
    return replace(terms, obligations=(replace(terms.obligations[0], **changes),))  # type: ignore[arg-type]


def test_complete_terms_have_no_findings() -> None:
    assert validate(good_terms(A, B), (A, B), responsibilities_required=True) == ()


def test_pay_soon_in_three_parts_of_a_third_each_is_refused_for_date_and_sum() -> None:
    parts = tuple(Instalment(amount=Money("CNY", 333_333), due_date=None) for _ in range(3))
    terms = with_obligation(description="尽快支付 pay soon", due_date=None, instalments=parts)
    assert {"TIME_VAGUE", "DUE_DATE_MISSING", "INSTALMENTS_DIFFER"} <= reasons(terms)


def test_the_remainder_of_one_fen_makes_it_right() -> None:
    amounts = Money("CNY", 1_000_000).split(3)
    days = [date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]
    parts = tuple(Instalment(amount=amount, due_date=day) for amount, day in zip(amounts, days, strict=True))
    assert reasons(with_obligation(due_date=None, instalments=parts)) == set()


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("facts", "FACTS_MISSING"),
        ("issues", "ISSUES_MISSING"),
        ("default_clause", "DEFAULT_CLAUSE_MISSING"),
        ("costs", "COSTS_MISSING"),
        ("release_scope", "RELEASE_SCOPE_MISSING"),
    ],
)
def test_every_part_of_the_text_is_asked_for(field: str, reason: str) -> None:
    assert reasons(replace(good_terms(A, B), **{field: "  "})) == {reason}


def test_responsibility_is_asked_for_in_people_s_mediation_only() -> None:
    terms = replace(good_terms(A, B), responsibilities="")
    assert reasons(terms) == set()
    assert reasons(terms, responsibilities_required=True) == {"RESPONSIBILITIES_MISSING"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"obligor": uuid4()}, "PARTY_UNKNOWN"),
        ({"obligee": A}, "SAME_PARTY"),
        ({"act": "赔礼道歉"}, "AMOUNT_OR_ACT"),
        ({"payment_method": ""}, "PAYMENT_METHOD_MISSING"),
        ({"due_date": None}, "DUE_DATE_MISSING"),
    ],
)
def test_every_obligation_is_complete(changes: dict[str, object], reason: str) -> None:
    assert reason in reasons(with_obligation(**changes))


def test_an_act_needs_a_date_but_no_payment() -> None:
    act = Obligation(obligor=A, obligee=B, act="书面道歉", due_date=DUE)
    assert reasons(replace(good_terms(A, B), obligations=(act,), total=None)) == set()
    undated = replace(act, due_date=None)
    assert reasons(replace(good_terms(A, B), obligations=(undated,), total=None)) == {"DUE_DATE_MISSING"}


def test_no_clause_leaves_the_breach_to_the_court() -> None:
    terms = replace(good_terms(A, B), default_clause="如有违约,由人民法院判决处理")
    assert reasons(terms) == {"COURT_DECIDES_BREACH"}


def test_instalments_stand_in_order() -> None:
    parts = (
        Instalment(amount=Money("CNY", 500_000), due_date=date(2026, 5, 31)),
        Instalment(amount=Money("CNY", 500_000), due_date=date(2026, 4, 30)),
    )
    assert reasons(with_obligation(due_date=None, instalments=parts)) == {"INSTALMENTS_UNORDERED"}


def test_currencies_are_not_mixed() -> None:
    terms = good_terms(A, B)
    euros = replace(terms.obligations[0], amount=Money("EUR", 1))
    assert "CURRENCY_MIXED" in reasons(replace(terms, obligations=(*terms.obligations, euros)))


@given(parts=some.lists(some.integers(1, 10**9), min_size=1, max_size=12), off=some.integers(-5, 5))
def test_instalments_pass_exactly_when_they_add_up(parts: list[int], off: int) -> None:
    total = max(sum(parts) + off, 1)
    instalments = tuple(Instalment(amount=Money("CNY", each), due_date=DUE) for each in parts)
    terms = with_obligation(amount=Money("CNY", total), due_date=None, instalments=instalments)
    found = reasons(replace(terms, total=Money("CNY", total)))
    assert ("INSTALMENTS_DIFFER" in found) == (sum(parts) != total)


def test_a_wording_may_change_and_an_amount_may_not() -> None:
    terms = good_terms(A, B)
    assert same_obligations(terms, replace(terms, facts="另一种表述"))
    assert not same_obligations(terms, replace(terms, total=Money("CNY", 1)))
