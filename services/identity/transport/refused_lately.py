"""Who was refused a code a moment ago, so that asking again at once costs next to nothing.

The buckets in the database decide; this repeats what they said, for no longer than they told the asker to wait.
"""

from collections import OrderedDict
from copy import copy
from datetime import datetime, timedelta

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError

_LONGEST = timedelta(seconds=1)
"""Another replica may have given a sending back meanwhile; an asker is always told to wait for a second at least."""
_PLACES = 4096


class RefusedLately:
    """Of one process. The oldest is forgotten when there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusals: OrderedDict[str, tuple[datetime, DomainError]] = OrderedDict()

    def standing(self, asker: str) -> DomainError | None:
        """The refusal that would be repeated now: a new one each time, since what is raised keeps where it came from."""
        until, refusal = self._refusals.get(asker, (None, None))
        return copy(refusal) if until is not None and self._clock.now() < until else None

    def keep(self, asker: str, refusal: DomainError) -> None:
        self._refusals[asker] = (self._clock.now() + _LONGEST, copy(refusal))
        self._refusals.move_to_end(asker)
        if len(self._refusals) > _PLACES:
            self._refusals.popitem(last=False)

    def forget(self) -> None:
        """Something was given back, and who was refused for want of it may have it."""
        self._refusals.clear()
