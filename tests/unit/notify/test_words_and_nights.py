"""What is said, in both languages, and when the night is quiet."""

import itertools
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.channels.words import LOCALES, House, JinjaTemplates
from services.notify.domain.values import CodePurpose, NoticeChannel, Preferences

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUSE = House(
    sender={"zh": "样本调解服务", "en": "Sample mediation"},
    help={"zh": "请拨打 025-0000（工作日 9:00 至 17:00）", "en": "call 025-0000 (working days, 9:00 to 17:00)"},
    sign_in_address="https://mediation.sample.example",
)
WORDS = JinjaTemplates(HOUSE)
FOR_STAFF = {
    "call_back_due",
    "call_back_overdue",
    "deadline_lapsed",
    "deadline_near",
    "invitation_failed",
    "limit_of_others",
    "mediator_assigned",
    "referral_invitation_failed",
    "sign_as_mediator",
    "sign_with_seal",
    "word_for_court",
    "word_for_mediator",
    "word_for_officers",
}
FACTS: dict[str, object] = {
    "number": "2026-000001",
    "sample": True,
    "due_date": date(2027, 1, 5),
    "provisional": True,
    "old_due_date": date(2027, 1, 4),
    "otherwise": {"zh": "签名作废", "en": "signatures are void"},
    "limits": [
        {
            "limit": {"zh": "当事人对确认裁定提出异议", "en": "A party objects to the ruling"},
            "otherwise": {"zh": "异议权消灭", "en": "The right is gone"},
            "due_date": date(2027, 1, 5),
            "provisional": True,
        }
    ],
    "limit": {"zh": "签署完成", "en": "Complete the signing round"},
    "invitation": "invitations/0190",
    "start_time": NOW,
    "end_time": NOW + timedelta(hours=1),
    "expire_time": NOW,
    "caucus": False,
    "receive_date": date(2026, 12, 2),
    "mediator": "样本调解员",
    "room": "样本路1号",
    "confirmed": True,
    "outcome": "SETTLED",
    "receipt_number": "R1",
    "docket_number": "D1",
    "ruling_number": "N1",
    "reason": "SAMPLE_REFUSED",
    "rule": "INTAKE.CLOSE@2024",
    "source": "样本条款",
    "code": "123456",
}


@pytest.mark.parametrize(("name", "locale"), list(itertools.product(WORDS.names, LOCALES)))
def test_every_notice_says_its_number_and_that_it_is_a_sample(name: str, locale: str) -> None:
    text = WORDS.notice(name, locale, FACTS)
    for part in (text.title, text.short):
        assert "样本 SAMPLE" in part
    assert "样本 SAMPLE" in text.body
    assert FACTS["number" if not name.startswith("code_") else "code"] in text.body  # type: ignore[operator]
    assert "\n" not in text.title
    assert len(text.short) < 200


@pytest.mark.parametrize(("name", "locale"), list(itertools.product(WORDS.names, LOCALES)))
def test_every_mail_says_who_writes_and_whom_to_ask(name: str, locale: str) -> None:
    lines = WORDS.notice(name, locale, FACTS).body.splitlines()
    assert HOUSE.sender[locale] in lines
    assert [line for line in lines if HOUSE.help[locale] in line]
    assert [line for line in lines if line.endswith(HOUSE.sign_in_address)]
    assert lines[-1].startswith("样本 SAMPLE"), "on a line of its own"


@pytest.mark.parametrize("name", sorted(set(WORDS.names) - FOR_STAFF))
def test_every_mail_to_a_party_says_what_to_do_or_that_there_is_nothing_to_do(name: str) -> None:
    zh, en = (WORDS.notice(name, locale, FACTS).body for locale in LOCALES)
    if not name.startswith("code_"):
        assert re.search("请您：|无需做任何事|不用前来|应当履行", zh)
        assert re.search("What to do:|need not|must be performed", en)


def test_a_day_is_said_as_people_say_it() -> None:
    sure = {**FACTS, "provisional": False}
    assert "最迟2027年1月5日（星期二，含当日）" in WORDS.notice("matter_received", "zh", sure).body
    assert "by Tuesday 5 January 2027 (that day included)" in WORDS.notice("matter_received", "en", sure).body


