"""Manual tasks: what no channel could deliver."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.notify.application.call_backs import OFFICERS
from services.notify.domain.manual_task import ManualTask

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteManualTask:
    id: UUID
    remarks: str


async def complete_manual_task(tx: "NotifyTransaction", command: CompleteManualTask) -> ManualTask:
    """Records that the person was told otherwise. Raises NOT_FOUND, MANUAL_TASK_DONE."""
    task = await tx.manual_tasks.get(command.id)
    if not tx.caller.holds_any(OFFICERS, task.organisation_id):
        raise not_found()
    tx.authority = f"officer of organisations/{task.organisation_id}"
    task.complete(command.remarks)
    await tx.manual_tasks.save(task)
    return task
