"""How a notice reaches its person, over a mail server that may refuse, hang and come back."""

import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from tests.integration.notify.conftest import Notify, refused
from tests.kit.eventually import eventually


async def test_a_server_that_is_busy_is_tried_again_with_growing_pauses(notify: Notify) -> None:
    notify.mail.answer = "451 busy, try later"
    await notify.received()
    await eventually(lambda: len(notify.mail.seen) == 1)
    await notify.as_time_passes(lambda: len(notify.mail.seen) >= 2)
    notify.mail.answer = "250 kept"
    (mail,) = await notify.as_time_passes(lambda: notify.mail.to("a@sample.example"))
    assert {seen["Message-ID"] for seen in notify.mail.seen} == {mail["Message-ID"]}


async def test_a_refused_mail_goes_by_text_message_which_tells_no_substance(notify: Notify) -> None:
    notify.mail.answer = "550 no such mailbox"
    await notify.received(email="gone@sample.example", phone="+8613800000001")
    folder = notify.outbox / "text_messages"
    await eventually(lambda: folder.exists() and list(folder.glob("*.json")))
    (file,) = folder.glob("*.json")
    record = json.loads(file.read_text())
    assert record["to"] == "+8613800000001"
    assert "2026-000001" in record["text"] and record["delivered"] is False
    assert "样本甲" not in record["text"]


async def test_a_text_message_waits_for_the_morning(notify: Notify) -> None:
    notify.clock.set(notify.clock.now().replace(hour=14))
    await notify.received(phone="+8613800000001")
    connection = await asyncpg.connect(notify.database.superuser_url)

    async def put_off() -> bool:
        return bool(await connection.fetchval("SELECT count(*) = 2 FROM jobs"))

    await eventually(put_off)
    assert not list(notify.outbox.glob("text_messages/*.json"))
    notify.clock.advance(timedelta(hours=10, minutes=1))
    await eventually(lambda: list(notify.outbox.glob("text_messages/*.json")))
    await connection.close()


async def test_an_outbox_folder_that_is_away_uses_up_no_try_and_is_not_made_anew(notify: Notify) -> None:
    away = notify.outbox.rename(notify.outbox.with_name("away"))
    await notify.received(phone="+8613800000001")
    connection = await asyncpg.connect(notify.database.superuser_url)
    waits = (
        "SELECT 1 FROM jobs WHERE state = 'QUEUED' AND last_error = 'FOLDER_MISSING' AND attempts = 0 AND run_time > $1"
    )
    for _ in range(6):
        notify.clock.advance(timedelta(minutes=10))
        await eventually(lambda: connection.fetchval(waits, notify.clock.now()))
    assert not notify.outbox.exists()
    away.rename(notify.outbox)
    await notify.as_time_passes(lambda: list(notify.outbox.glob("*/*.json")))

    async def delivered() -> bool:
        return bool(await connection.fetchval("SELECT state = 'DELIVERED' FROM notices"))

    await eventually(delivered)
    assert await connection.fetchval("SELECT jsonb_array_length(attempts) FROM notices") == 1
    assert await notify.tasks() == []
    await connection.close()


async def test_a_mail_server_away_for_two_hours_costs_nobody_a_notice(notify: Notify) -> None:
    notify.mail.answer = "421 no service here"
    await notify.received()
    connection = await asyncpg.connect(notify.database.superuser_url)
    waits = (
        "SELECT 1 FROM jobs WHERE state = 'QUEUED' AND last_error = 'CHANNEL_AWAY' AND attempts = 0 AND run_time > $1"
    )
    for _ in range(12):
        await eventually(lambda: connection.fetchval(waits, notify.clock.now()))
        notify.clock.advance(timedelta(minutes=10))
    assert await notify.tasks() == []
    notify.mail.answer = "250 kept"
    await notify.as_time_passes(lambda: notify.mail.to("a@sample.example"))

    async def delivered() -> bool:
        return bool(await connection.fetchval("SELECT state = 'DELIVERED' FROM notices"))

    await eventually(delivered)
    assert len(notify.mail.to("a@sample.example")) == 1
    assert await connection.fetchval("SELECT jsonb_array_length(attempts) FROM notices") == 1
    await connection.close()


