"""Who is told what, and who is not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from comity.common.v1 import dossier_pb2
from comity.court_link.v1 import application_pb2, court_link_events_pb2
from comity.identity.v1 import identity_events_pb2, identity_service_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2
from comity.mediation.v1 import agreement_pb2, mediation_events_pb2
from comity.notify.v1 import notice_pb2

from tests.integration.notify.conftest import Notify
from tests.kit.eventually import eventually


async def test_the_complainant_hears_of_receipt_and_the_other_side_hears_nothing(notify: Notify) -> None:
    _, _, other = await notify.received()
    (mail,) = await notify.mails("a@sample.example")
    text = mail.get_content()
    assert "2026-000001" in mail["Subject"] and "样本 SAMPLE" in mail["Subject"]
    assert "最迟2026年3月11日（星期三，含当日）" in text
    assert await notify.told(other) == 0


async def test_an_invited_party_is_told_its_invitation_in_its_language_and_later_sees_the_notice(
    notify: Notify,
) -> None:
    matter, _, other = await notify.received()
    await notify.mails("a@sample.example")
    await notify.writes_as("样本市样本区人民调解委员会", "025-8888 0000")
    invitation, account = await notify.invitation(datetime(2026, 4, 1, 6, 0, tzinfo=UTC)), uuid4()
    invited = intake_events_pb2.MatterPartyInvited(
        matter=matter, number="2026-000001", party=other, invitation=invitation
    )
    await notify.hear("intake", "matter.party_invited", invited, matter, version=2)
    (mail,) = await notify.mails("b@sample.example")
    text = mail.get_content()
    assert invitation in text and "invited" in mail["Subject"]
    assert "样本市样本区人民调解委员会 received a matter that concerns you" in text
    assert "by Tuesday 31 March 2026 (that day included)" in text and "025-8888 0000" in text
    assert mail["Content-Language"] == "en"
    joined = intake_events_pb2.MatterPartyJoined(matter=matter, party=other, account=f"accounts/{account}")
    await notify.hear("intake", "matter.party_joined", joined, matter, version=3)

    async def bound() -> list[notice_pb2.Notice]:
        # The mail is out before its delivery is on record.
        found = await notify.notices(account)
        return [each for each in found if each.state == notice_pb2.NOTICE_STATE_DELIVERED]

    (notice,) = await eventually(bound)
    assert notice.attempts[0].evidence.startswith("250")
    assert await notify.notices(uuid4()) == []


async def test_a_party_of_a_referral_hears_from_the_court_by_the_courts_own_number(notify: Notify) -> None:
    referral, party = f"referrals/{uuid4()}", f"parties/{uuid4()}"
    card = dossier_pb2.ContactCard(recipient=party, display_name="样本甲", locale="zh", email="a@sample.example")
    received = court_link_events_pb2.ReferralReceived(
        referral=referral,
        organisation=f"organisations/{notify.organisation}",
        contacts_digest=notify.others.keep(referral, card),
        number="（2026）样0102诉前调1号",
        sample=True,
    )
    await notify.hear("court_link", "referral.received", received, referral)
    invited = court_link_events_pb2.ReferralPartyInvited(
        referral=referral, party=party, invitation=await notify.invitation()
    )
    await notify.hear("court_link", "referral.party_invited", invited, referral, version=2)
    (mail,) = await notify.mails("a@sample.example")
    for said in (mail["Subject"], mail.get_content()):
        assert "法院" in said and received.number in said and "样本 SAMPLE" in said
    assert invited.invitation in mail.get_content()


async def test_an_event_delivered_twice_is_told_once(notify: Notify) -> None:
    matter, mine, _ = await notify.received()
    accepted = intake_events_pb2.MatterAccepted(matter=matter, number="2026-000001")
    event_id = uuid4()
    for _ in range(2):
        await notify.hear("intake", "matter.accepted", accepted, matter, version=2, event_id=event_id)
    declined = intake_events_pb2.MatterWithdrawn(matter=matter, number="2026-000001")
    await notify.hear("intake", "matter.withdrawn", declined, matter, version=3)
    mails = await notify.mails("a@sample.example", 3)
    # The events of a matter come in their order: the copy was dealt with before the withdrawal.
    assert await notify.told(mine) == 3
    assert len({mail["Message-ID"] for mail in mails}) == 3


async def test_a_private_session_is_told_to_its_party_only(notify: Notify) -> None:
    matter, mine, other = await notify.received()
    await notify.joins(matter, other, email="b@sample.example")
    session = f"sessions/{uuid4()}"
    case = await notify.case_opened(matter, mine, other, number="(2026)1")
    await notify.mails("b@sample.example")
    caucus = mediation_events_pb2.SessionScheduled(session=session, case=case, caucus_party=mine)
    for stamp in (caucus.start_time, caucus.end_time):
        stamp.FromDatetime(notify.clock.now() + timedelta(days=5))
    await notify.hear("mediation", "session.scheduled", caucus, session)
    await notify.mails("a@sample.example", 3)
    joint = mediation_events_pb2.SessionScheduled(session=session, case=case)
    joint.start_time.CopyFrom(caucus.start_time)
    joint.end_time.CopyFrom(caucus.end_time)
    await notify.hear("mediation", "session.scheduled", joint, session, version=2)
    mails = await notify.mails("b@sample.example", 2)
    assert await notify.told(other) == 2
    assert "private" not in "".join(mail.get_content() for mail in mails)


async def test_an_event_about_a_case_not_yet_heard_of_waits_for_it(notify: Notify) -> None:
    matter, mine, other = await notify.received()
    case = f"cases/{uuid4()}"
    settled = mediation_events_pb2.SettlementRecorded(case=case)
    await notify.hear("mediation", "settlement.recorded", settled, f"offers/{uuid4()}")
    await notify.case_opened(matter, mine, other, case=case)
    assert len(await notify.mails("a@sample.example", 3)) == 3


async def test_who_joined_a_matter_not_yet_heard_of_is_told_all_the_same(
    notify: Notify, capsys: pytest.CaptureFixture[str]
) -> None:
    matter, party, account = f"matters/{uuid4()}", f"parties/{uuid4()}", uuid4()
    joined = intake_events_pb2.MatterPartyJoined(matter=matter, party=party, account=f"accounts/{account}")
    await notify.hear("intake", "matter.party_joined", joined, matter, version=2)
    await eventually(lambda: "SUBJECT_UNKNOWN" in capsys.readouterr().out)
    await notify.account(account, email="joined@sample.example")
    await notify.received(matter=matter, other=party)
    await eventually(lambda: notify.bound(party))
    await notify.hear("intake", "matter.withdrawn", intake_events_pb2.MatterWithdrawn(matter=matter), matter, version=3)
    await notify.mails("joined@sample.example")


async def test_a_mediator_whose_account_is_not_yet_heard_of_is_told_once_it_is(
    notify: Notify, capsys: pytest.CaptureFixture[str]
) -> None:
    matter, mine, other = await notify.received()
    await notify.mails("a@sample.example")
    case, mediator = await notify.case_opened(matter, mine, other), uuid4()
    capsys.readouterr()
    appointed = mediation_events_pb2.MediatorAppointed(case=case, account=f"accounts/{mediator}")
    await notify.hear("mediation", "case.mediator_appointed", appointed, case, version=2)
    await eventually(lambda: "ACCOUNT_UNKNOWN" in capsys.readouterr().out)
    await notify.account(mediator, email="mediator@sample.example")
    await notify.mails("mediator@sample.example")


async def test_who_was_given_a_role_before_its_account_is_heard_of_holds_it_once_it_is(
    notify: Notify, capsys: pytest.CaptureFixture[str]
) -> None:
    officer, organisation = f"accounts/{notify.officer}", f"organisations/{notify.organisation}"
    granted = identity_events_pb2.AccountRoleGranted(
        account=officer, organisation=organisation, role=identity_service_pb2.ROLE_INTAKE_OFFICER
    )
    await notify.hear("identity", "account.role_granted", granted, officer, version=2)
    await eventually(lambda: "ACCOUNT_UNKNOWN" in capsys.readouterr().out)
    assert await notify.count("SELECT count(*) FROM staff") == 0
    await notify.account(notify.officer, email="officer@sample.example")
    await eventually(lambda: notify.count("SELECT count(*) FROM staff"))


async def test_officers_hear_of_a_party_that_could_not_be_invited(notify: Notify) -> None:
    matter, _, other = await notify.received()
    await notify.officer_can_be_reached()
    failed = intake_events_pb2.MatterInvitationFailed(
        matter=matter, number="2026-000001", party=other, reason="CONTACT_MALFORMED"
    )
    await notify.hear("intake", "matter.invitation_failed", failed, matter, version=2)
    (mail,) = await notify.mails("officer@sample.example")
    assert "CONTACT_MALFORMED" in mail.get_content() and "再次邀请" in mail.get_content()
    assert await notify.told(other) == 0


async def test_word_for_the_officers_is_told_to_who_is_in_charge_and_to_supervisors_in_neutral_words(
    notify: Notify,
) -> None:
    matter, _, other = await notify.received()
    await notify.officer_can_be_reached()
    for account, email, role in (
        (uuid4(), "colleague@sample.example", identity_service_pb2.ROLE_INTAKE_OFFICER),
        (uuid4(), "supervisor@sample.example", identity_service_pb2.ROLE_SUPERVISOR),
    ):
        name = await notify.account(account, email=email)
        granted = identity_events_pb2.AccountRoleGranted(
            account=name, organisation=f"organisations/{notify.organisation}", role=role
        )
        await notify.hear("identity", "account.role_granted", granted, name, version=2)
    known = "SELECT count(*) FROM staff JOIN cards ON recipient = staff.account"
    await eventually(lambda: _is(notify, known, 3))
    told = intake_events_pb2.PressureReported(
        report=f"pressureReports/{uuid4()}", matter=matter, officer=f"accounts/{notify.officer}"
    )
    await notify.hear("intake", "pressure_report.made", told, told.report)
    for address in ("officer@sample.example", "supervisor@sample.example"):
        (mail,) = await notify.mails(address)
        assert "2026-000001" in mail["Subject"] and "留言" in mail["Subject"]
        assert not set("胁迫逼") & set(mail.get_content())
    assert notify.mail.to("colleague@sample.example") == []
    assert await notify.told(other) == 0


async def test_word_for_the_court_waits_for_the_filing_and_is_told_to_clerks_and_judges_alone(notify: Notify) -> None:
    matter, mine, other = await notify.received()
    bench = f"organisations/{uuid4()}"
    case = await notify.case_opened(matter, mine, other, number="(2026)1")
    people = {
        "clerk@sample.example": identity_service_pb2.ROLE_COURT_CLERK,
        "judge@sample.example": identity_service_pb2.ROLE_JUDGE,
    }
    for email, role in people.items():
        name = await notify.account(email=email)
        granted = identity_events_pb2.AccountRoleGranted(account=name, organisation=bench, role=role)
        await notify.hear("identity", "account.role_granted", granted, name, version=2)
    await eventually(lambda: _is(notify, "SELECT count(*) FROM staff JOIN cards ON recipient = staff.account", 2))
    report = f"pressureReports/{uuid4()}"
    for version, before_court in ((1, False), (2, True)):
        told = court_link_events_pb2.PressureReported(
            report=report,
            application=f"applications/{uuid4()}",
            case=case,
            organisation=bench,
            before_court=before_court,
        )
        await notify.hear("court_link", "pressure_report.made", told, report, version=version)
    for address in people:
        (mail,) = await notify.mails(address)
        assert "(2026)1" in mail["Subject"] and "留言" in mail["Subject"]
        assert not set("胁迫逼") & set(mail.get_content())
    assert await _is(notify, "SELECT count(*) FROM notices WHERE template = 'word_for_court'", 2)
    the_respondents = "SELECT count(*) FROM manual_tasks WHERE subject LIKE 'cases/%'"
    await eventually(lambda: _is(notify, the_respondents, 1))


async def _is(notify: Notify, query: str, expected: int) -> bool:
    return await notify.count(query) == expected


async def test_parties_and_clerks_hear_of_an_application_that_the_court_did_not_take(notify: Notify) -> None:
    matter, mine, _ = await notify.received()
    await notify.officer_can_be_reached(role=identity_service_pb2.ROLE_COURT_CLERK)
    court_name = f"courts/{uuid4()}"
    case = await notify.case_opened(matter, mine, number="2026-1")
    refused_filing = court_link_events_pb2.ApplicationFilingRefused(
        application=f"applications/{uuid4()}",
        case=case,
        court=court_name,
        organisation=f"organisations/{notify.organisation}",
        reason="SAMPLE",
    )
    await notify.hear("court_link", "application.filing_refused", refused_filing, refused_filing.application)
    assert "撤回" in (await notify.mails("a@sample.example", 3))[-1].get_content()
    assert await notify.mails("officer@sample.example")


@pytest.mark.parametrize(
    ("source", "kind", "event", "says"),
    [
        ("mediation", "agreement.act_released", mediation_events_pb2.AgreementActReleased, "再次签名"),
        ("mediation", "session_record.seal_failed", mediation_events_pb2.SessionRecordSealFailed, "盖章的文件没有做成"),
        ("court_link", "ruling.signing_failed", court_link_events_pb2.RulingSigningFailed, "尚未发出"),
    ],
)
async def test_whose_signature_could_not_be_made_is_told_and_nobody_else(
    notify: Notify, source: str, kind: str, event: Any, says: str
) -> None:
    matter, mine, other = await notify.received()
    await notify.mails("a@sample.example")
    signer = await notify.account(email="signer@sample.example")
    case = await notify.case_opened(matter, mine, other, number="2026-1")
    await notify.mails("a@sample.example", 2)
    before = [await notify.told(each) for each in (mine, other)]
    await notify.hear(source, kind, event(case=case, account=signer), case, version=2)
    (mail,) = await notify.mails("signer@sample.example")
    assert says in mail.get_content() and "2026-1" in mail.get_content()
    assert [await notify.told(each) for each in (mine, other)] == before


async def test_row_level_security_hides_contacts_and_notices_from_everybody_else(notify: Notify) -> None:
    await notify.received()
    await notify.mails("a@sample.example")
    connection = await asyncpg.connect(notify.database.url)
    try:
        for viewer in ("", f"accounts/{uuid4()}"):
            async with connection.transaction():
                await connection.execute("SELECT set_config('comity.viewer', $1, true)", viewer)
                for table in ("cards", "notices", "manual_tasks", "call_backs", "subjects"):
                    assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await connection.close()


async def test_who_keeps_the_seal_is_told_once_everybody_else_has_signed(notify: Notify) -> None:
    matter, mine, _ = await notify.received()
    await notify.officer_can_be_reached(role=identity_service_pb2.ROLE_SEAL_KEEPER)
    case = await notify.case_opened(matter, mine)
    signed = mediation_events_pb2.AgreementSlotSigned(case=case, state=agreement_pb2.ROUND_STATE_AWAITING_SEAL)
    await notify.hear("mediation", "agreement.slot_signed", signed, f"signingRounds/{uuid4()}")
    assert "盖章" in (await notify.mails("officer@sample.example"))[0].get_content()


async def test_a_mail_names_the_organisation_that_writes_and_its_telephone_as_they_are_now(notify: Notify) -> None:
    matter, *_ = await notify.received()
    (before,) = await notify.mails("a@sample.example")
    assert "025-8888" not in before.get_content()
    await notify.writes_as("样本市样本区人民调解委员会", "025-8888 0000")
    accepted = intake_events_pb2.MatterAccepted(matter=matter, number="2026-000001")
    await notify.hear("intake", "matter.accepted", accepted, matter, version=2)
    mail = (await notify.mails("a@sample.example", 2))[1]
    assert "请拨打样本市样本区人民调解委员会的电话：025-8888 0000。" in mail.get_content()
    assert mail["Content-Language"] == "zh-CN"
    await notify.writes_as("样本市样本区人民调解委员会", "025-8888 0001", version=2)
    closed = intake_events_pb2.MatterClosed(matter=matter, number="2026-000001", outcome=matter_pb2.OUTCOME_CONFIRMED)
    await notify.hear("intake", "matter.closed", closed, matter, version=3)
    last = (await notify.mails("a@sample.example", 3))[2].get_content()
    assert "025-8888 0001" in last and "仍然按照调解协议履行" in last and "无需做任何事" not in last


async def test_a_session_is_told_with_its_place_its_mediator_and_the_telephone(notify: Notify) -> None:
    matter, mine, other = await notify.received()
    await notify.writes_as("样本市样本区人民调解委员会", "025-8888 0000")
    case = await notify.case_opened(matter, mine, other, number="(2026)1")
    mediator = await notify.account(email="m@sample.example", display_name="林静（样本）")
    appointed = mediation_events_pb2.MediatorAppointed(case=case, account=mediator)
    await notify.hear("mediation", "case.mediator_appointed", appointed, case, version=2)
    await notify.mails("m@sample.example")
    session = f"sessions/{uuid4()}"
    scheduled = mediation_events_pb2.SessionScheduled(session=session, case=case, room="样本路1号三楼")
    for stamp in (scheduled.start_time, scheduled.end_time):
        stamp.FromDatetime(notify.clock.now() + timedelta(days=5))
    await notify.hear("mediation", "session.scheduled", scheduled, session)
    text = (await notify.mails("a@sample.example", 4))[3].get_content()
    assert "地点：样本路1号三楼\n调解员：林静（样本）\n联系电话：025-8888 0000\n" in text


async def test_the_last_day_to_join_an_application_and_the_outcome_of_a_ruling_are_told(notify: Notify) -> None:
    matter, mine, other = await notify.received()
    case = await notify.case_opened(matter, mine, other, number="(2026)1")
    application = f"applications/{uuid4()}"
    created = court_link_events_pb2.ApplicationCreated(
        application=application, case=case, due_date="2026-12-28", provisional=True
    )
    await notify.hear("court_link", "application.created", created, application)
    text = (await notify.mails("a@sample.example", 3))[2].get_content()
    assert "最迟2026年12月28日（星期一，含当日；暂定" in text
    ruling = f"rulings/{uuid4()}"
    issued = court_link_events_pb2.RulingIssued(
        ruling=ruling, number="（2026）样1号", case=case, outcome=application_pb2.RULING_OUTCOME_DISMISSED
    )
    await notify.hear("court_link", "ruling.issued", issued, ruling)
    text = (await notify.mails("a@sample.example", 4))[3].get_content()
    assert "法院没有确认调解协议" in text and "十五日" not in text
