"""Handing a code to notify, which stores nothing: the one thing that travels by call because no event may carry it."""

from collections.abc import Callable
from typing import Any

from comity.notify.v1 import notice_pb2
from comity.notify.v1 import notify_service_pb2 as notify_pb

from services.common.rpc.bearer import carrying
from services.common.rpc.client import CALL_SECONDS, answered
from services.identity.application.codes import Issued
from services.identity.domain.challenge import Purpose

_PURPOSES = {
    Purpose.SIGN_IN: notice_pb2.CODE_PURPOSE_SIGN_IN,
    Purpose.VERIFY_CONTACT: notice_pb2.CODE_PURPOSE_VERIFY_CONTACT,
    Purpose.CONFIRM_CHANGE: notice_pb2.CODE_PURPOSE_CONFIRM_CHANGE,
    Purpose.CLAIM_INVITATION: notice_pb2.CODE_PURPOSE_CLAIM_INVITATION,
    Purpose.SIGN_DOCUMENT: notice_pb2.CODE_PURPOSE_SIGN_DOCUMENT,
}


class CodeSender:
    """``token`` gives identity's own token, which notify asks for."""

    def __init__(self, notify: Any, token: Callable[[], str]) -> None:
        self._notify = notify
        self._token = token

    async def send(self, issued: Issued) -> None:
        """Raises a DomainError when notify cannot be reached or cannot send."""
        challenge = issued.challenge
        request = notify_pb.SendOneTimeCodeRequest(
            contact=challenge.meant.contact.value,
            code=issued.code,
            locale=issued.locale,
            purpose=_PURPOSES[challenge.meant.purpose],
        )
        request.expire_time.FromDatetime(challenge.expire_time)
        metadata = (carrying(self._token()),)
        await answered(self._notify.SendOneTimeCode(request, metadata=metadata, timeout=CALL_SECONDS))
