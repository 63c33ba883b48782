"""One-time codes, and call-backs through the real server."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from comity.intake.v1 import intake_events_pb2
from comity.notify.v1 import notice_pb2, notify_events_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from services.common.kernel.principal import Role
from tests.integration.notify.conftest import Notify, refused
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer


def a_code(notify: Notify, contact: str) -> pb.SendOneTimeCodeRequest:
    request = pb.SendOneTimeCodeRequest(
        contact=contact, code="424242", locale="zh", purpose=notice_pb2.CODE_PURPOSE_SIGN_IN
    )
    request.expire_time.FromDatetime(notify.clock.now() + timedelta(minutes=10))
    return request


async def test_a_code_leaves_at_once_and_nothing_of_it_stays(
    notify: Notify, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    as_identity = bearer(notify.issuer.service("identity"))
    await notify.call("SendOneTimeCode", a_code(notify, "a@sample.example"), as_identity)
    (mail,) = notify.mail.to("a@sample.example")
    assert "424242" in mail.get_content() and "09:10" in mail.get_content()
    await notify.call("SendOneTimeCode", a_code(notify, "+8613800000001"), as_identity)
    assert len(list(notify.outbox.glob("text_messages/*.json"))) == 1
    connection = await asyncpg.connect(notify.database.superuser_url)
    for table in ("notices", "jobs", "replies", "event_log", "outbox"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    await connection.close()
    assert "424242" not in caplog.text + "".join(capsys.readouterr())


async def test_only_identity_sends_codes_and_a_dead_server_is_said_so(notify: Notify) -> None:
    request = a_code(notify, "a@sample.example")
    assert await refused(notify.call("SendOneTimeCode", request, notify.as_officer())) == "ACCESS_DENIED"
    as_identity = bearer(notify.issuer.service("identity"))
    notify.mail.answer = "451 busy"
    assert await refused(notify.call("SendOneTimeCode", request, as_identity)) == "CODE_NOT_SENT"
    notify.outbox.rename(notify.outbox.with_name("away"))
    by_text = a_code(notify, "+8613800000001")
    assert await refused(notify.call("SendOneTimeCode", by_text, as_identity)) == "STORAGE_UNAVAILABLE"
    for contact in (
        "nobody",
        "a:b;@host",
        "root,x@host",
        "(n)x@host",
        '"x@host',
        "<x@host",
        "x@",
        "@host",
        "+1",
        "+٣٤٥٦٧٨٩",
    ):
        wrong = a_code(notify, contact)
        assert await refused(notify.call("SendOneTimeCode", wrong, as_identity)) in (
            "CONTACT_MALFORMED",
            "MALFORMED_REQUEST",
        )


async def owed(notify: Notify) -> notice_pb2.CallBack:
    await notify.officer_can_be_reached()
    matter, mine, _ = await notify.received()
    concluded = intake_events_pb2.MatterConcluded(
        matter=matter, number="2026-000001", party=mine, regime="PEOPLES@2024"
    )
    await notify.hear("intake", "matter.concluded", concluded, matter, version=5)

    async def listed() -> Any:
        request = pb.ListCallBacksRequest(state=notice_pb2.CALL_BACK_STATE_DUE)
        return (await notify.call("ListCallBacks", request, notify.as_officer())).call_backs

    return (await eventually(listed))[0]


async def record(notify: Notify, call_back: notice_pb2.CallBack, **fields: Any) -> notice_pb2.CallBack:
    request = pb.RecordCallBackAttemptRequest(
        request_id=str(uuid4()), name=call_back.name, version=call_back.version, **fields
    )
    return (await notify.call("RecordCallBackAttempt", request, notify.as_officer())).call_back


async def test_a_concluded_matter_owes_a_call_that_officers_hear_of_and_record(notify: Notify) -> None:
    subscription = await notify.client.jetstream().subscribe("comity.notify.v1.call_back.completed", stream="NOTIFY")
    call_back = await owed(notify)
    assert call_back.due_time.ToDatetime().date().isoformat() == "2026-03-03"
    missed = await record(notify, call_back, connected=False)
    assert missed.state == notice_pb2.CALL_BACK_STATE_DUE
    assert await refused(record(notify, call_back, connected=True, rating=5)) == "STALE_VERSION"
    done = await record(notify, missed, connected=True, rating=5)
    assert done.state == notice_pb2.CALL_BACK_STATE_DONE
    event = notify_events_pb2.CallBackCompleted.FromString((await subscription.next_msg(timeout=30)).data)
    assert (event.subject, event.rating) == (call_back.subject, 5)
    elsewhere = bearer(notify.issuer.person(uuid4(), {uuid4(): [Role.INTAKE_OFFICER]}))
    get = pb.GetCallBackRequest(name=call_back.name)
    assert await refused(notify.call("GetCallBack", get, elsewhere)) == "NOT_FOUND"
    (seen,) = (await notify.call("ListCallBacks", pb.ListCallBacksRequest(), notify.as_officer())).call_backs
    assert [call.connected for call in seen.attempts] == [False, True]


async def test_a_person_who_wants_to_reopen_is_passed_on(notify: Notify) -> None:
    call_back = await owed(notify)
    done = await record(notify, call_back, connected=True, rating=1, remarks="未退款", reopen_requested=True)
    assert done.state == notice_pb2.CALL_BACK_STATE_REOPEN_REQUESTED


async def test_a_call_that_nobody_makes_shows_as_lapsed(notify: Notify) -> None:
    await owed(notify)
    connection = await asyncpg.connect(notify.database.superuser_url)
    notify.clock.advance(timedelta(days=3))

    async def lapsed() -> bool:
        return bool(await connection.fetchval("SELECT count(*) = 1 FROM deadlines WHERE state = 'LAPSED'"))

    await eventually(lapsed)
    await connection.close()
