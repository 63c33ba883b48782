"""Whether what failed is tried again, and whether that counts as a try: one answer for jobs and for consumers."""

from collections.abc import Set
from enum import Enum

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage.failures import away, contended


class Retry(Enum):
    """What a failure means for what shall be done."""

    WAITS = "WAITS"
    """What it needs is away or busy: tried again for as long as that lasts, and no try is used up."""
    COUNTS = "COUNTS"
    """A fault, here or on the other side: tried again, but not for ever."""
    FINAL = "FINAL"
    """Refused for good: trying again would change nothing."""


_WAITING = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.EXHAUSTED, ErrorKind.UNAUTHENTICATED})
"""The other side is away, has too much to do, or does not know this service's secret until the operator corrects it."""
FINAL = frozenset(ErrorKind) - _WAITING - {ErrorKind.CONFLICT, ErrorKind.FAULT}
"""What does not become right by itself. A conflict does: somebody was faster, and is read again. A fault of the other
side may be mended meanwhile."""


def retry_after(error: Exception, final: Set[ErrorKind] = FINAL) -> Retry:
    """What the failure tells by itself; what the surroundings know of it goes before (``Surroundings.explain``).

    ``final``: the kinds of refusal that end it. A consumer of events in any order names fewer: what is not found now may
    be on its way.
    """
    if isinstance(error, DomainError):
        if error.kind in _WAITING:
            return Retry.WAITS
        return Retry.FINAL if error.kind in final else Retry.COUNTS
    waits = isinstance(error, OSError) or away(error) or contended(error)
    return Retry.WAITS if waits else Retry.COUNTS


def reason_of(error: Exception) -> str:
    """A stable word for it; never its text, which may hold people's data."""
    return error.reason if isinstance(error, DomainError) else type(error).__name__
