"""Words and days in terms: what says nothing about a time, what is no day at all, and what only looks like it."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from services.common.kernel.money import Money
from services.mediation.domain.terms import Finding, Instalment, Terms, validate
from services.mediation.domain.wording import leaves_breach_to_court, vague_time
from services.mediation.domain.written_dates import due_days, impossible_days
from tests.unit.mediation.makers import good_terms

A, B = uuid4(), uuid4()
TODAY = date(2026, 3, 11)


def found(terms: Terms) -> list[Finding]:
    return list(validate(terms, (A, B), today=TODAY, names=("样本及时雨公司", "Soon Trading")))


def rules(terms: Terms, *, blocking: bool) -> set[str]:
    return {each.reason for each in found(terms) if each.blocking is blocking}


def with_obligation(**changes: object) -> Terms:
    terms = good_terms(A, B)
    return replace(terms, obligations=(replace(terms.obligations[0], due_date=date(2026, 12, 31), **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Payment no later than 31 December 2026",
        "not later than 31 December 2026",
        "Slater & Sons pay the rest",
        "The sooner of the two",
        "因被申请人未及时维修，退还货款",
        "没有及时发货的货款",
        "不及时维修的责任",
        "未能及时交付的定金",
        "translated later than agreed",
        "Crescendo, isochronous, collateral",
        "",
    ],
)
def test_what_leaves_no_time_open(text: str) -> None:
    assert vague_time(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "尽快支付",
        "及时维修",
        "余款另行协商",
        "pay soon",
        "Pay ASAP",
        "as soon as possible",
        "to be settled later",
        "in due course",
        "a.s.a.p.",
    ],
)
def test_what_leaves_the_time_open_is_told_and_blocks_nothing(text: str) -> None:
    assert vague_time(text)
    assert "TIME_VAGUE" in rules(with_obligation(description=text), blocking=False)
    assert rules(with_obligation(description=text), blocking=True) == set()


def test_names_of_people_are_no_words() -> None:
    assert rules(with_obligation(description="样本及时雨公司 and Soon Trading pay"), blocking=False) == set()


@pytest.mark.parametrize(
    "text",
    [
        "逾期付款的，按年利率3.45%支付利息至人民法院判决之日止",
        "由被申请人按日支付利息至法院判决之日",
        "interest until the court's judgment",
        "interest runs until the court will rule on it",
        "对方可以向人民法院申请强制执行",
        "可以向有管辖权的人民法院起诉",
        "本协议不由法院判决变更",
        "由被申请人承担法院判决生效前的利息",
        "the court may order enforcement",
    ],
)
def test_what_leaves_no_breach_to_the_court(text: str) -> None:
    assert not leaves_breach_to_court(text)


@pytest.mark.parametrize(
    "text",
    [
        "如有违约,由人民法院判决处理",
        "违约的，由有管辖权的人民法院依法裁判",
        "一方不履行，另一方可以请求南京市玄武区人民法院作出判决",
        "In case of breach the court shall decide",
        "a breach is to be decided by the competent people's court",
    ],
)
def test_what_leaves_the_breach_to_the_court_is_refused(text: str) -> None:
    assert leaves_breach_to_court(text)
    assert "COURT_DECIDES_BREACH" in rules(replace(with_obligation(), default_clause=text), blocking=True)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("于2026年2月30日前支付", ["2026年2月30日"]),
        ("2月30日付清", ["2月30日"]),
        ("２月３０日付清", ["2月30日"]),
        ("二〇二六年二月三十日前", ["2026年2月30日"]),
        ("四月三十一日", ["4月31日"]),
        ("2026-02-29", ["2026-02-29"]),
        ("2026/13/01", ["2026/13/01"]),
        ("by 31 April 2026", ["31 April 2026"]),
        ("February 30, 2026", ["February 30, 2026"]),
        ("13月1日", ["13月1日"]),
        ("2028年2月29日", []),
        ("2月29日", []),
        ("每月31日支付", []),
        ("账号 6222-02-30", []),
        ("十二月三十一日", []),
        ("May 31", []),
        ("第2.30条，版本 1.2.3", []),
    ],
)
def test_days_that_never_were(text: str, days: list[str]) -> None:
    assert list(impossible_days(text)) == days
    assert ("DUE_DATE_IMPOSSIBLE" in rules(with_obligation(description=text), blocking=True)) is bool(days)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2020, 1, 1), "DUE_DATE_PAST"),
        (date(2026, 3, 10), "DUE_DATE_PAST"),
        (date(2999, 12, 31), "DUE_DATE_IMPOSSIBLE"),
        (date(2026, 3, 11), ""),
        (date(2067, 1, 1), ""),
    ],
)
def test_due_dates_that_cannot_be_kept(day: date, reason: str) -> None:
    terms = good_terms(A, B)
    terms = replace(terms, obligations=(replace(terms.obligations[0], due_date=day),))
    assert {each.reason for each in found(terms)} == ({reason} if reason else set())


def test_a_due_date_beside_other_instalments_contradicts() -> None:
    parts = tuple(
        Instalment(amount=Money("CNY", 500_000), due_date=day) for day in (date(2026, 5, 31), date(2026, 12, 31))
    )
    assert rules(with_obligation(instalments=parts), blocking=True) == set()
    earlier = replace(with_obligation(instalments=parts).obligations[0], due_date=date(2026, 6, 30))
    terms = replace(good_terms(A, B), obligations=(earlier,))
    assert rules(terms, blocking=True) == {"DUE_DATES_CONTRADICT"}


def test_a_day_in_the_text_that_is_no_due_date_is_told() -> None:
    assert rules(with_obligation(description="于2026年12月30日前付清"), blocking=False) == {"DUE_DATES_CONTRADICT"}
    assert rules(with_obligation(description="Payment no later than 31 December 2026"), blocking=False) == set()
    assert rules(with_obligation(description="退还2025年1月5日的货款"), blocking=False) == set()
    assert list(due_days("最迟2026年12月30日（含当日）前")) == [date(2026, 12, 30)]


def test_a_day_that_never_was_is_told_in_every_text() -> None:
    terms = replace(with_obligation(), facts="双方于2026年2月30日签订合同")
    assert [(each.reason, each.field, each.blocking) for each in found(terms)] == [
        ("DUE_DATE_IMPOSSIBLE", "facts", False)
    ]
