"""Every mail and text message, in every language and with whatever may be missing, by the rules of what people are told.

Who writes and whom to call; what to do or that there is nothing to do; by when, said in one way; words that a person of
seventy knows; no gaps where something is not known; a text message of two segments.
"""

import itertools
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.application.ports import Sender
from services.notify.channels.words import LOCALES, House, JinjaTemplates
from services.notify.domain.notice import Text

LINK = "https://mediation.sample.example"
NOW = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
COMMITTEE = Sender(display_name="样本市样本区人民调解委员会", telephone="025-8888 0000转801")
FACTS: dict[str, object] = {
    "number": "2026-000123",
    "sample": False,
    "due_date": date(2026, 12, 28),
    "receive_date": date(2026, 12, 2),
    "invitation": "invitations/01900000-0000-7000-8000-000000000000",
    "start_time": NOW,
    "end_time": NOW + timedelta(hours=1),
    "expire_time": datetime(2026, 12, 28, 16, tzinfo=UTC),
    "caucus": False,
    "mediator": "林静（样本）",
    "room": "样本路1号二楼3室",
    "receipt_number": "（2026）收字1号",
    "docket_number": "（2026）样民特1号",
    "ruling_number": "（2026）样民特1号",
    "confirmed": True,
    "outcome": "CONFIRMED",
    "reason": "SAMPLE_REFUSED",
    "old_due_date": date(2026, 12, 25),
    "limit": {"zh": "办结期限", "en": "closing the matter"},
    "otherwise": {"zh": "期限过后不能再办", "en": "it cannot be done any more"},
    "limits": [
        {
            "limit": {"zh": "申请执行", "en": "enforcement"},
            "due_date": date(2026, 12, 28),
            "provisional": False,
            "otherwise": {"zh": "期限过后不能再办", "en": "it cannot be done any more"},
        }
    ],
    "rule": "INTAKE.CLOSE@2024",
    "source": "样本条款",
    "code": "123456",
}
NOT_KNOWN: dict[str, object] = {"due_date": None, "mediator": "", "room": "", "expire_time": None}
"""What some notices have to do without."""
MAY_LACK = {
    "agreement_effective": {"due_date"},
    "application_consent_needed": {"due_date"},
    "mediator_appointed": {"mediator"},
    "session_scheduled": {"mediator", "room"},
    "session_rescheduled": {"mediator", "room"},
    "party_invited": {"expire_time"},
    "referral_party_invited": {"expire_time"},
}
OUTCOMES = ("CONFIRMED", "SETTLED", "NOT_SETTLED", "DISMISSED_BY_COURT", "UNSPECIFIED")
WITH_A_LAST_DAY = {
    "agreement_effective",
    "agreement_frozen",
    "application_accepted",
    "application_consent_needed",
    "application_filed",
    "call_back_due",
    "deadline_moved",
    "deadline_near",
    "limit_near",
    "limit_of_others",
    "matter_received",
    "party_invited",
    "referral_party_invited",
    "supplement_required",
}
FORBIDDEN = {
    "zh": [
        "披露",
        "本轮签署",
        "事项",
        "在案的",
        "立案",
        "之前。",
        "前（含",
        "（）",
        "（，",
        "：。",
        "，。",
        "。。",
        "None",
    ],
    "en": ["()", "( ", " .", " ,", "..", ": .", "None", "  "],
}


def words(link: str = "") -> JinjaTemplates:
    house = House(
        sender={"zh": "样本调解服务", "en": "Sample mediation"},
        help={"zh": "请登录后查看，或者向办理的机构询问", "en": "sign in to see more, or ask the organisation"},
        sign_in_address=link,
    )
    return JinjaTemplates(house)


WITHOUT_LINK, WITH_LINK = words(), words(LINK)
CASES = [
    (name, locale, told)
    for name, locale in itertools.product(WITHOUT_LINK.names, LOCALES)
    for told in [
        {},
        {"provisional": True},
        {"sample": True},
        {"unconfirmed": True},
        {"caucus": True},
        *([{"outcome": outcome} for outcome in OUTCOMES] if name == "matter_closed" else []),
        *([{"confirmed": False}] if name == "ruling_issued" else []),
        *({missing: NOT_KNOWN[missing]} for missing in sorted(MAY_LACK.get(name, ()))),
    ]
]
EVERY = pytest.mark.parametrize(("name", "locale", "told"), CASES)


def rendered(
    name: str, locale: str, told: Mapping[str, object], *, link: bool = False, sender: Sender = COMMITTEE
) -> Text:
    return (WITH_LINK if link else WITHOUT_LINK).notice(name, locale, {**FACTS, **told}, sender)


def test_the_cases_name_every_template_there_is() -> None:
    assert {name for name, *_ in CASES} == set(WITHOUT_LINK.names)
    assert set(MAY_LACK) | WITH_A_LAST_DAY <= set(WITHOUT_LINK.names)


@EVERY
def test_it_says_who_writes_and_whom_to_call(name: str, locale: str, told: Mapping[str, object]) -> None:
    text = rendered(name, locale, told)
    assert COMMITTEE.telephone in text.body
    assert COMMITTEE.display_name in text.body.splitlines()
    assert text.short.startswith(f"【{COMMITTEE.display_name}】")


@EVERY
def test_it_says_what_to_do_or_that_there_is_nothing_to_do(name: str, locale: str, told: Mapping[str, object]) -> None:
    body = rendered(name, locale, told).body
    asked = {"zh": "请您：|无需做任何事|不用前来", "en": "[Ww]hat to do:|need not"}[locale]
    assert re.search(asked, body)


