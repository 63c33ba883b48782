"""What is said, in both languages, and when the night is quiet."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.channels.words import LOCALES, JinjaTemplates
from services.notify.domain.values import CodePurpose, NoticeChannel, Preferences

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WORDS = JinjaTemplates()
FACTS: dict[str, object] = {
    "number": "2026-000001",
    "sample": True,
    "due_date": date(2027, 1, 5),
    "provisional": True,
    "invitation": "invitations/0190",
    "start_time": NOW,
    "end_time": NOW + timedelta(hours=1),
    "expire_time": NOW,
    "caucus": False,
    "receipt_number": "R1",
    "docket_number": "D1",
    "ruling_number": "N1",
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


def test_a_date_of_an_unpublished_calendar_says_so() -> None:
    assert "暂定" in WORDS.notice("matter_received", "zh", FACTS).body
    assert "provisional" in WORDS.notice("matter_received", "en", FACTS).body
    sure = WORDS.notice("matter_received", "zh", {**FACTS, "provisional": False})
    assert "暂定" not in sure.body


def test_a_code_says_what_it_is_for_until_when_and_to_tell_nobody() -> None:
    zh = WORDS.code(CodePurpose.SIGN_DOCUMENT, "zh", "123456", NOW).body
    en = WORDS.code(CodePurpose.SIGN_DOCUMENT, "en", "123456", NOW).body
    assert "签署一份文件" in zh and "2026-03-02 09:00" in zh and "不要把验证码告诉任何人" in zh
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
