"""Between messages and what notify keeps."""

from datetime import UTC

from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb

from services.common.convert import enum_member, enum_number
from services.common.kernel.errors import invalid
from services.common.kernel.ids import parse_name
from services.notify.application.call_backs import RecordCallBackAttempt
from services.notify.application.send_code import SendOneTimeCode
from services.notify.domain.call_back import CallBack
from services.notify.domain.manual_task import ManualTask
from services.notify.domain.notice import Notice
from services.notify.domain.values import CodePurpose, NoticeChannel, Preferences

_CHANNEL = notice_pb2.NoticeChannel.DESCRIPTOR
_NOTICE_STATE = notice_pb2.NoticeState.DESCRIPTOR
_CALL_BACK_STATE = notice_pb2.CallBackState.DESCRIPTOR
_TASK_STATE = notice_pb2.ManualTaskState.DESCRIPTOR
_PURPOSE = notice_pb2.CodePurpose.DESCRIPTOR
_UNSPECIFIED = notice_pb2.NOTICE_CHANNEL_UNSPECIFIED


def one_time_code(request: pb.SendOneTimeCodeRequest) -> SendOneTimeCode:
    return SendOneTimeCode(
        contact=request.contact,
        code=request.code,
        locale=request.locale,
        purpose=enum_member(_PURPOSE, request.purpose, CodePurpose),
        expire_time=request.expire_time.ToDatetime(tzinfo=UTC),
    )


def preferences_from(message: notice_pb2.Preferences) -> Preferences:
    """Raises MALFORMED_REQUEST for a channel that is none."""
    if _UNSPECIFIED in message.channels:
        raise invalid("MALFORMED_REQUEST", "渠道不正确", "no such channel", field="preferences.channels")
    return Preferences(
        locale=message.locale,
        channels=tuple(enum_member(_CHANNEL, number, NoticeChannel) for number in message.channels),
        quiet_start=message.quiet_start,
        quiet_end=message.quiet_end,
    )


def preferences(wanted: Preferences) -> notice_pb2.Preferences:
    return notice_pb2.Preferences(
        locale=wanted.locale,
        channels=[enum_number(_CHANNEL, channel) for channel in wanted.channels],  # type: ignore[misc]
        quiet_start=wanted.quiet_start,
        quiet_end=wanted.quiet_end,
    )


def attempt(request: pb.RecordCallBackAttemptRequest) -> RecordCallBackAttempt:
    return RecordCallBackAttempt(
        id=parse_name("callBacks", request.name),
        version=request.version,
        connected=request.connected,
        rating=request.rating,
        remarks=request.remarks,
        reopen_requested=request.reopen_requested,
    )


def notice(told: Notice) -> notice_pb2.Notice:
    message = notice_pb2.Notice(
        name=told.name,
        template=told.template,
        subject=told.subject,
        title=told.text.title,
        body=told.text.body,
        state=enum_number(_NOTICE_STATE, told.state),  # type: ignore[arg-type]
    )
    message.create_time.FromDatetime(told.create_time)
    for tried in told.attempts:
        added = message.attempts.add(
            channel=enum_number(_CHANNEL, tried.channel),
            delivered=tried.delivered,
            evidence=tried.evidence,
        )
        added.attempt_time.FromDatetime(tried.attempt_time)
    return message


def manual_task(task: ManualTask) -> notice_pb2.ManualTask:
    message = notice_pb2.ManualTask(
        name=task.name,
        notice=task.notice,
        recipient=task.recipient,
        subject=task.subject,
        state=enum_number(_TASK_STATE, task.state),  # type: ignore[arg-type]
        remarks=task.remarks,
    )
    message.create_time.FromDatetime(task.create_time)
    return message


def call_back(owed: CallBack) -> notice_pb2.CallBack:
    message = notice_pb2.CallBack(
        name=owed.name,
        subject=owed.subject,
        recipient=owed.recipient,
        state=enum_number(_CALL_BACK_STATE, owed.state),  # type: ignore[arg-type]
        version=owed.version,
        provisional=owed.provisional,
    )
    message.due_time.FromDatetime(owed.due_time)
    for tried in owed.attempts:
        added = message.attempts.add(connected=tried.connected, rating=tried.rating, remarks=tried.remarks)
        added.attempt_time.FromDatetime(tried.attempt_time)
    return message
