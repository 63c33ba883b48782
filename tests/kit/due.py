"""A day as a clock gives it, for what is tried without a clock."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Day:
    """Satisfies ``services.common.deadlines.DueDay``."""

    due_date: date
    provisional: bool = False
