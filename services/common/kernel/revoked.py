"""Which tokens and proofs are no longer good although they have not expired; in memory, as asking costs every call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common.kernel.errors import DomainError, ErrorKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a token still counts: whose it is, of which sign-in, of which generation."""

    subject: str
    session: str
    generation: int

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Standing":
        return cls(str(claims["sub"]), f"signIns/{claims.get('sid', '')}", int(claims.get("gen", 0)))


class RevokedTokens:
    """By subject: ``accounts/...`` with the least generation that still counts, ``signIns/...`` that have ended."""

    def __init__(self) -> None:
        self._least: dict[str, tuple[int, datetime]] = {}

    def add(self, subject: str, generation: int, revoke_time: datetime) -> None:
        known = self._least.get(subject)
        if known is None or known[0] <= generation:
            self._least[subject] = generation, revoke_time

    def require_good(self, standing: Standing) -> None:
        """Raises TOKEN_REVOKED (UNAUTHENTICATED)."""
        least = self._least.get(standing.subject)
        if standing.session in self._least or (least is not None and standing.generation < least[0]):
            raise DomainError(
                ErrorKind.UNAUTHENTICATED,
                "TOKEN_REVOKED",
                "登录已被终止，请重新登录",
                "this sign-in was ended: sign in again",
            )

    def forget(self, past: datetime) -> None:
        """Those revoked before ``past``: their tokens have expired."""
        self._least = {subject: known for subject, known in self._least.items() if known[1] >= past}
