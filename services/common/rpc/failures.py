"""What a failing database or disk means to a caller: nothing was written, and trying again is safe."""

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.rpc.errors import storage_unavailable
from services.common.storage.failures import FAILURES, away, contended
from services.common.surroundings import Surroundings


async def refusal_for_failure(error: BaseException, surroundings: Surroundings) -> DomainError | None:
    """BUSY (CONFLICT), STORAGE_UNAVAILABLE (UNAVAILABLE), or None when what failed is the code and not what it stands on.

    A missing right or table may be either; then the schema is looked at.
    """
    if contended(error):
        return DomainError(ErrorKind.CONFLICT, "BUSY", "系统繁忙，请重试", "busy: try again")
    if away(error) or isinstance(error, OSError):
        surroundings.notice(error)
        return storage_unavailable()
    if isinstance(error, FAILURES) and await surroundings.explain(error):
        return storage_unavailable()
    return None
