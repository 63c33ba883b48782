"""How often something may happen: so many times within a period, refilled evenly (a token bucket)."""

from dataclasses import dataclass
from datetime import timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` at once, and as many again within every ``period``."""

    count: int
    period: timedelta

    @property
    def interval(self) -> timedelta:
        """In which one more becomes free."""
        return self.period // self.count


@dataclass(frozen=True, slots=True)
class Bucket:
    """A rate for one asker, contact or house; ``key`` says of whom, in words."""

    key: str
    rate: Rate


UNANSWERED = Rate(10, _DAY)
"""Challenges for short codes that are not answered rightly, for each contact and lane."""

TAGGED = Rate(5, _DAY)
"""Codes to all spellings of one mailbox with a tag that no account has."""
