"""A manual task (人工告知): no channel reached somebody, so a person has to."""

from dataclasses import dataclass
from datetime import datetime

from services.common.kernel.errors import precondition
from services.common.kernel.events import Aggregate
from services.common.kernel.ids import resource_name
from services.notify.domain import events
from services.notify.domain.values import ManualTaskState


@dataclass(slots=True, kw_only=True)
class ManualTask(Aggregate):
    """``notice``, ``recipient`` and ``subject`` are resource names."""

    notice: str
    recipient: str
    subject: str
    state: ManualTaskState
    create_time: datetime
    remarks: str = ""

    @property
    def name(self) -> str:
        return resource_name("manualTasks", self.id)

    def created(self) -> None:
        self.record(events.ManualTaskCreated(manual_task=self.name, subject=self.subject))

    def complete(self, remarks: str) -> None:
        """The person was told otherwise. Raises MANUAL_TASK_DONE."""
        if self.state is ManualTaskState.DONE:
            raise precondition("MANUAL_TASK_DONE", "该任务已完成", "this task is done already")
        self.state, self.remarks = ManualTaskState.DONE, remarks
        self.record(events.ManualTaskCompleted(manual_task=self.name, subject=self.subject))