def test_a_limit_at_midnight_is_the_end_of_the_day_before() -> None:
    midnight = {**FACTS, "expire_time": datetime(2026, 12, 7, 16, tzinfo=UTC)}
    assert "最迟2026年12月7日（星期一，含当日" in WORDS.notice("agreement_frozen", "zh", midnight).body
    assert "by Monday 7 December 2026 (that day included" in WORDS.notice("agreement_frozen", "en", midnight).body


def test_a_session_says_its_day_once_and_both_days_when_it_goes_over_midnight() -> None:
    assert "定于2026年3月2日（星期一） 09:00 至 10:00（" in WORDS.notice("session_scheduled", "zh", FACTS).body
    long = {**FACTS, "end_time": NOW + timedelta(days=1)}
    assert "09:00 to Tuesday 3 March 2026 09:00 (" in WORDS.notice("session_scheduled", "en", long).body


def test_a_date_of_an_unpublished_calendar_says_so() -> None:
    assert "暂定" in WORDS.notice("matter_received", "zh", FACTS).body
    assert "provisional" in WORDS.notice("matter_received", "en", FACTS).body
    sure = WORDS.notice("matter_received", "zh", {**FACTS, "provisional": False})
    assert "暂定" not in sure.body


SAYS_WHEN = {"agreement_frozen": "2026年3月2日"}
COURTS_OWN_DAY = {"supplement_required"}
"""The court sets that day itself; no calendar moves it."""


@pytest.mark.parametrize("name", sorted(set(WORDS.names) - COURTS_OWN_DAY))
def test_whatever_says_a_day_from_a_clock_says_that_it_is_provisional_and_only_then(name: str) -> None:
    day = {"zh": SAYS_WHEN.get(name, "2027年1月5日"), "en": "5 January 2027"}
    for locale, mark in (("zh", "暂定"), ("en", "provisional")):
        doubtful, sure = (WORDS.notice(name, locale, _with_doubt(doubt=each)) for each in (True, False))
        for part in ("title", "body", "short"):
            said, certain = getattr(doubtful, part), getattr(sure, part)
            if day[locale] in said:
                assert mark in said, f"{locale} {part}"
            if name != "deadline_moved":
                assert mark not in certain, f"{locale} {part}"


def _with_doubt(*, doubt: bool) -> dict[str, object]:
    limits = FACTS["limits"]
    assert isinstance(limits, list)
    return FACTS | {"provisional": doubt, "limits": [each | {"provisional": doubt} for each in limits]}


def test_a_limit_that_stays_is_told_as_certain() -> None:
    stayed = FACTS | {"old_due_date": FACTS["due_date"], "provisional": False}
    assert "不再是暂定" in WORDS.notice("deadline_moved", "zh", stayed).body
    assert "no longer provisional" in WORDS.notice("deadline_moved", "en", stayed).body


def test_a_code_says_what_it_is_for_until_when_and_to_tell_nobody() -> None:
    zh = WORDS.code(CodePurpose.SIGN_DOCUMENT, "zh", "123456", NOW).body
    en = WORDS.code(CodePurpose.SIGN_DOCUMENT, "en", "123456", NOW).body
    assert "签署一份文件" in zh and "2026年3月2日（星期一） 09:00" in zh and "不要把验证码告诉任何人" in zh
    assert "sign one document" in en and "Never tell it to anyone" in en


def test_a_fact_cannot_start_a_line_of_its_own() -> None:
    forged = WORDS.notice("matter_accepted", "zh", {**FACTS, "number": "1\nBcc: x@sample.example"})
    assert "\n" not in forged.title
    assert "\nBcc" not in forged.body


@pytest.mark.parametrize(("local_hour", "hours"), [(20, 0), (21, 11), (23, 9), (0, 8), (7, 1), (8, 0), (12, 0)])
def test_text_messages_wait_for_the_morning(local_hour: int, hours: int) -> None:
    now = datetime(2026, 3, 2, 0, 0, tzinfo=UTC) + timedelta(hours=local_hour - 8)
    assert Preferences().wait(NoticeChannel.TEXT_MESSAGE, now) == timedelta(hours=hours)
    assert Preferences().wait(NoticeChannel.MAIL, now) == timedelta(0)