async def test_when_no_channel_is_left_somebody_is_asked_to_tell_the_person(notify: Notify) -> None:
    notify.mail.answer = "550 no such mailbox"
    matter, mine, _ = await notify.received(email="gone@sample.example")
    (task,) = await eventually(notify.tasks)
    assert (task.subject, task.recipient, task.state) == (matter, mine, notice_pb2.MANUAL_TASK_STATE_OPEN)
    done = pb.CompleteManualTaskRequest(request_id=str(uuid4()), name=task.name, remarks="当面告知")
    assert await refused(notify.call("CompleteManualTask", done, notify.as_person(uuid4()))) == "ACCESS_DENIED"
    await notify.call("CompleteManualTask", done, notify.as_officer())
    assert await notify.tasks() == []
    again = pb.CompleteManualTaskRequest(request_id=str(uuid4()), name=task.name, remarks="x")
    assert await refused(notify.call("CompleteManualTask", again, notify.as_officer())) == "MANUAL_TASK_DONE"


async def test_a_person_without_any_contact_is_not_forgotten(notify: Notify) -> None:
    await notify.received(display_name="样本乙")
    assert await eventually(notify.tasks)


async def test_a_try_that_was_interrupted_is_sent_again_under_the_same_message_id(notify: Notify) -> None:
    notify.mail.answer = "451 later"
    await notify.received()
    await eventually(lambda: len(notify.mail.seen) == 1)
    connection = await asyncpg.connect(notify.database.superuser_url)

    async def noted() -> bool:
        return bool(await connection.fetchval("SELECT count(*) = 2 FROM jobs"))

    await eventually(noted)
    # As if the process had died after the server's yes: a try is noted as begun, and its end is not.
    await connection.execute(
        "UPDATE notices SET state = 'SENT', attempts = jsonb_set(attempts, '{0,evidence}', '\"\"')"
    )
    notify.mail.answer = "250 kept"
    (mail,) = await notify.as_time_passes(lambda: notify.mail.to("a@sample.example"))
    assert mail["Message-ID"] == notify.mail.seen[0]["Message-ID"]
    assert mail["X-Comity-Notice"] == mail["Message-ID"].strip("<>").split("@")[0]

    async def ended() -> bool:
        return bool(await connection.fetchval("SELECT (attempts -> 0 -> 'delivered')::boolean FROM notices"))

    await eventually(ended)
    assert await connection.fetchval("SELECT jsonb_array_length(attempts) FROM notices") == 1
    await connection.close()


async def test_preferences_choose_language_and_channel(notify: Notify) -> None:
    account = uuid4()
    wanted = notice_pb2.Preferences(locale="en", channels=[notice_pb2.NOTICE_CHANNEL_TEXT_MESSAGE])
    request = pb.SetPreferencesRequest(request_id=str(uuid4()), preferences=wanted)
    await notify.call("SetPreferences", request, notify.as_person(account))
    kept = await notify.call("GetPreferences", pb.GetPreferencesRequest(), notify.as_person(account))
    assert kept.preferences == wanted
    await notify.received(account=f"accounts/{account}", email="a@sample.example", phone="+8613800000001", locale="zh")
    await eventually(lambda: list(notify.outbox.glob("text_messages/*.json")))
    (notice,) = await notify.notices(account)
    assert notice.title.startswith("[样本 SAMPLE] We received")
    assert notify.mail.seen == []
    wanted.quiet_start = "25:00"
    wrong = pb.SetPreferencesRequest(request_id=str(uuid4()), preferences=wanted)
    assert await refused(notify.call("SetPreferences", wrong, notify.as_person(account))) == "MALFORMED_TIME"
