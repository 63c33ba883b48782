"""Who was told the old day of a limit is told the new one."""

from datetime import UTC, date, datetime

from comity.common.v1 import deadline_pb2
from comity.intake.v1 import intake_events_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from tests.integration.notify.conftest import Notify
from tests.integration.notify.test_codes_and_calls import owed
from tests.kit.audit import audit, faults
from tests.kit.calendar_files import load_year, notice

MOVE = deadline_pb2.DeadlineMove(
    rule="INTAKE.ACCEPT@house-1",
    name_zh="决定是否受理并告知",
    name_en="Decide on acceptance and inform",
    old_due_date="2027-01-07",
    due_date="2027-01-08",
)


async def test_the_complainant_is_told_until_when_acceptance_is_decided_now(notify: Notify) -> None:
    matter, _, other = await notify.received()
    await notify.mails("a@sample.example")
    event = intake_events_pb2.MatterDeadlineMoved(matter=matter, number="2026-000001", move=MOVE, told_to_party=True)
    await notify.hear("intake", "matter.deadline_moved", event, matter, version=2)
    mail = (await notify.mails("a@sample.example", 2))[-1]
    text = mail.get_content()
    assert "期限有变化" in mail["Subject"]
    assert "2027年1月7日（星期四）" in text and "最迟2027年1月8日（星期五，含当日）" in text
    assert await notify.told(other) == 0


async def test_what_concerns_the_officers_alone_is_told_to_them_and_only_when_the_day_moved(notify: Notify) -> None:
    await notify.officer_can_be_reached()
    matter, _, _ = await notify.received()
    await notify.mails("a@sample.example")
    still = deadline_pb2.DeadlineMove()
    still.CopyFrom(MOVE)
    still.due_date = still.old_due_date
    for version, move in ((2, still), (3, MOVE)):
        event = intake_events_pb2.MatterDeadlineMoved(matter=matter, number="2026-000001", move=move)
        await notify.hear("intake", "matter.deadline_moved", event, matter, version=version)
    (mail,) = await notify.mails("officer@sample.example")
    assert "2027年1月8日" in mail.get_content()
    assert len(await notify.mails("a@sample.example")) == 1


async def test_a_call_back_that_a_notice_puts_off_is_due_later_and_its_officers_hear_of_it(notify: Notify) -> None:
    notify.clock.set(datetime(2026, 12, 31, 2, 0, tzinfo=UTC))
    call_back = await owed(notify)
    assert call_back.provisional and call_back.due_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 4, 16, tzinfo=UTC)
    (mail,) = await notify.mails("officer@sample.example")
    assert "最迟2027年1月4日（星期一，含当日）（暂定" in mail.get_content()
    loaded = await load_year(notify.channel, notify.as_operator(), notice(2027, also_off=[date(2027, 1, 4)]))
    assert loaded.deadlines_moved == 1
    request = pb.GetCallBackRequest(name=call_back.name)
    found = (await notify.call("GetCallBack", request, notify.as_officer())).call_back
    assert not found.provisional and found.due_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 5, 16, tzinfo=UTC)
    mail = (await notify.mails("officer@sample.example", 2))[-1]
    assert "2027年1月5日" in mail.get_content()
    assert faults(await audit("notify", notify.database.superuser_url)) == {}
