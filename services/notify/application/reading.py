"""Lists: the caller's own notices, and what the caller's organisations owe."""

from typing import TYPE_CHECKING

from services.notify.application.call_backs import OFFICERS
from services.notify.domain.call_back import CallBack
from services.notify.domain.manual_task import ManualTask
from services.notify.domain.notice import Notice
from services.notify.domain.values import CallBackState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.notify.storage.transaction import NotifyTransaction

    Key = tuple[datetime, UUID]


async def list_notices(tx: "NotifyTransaction", after: "Key | None", size: int) -> list[Notice]:
    """The caller's own, the newest first."""
    return await tx.notices.page(tx.caller.subject, after, size)


async def list_manual_tasks(tx: "NotifyTransaction", after: "Key | None", size: int) -> list[ManualTask]:
    """Open tasks of the organisations in which the caller is officer or supervisor, the oldest first."""
    return await tx.manual_tasks.page(_organisations(tx), after, size)


async def list_call_backs(
    tx: "NotifyTransaction", state: CallBackState | None, after: "Key | None", size: int
) -> list[CallBack]:
    """Call-backs of those organisations, the earliest due first."""
    return await tx.call_backs.page(_organisations(tx), state, after, size)


def _organisations(tx: "NotifyTransaction") -> "list[UUID]":
    return [organisation for organisation, roles in tx.caller.roles.items() if roles & OFFICERS]
