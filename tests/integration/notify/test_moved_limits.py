"""Who was told the old day of a limit is told the new one."""

from datetime import UTC, date, datetime
from uuid import uuid4

from comity.common.v1 import deadline_pb2
from comity.court_link.v1 import court_link_events_pb2
from comity.identity.v1 import identity_service_pb2
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
    assert "最迟2027年1月4日（星期一，含当日；暂定" in mail.get_content()
    loaded = await load_year(notify.channel, notify.as_operator(), notice(2027, also_off=[date(2027, 1, 4)]))
    assert loaded.deadlines_moved == 1
    request = pb.GetCallBackRequest(name=call_back.name)
    found = (await notify.call("GetCallBack", request, notify.as_officer())).call_back
    assert not found.provisional and found.due_time.ToDatetime(tzinfo=UTC) == datetime(2027, 1, 5, 16, tzinfo=UTC)
    mail = (await notify.mails("officer@sample.example", 2))[-1]
    assert "2027年1月5日" in mail.get_content()
    assert faults(await audit("notify", notify.database.superuser_url)) == {}


def _notice(name: str, due_date: str) -> deadline_pb2.DeadlineNotice:
    return deadline_pb2.DeadlineNotice(
        rule="ENF.APPLY@2024", name_zh=name, name_en=name, missed_zh="样本后果", missed_en="sample", due_date=due_date
    )


async def test_the_parties_are_told_what_runs_after_a_confirmation_and_the_clerks_until_when_others_may_come(
    notify: Notify,
) -> None:
    await notify.officer_can_be_reached(identity_service_pb2.ROLE_COURT_CLERK)
    matter, mine, _ = await notify.received()
    case = await notify.case_opened(matter, mine, number="2026-000009")
    event = court_link_events_pb2.ApplicationLimitsBegan(
        application=f"applications/{uuid4()}",
        case=case,
        organisation=f"organisations/{notify.organisation}",
        notices=[_notice("提出异议", "2026-09-28"), _notice("申请强制执行", "2028-11-02")],
        of_others=_notice("利害关系人异议", "2027-03-10"),
    )
    event.notices[1].provisional = True
    await notify.hear("court_link", "application.limits_began", event, event.application)

    mails = await notify.mails("a@sample.example", 3)
    (text,) = [each.get_content() for each in mails if "裁定后的期限" in each["Subject"]]
    assert "提出异议：最迟2026年9月28日（星期一，含当日）。如果不办：样本后果" in text
    assert "申请强制执行：最迟2028年11月2日（星期四，含当日；暂定" in text
    (mail,) = await notify.mails("officer@sample.example")
    assert "最迟2027年3月10日" in mail.get_content()