@EVERY
def test_a_last_day_is_said_in_one_way_everywhere(name: str, locale: str, told: Mapping[str, object]) -> None:
    text = rendered(name, locale, told)
    if name in WITH_A_LAST_DAY and "due_date" not in told and "expire_time" not in told:
        said = {"zh": "最迟2026年12月28日（星期一，含当日", "en": "by Monday 28 December 2026 (that day included"}[
            locale
        ]
        assert said in text.body
        assert ({"zh": "；暂定", "en": "; provisional"}[locale] in text.body) == (
            bool(told.get("provisional")) and "invited" not in name
        )
    for part in (text.body, text.short):
        for day in re.finditer({"zh": "最迟", "en": r"\b[Bb]y (?=[A-Z][a-z]+day)"}[locale], part):
            rest = part[day.start() : day.start() + 60]
            assert {"zh": "，含当日", "en": "that day included"}[locale] in rest, rest
        assert "截止" not in part and "之前）" not in part


@EVERY
def test_nothing_is_odd_and_no_word_is_unexplained(name: str, locale: str, told: Mapping[str, object]) -> None:
    for link in (False, True):
        for sender in (COMMITTEE, Sender(display_name=COMMITTEE.display_name), Sender()):
            text = rendered(name, locale, told, link=link, sender=sender)
            for part in (text.title, text.body, text.short):
                assert [bad for bad in FORBIDDEN[locale] if bad in part.replace("...", "")] == [], part
                assert "{" not in part and "\n\n\n" not in part and part.strip("\n") == part.strip()
            assert (LINK in text.body) == link
            assert "\n" not in text.short


@EVERY
def test_a_title_is_one_short_line_and_a_text_message_two_segments(
    name: str, locale: str, told: Mapping[str, object]
) -> None:
    text = rendered(name, locale, {"due_date": date(2026, 9, 30), **told}, link=True)
    mark = len("【样本 SAMPLE】") if told.get("sample") else 0
    assert "\n" not in text.title and len(text.title) <= 60 + mark
    assert len(text.short.encode("utf-16-be")) // 2 <= 134 + mark + (13 if told.get("provisional") else 0)


def test_a_text_message_ends_with_whom_to_call_and_where_to_sign_in_while_there_is_room() -> None:
    short = rendered("matter_accepted", "zh", {}, link=True).short
    assert short.endswith(f"电话{COMMITTEE.telephone} {LINK}")
    assert "电话" not in rendered("matter_accepted", "zh", {}, sender=Sender()).short


def test_the_name_of_a_sender_is_cut_to_what_providers_take() -> None:
    long = Sender(display_name="样本省样本市样本区矛盾纠纷多元化解中心人民调解委员会")
    assert rendered("matter_accepted", "zh", {}, sender=long).short.startswith(
        "【样本省样本市样本区矛盾纠纷多元化解中心…】"
    )


@pytest.mark.parametrize(
    ("name", "told", "zh", "en"),
    [
        ("matter_closed", {"outcome": "CONFIRMED"}, "仍然按照调解协议履行", "must still be performed"),
        ("matter_closed", {"outcome": "SETTLED"}, "仍然按照调解协议履行", "must still be performed"),
        (
            "matter_closed",
            {"outcome": "NOT_SETTLED"},
            "仲裁、申请行政处理或者起诉",
            "arbitration, the administration or a court",
        ),
        ("application_accepted", {}, "应当通知各方共同到场", "has to call all parties together"),
        ("application_accepted", {}, "可以按撤回申请处理", "may treat the application as withdrawn"),
        ("application_consent_needed", {}, "最迟2026年12月28日", "by Monday 28 December 2026"),
        ("case_opened", {}, "已受理您的纠纷", "no lawsuit"),
        ("case_reopened", {}, "直接向人民法院起诉", "sue in court"),
        ("ruling_issued", {}, "确认调解协议有效", "confirmed the agreement"),
        ("ruling_issued", {}, "十五日内", "fifteen days"),
        ("ruling_issued", {}, "两年内", "two years"),
        ("ruling_issued", {"confirmed": False}, "向人民法院起诉", "sue in court"),
        ("session_scheduled", {}, "地点：样本路1号二楼3室\n调解员：林静", "Where: 样本路1号二楼3室\nMediator: 林静"),
        ("session_scheduled", {}, "有权要求更换", "right to ask for another"),
        ("session_scheduled", {}, "没有正当理由不到场", "without good reason"),
        ("window_lapsed", {}, "公证", "notarised"),
        ("window_lapsed", {}, "支付令", "payment order"),
        ("matter_received", {}, "收件凭证", "receipt"),
        ("matter_received", {}, "已于2026年12月2日（星期三）收到", "on Wednesday 2 December 2026"),
        ("party_invited", {}, "样本市样本区人民调解委员会收到", "样本市样本区人民调解委员会 received"),
    ],
)
def test_it_says_what_misled_or_was_missing(name: str, told: Mapping[str, object], zh: str, en: str) -> None:
    assert zh in rendered(name, "zh", told).body
    assert en in rendered(name, "en", told).body


def test_fifteen_days_are_told_of_a_confirmation_only() -> None:
    assert "十五日" not in rendered("ruling_issued", "zh", {"confirmed": False}).body
    assert "fifteen" not in rendered("ruling_issued", "en", {"confirmed": False}).body
