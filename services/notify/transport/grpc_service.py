"""The gRPC service: translate, call, translate."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID

from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as pb
from comity.notify.v1 import notify_service_pb2_grpc as pbg

from services.common.convert import enum_member
from services.common.kernel.ids import parse_name
from services.common.rpc.gate import current_principal
from services.common.rpc.handle import Calls
from services.common.rpc.pages import Key, Paging
from services.notify.application import reading
from services.notify.application.call_backs import get_call_back, record_call_back_attempt
from services.notify.application.manual_tasks import CompleteManualTask, complete_manual_task
from services.notify.application.ports import Channels, Templates
from services.notify.application.send_code import send_one_time_code
from services.notify.application.set_preferences import set_preferences
from services.notify.domain.call_back import CallBack
from services.notify.domain.values import CallBackState
from services.notify.storage.transaction import NotifyTransaction
from services.notify.transport import translate

_NOTICES = Paging("notices", (datetime, UUID), lambda each: (each.create_time, each.id))
_MANUAL_TASKS = Paging("manual_tasks", (datetime, UUID), lambda each: (each.create_time, each.id))
_CALL_BACKS = Paging("call_backs", (datetime, UUID), lambda each: (each.due_time, each.id))


class NotifyServicer(pbg.NotifyServiceServicer):
    """Serves ``NotifyService``."""

    def __init__(self, calls: Calls[NotifyTransaction], channels: Channels, templates: Templates) -> None:
        self._calls = calls
        self._channels = channels
        self._templates = templates

    async def SendOneTimeCode(self, request: pb.SendOneTimeCodeRequest, context: Any) -> pb.SendOneTimeCodeResponse:
        await send_one_time_code(self._channels, self._templates, translate.one_time_code(request))
        return pb.SendOneTimeCodeResponse()

    async def ListNotices(self, request: pb.ListNoticesRequest, context: Any) -> pb.ListNoticesResponse:
        response = pb.ListNoticesResponse()
        return await self._calls.page(_NOTICES, request, response, reading.list_notices, translate.notice)

    async def GetPreferences(self, request: pb.GetPreferencesRequest, context: Any) -> pb.GetPreferencesResponse:
        account = current_principal().subject
        wanted = await self._calls.read(lambda tx: tx.people.preferences(account))
        return pb.GetPreferencesResponse(preferences=translate.preferences(wanted))

    async def SetPreferences(self, request: pb.SetPreferencesRequest, context: Any) -> pb.SetPreferencesResponse:
        return await self._calls.write(
            request,
            translate.preferences_from(request.preferences),
            set_preferences,
            lambda kept: pb.SetPreferencesResponse(preferences=translate.preferences(kept)),
            pb.SetPreferencesResponse,
        )

    async def ListManualTasks(self, request: pb.ListManualTasksRequest, context: Any) -> pb.ListManualTasksResponse:
        response = pb.ListManualTasksResponse()
        return await self._calls.page(
            _MANUAL_TASKS, request, response, reading.list_manual_tasks, translate.manual_task
        )

    async def CompleteManualTask(
        self, request: pb.CompleteManualTaskRequest, context: Any
    ) -> pb.CompleteManualTaskResponse:
        return await self._calls.write(
            request,
            CompleteManualTask(id=parse_name("manualTasks", request.name), remarks=request.remarks),
            complete_manual_task,
            lambda task: pb.CompleteManualTaskResponse(manual_task=translate.manual_task(task)),
            pb.CompleteManualTaskResponse,
        )

    async def ListCallBacks(self, request: pb.ListCallBacksRequest, context: Any) -> pb.ListCallBacksResponse:
        state = None
        if request.state:
            state = enum_member(notice_pb2.CallBackState.DESCRIPTOR, request.state, CallBackState)

        def rows(tx: NotifyTransaction, after: Key | None, count: int) -> Awaitable[list[CallBack]]:
            return reading.list_call_backs(tx, state, after, count)

        return await self._calls.page(_CALL_BACKS, request, pb.ListCallBacksResponse(), rows, translate.call_back)

    async def GetCallBack(self, request: pb.GetCallBackRequest, context: Any) -> pb.GetCallBackResponse:
        call_back_id = parse_name("callBacks", request.name)
        owed = await self._calls.read(lambda tx: get_call_back(tx, call_back_id))
        return pb.GetCallBackResponse(call_back=translate.call_back(owed))

    async def RecordCallBackAttempt(
        self, request: pb.RecordCallBackAttemptRequest, context: Any
    ) -> pb.RecordCallBackAttemptResponse:
        return await self._calls.write(
            request,
            translate.attempt(request),
            record_call_back_attempt,
            lambda owed: pb.RecordCallBackAttemptResponse(call_back=translate.call_back(owed)),
            pb.RecordCallBackAttemptResponse,
        )
