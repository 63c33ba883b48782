"""The worker processes of a service: those that draw apart from those that sign, so that no paper delays a signature."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.common.settings import PaperSettings
from services.common.signing.drawings import Drawings
from services.common.signing.pool import TimeLimit, WorkerPool


@dataclass(frozen=True, slots=True)
class Workers:
    """``signing`` signs and verifies; ``drawing`` draws and freezes what ``drawings`` lets through."""

    signing: WorkerPool
    drawing: WorkerPool
    drawings: Drawings

    @classmethod
    def under(cls, settings: PaperSettings, resources: AsyncExitStack) -> "Workers":
        """Ready to be asked; ``resources`` ends them. A process is started by the first work for it."""
        limit = TimeLimit(settings.work_processor_seconds, settings.work_clock_seconds)
        signing = WorkerPool(settings.signing_workers, limit)
        drawing = WorkerPool(settings.drawing_workers, limit, yielding=True)
        drawings = Drawings(settings.drawing_workers, waiting=settings.drawings_waiting, share=settings.drawings_share)
        resources.callback(signing.close)
        resources.callback(drawing.close)
        resources.push_async_callback(drawings.close)
        return cls(signing, drawing, drawings)
