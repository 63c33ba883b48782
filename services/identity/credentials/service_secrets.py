"""Checking the secrets of services: by digest and in constant time.

The right secret always counts: it is 256 random bits, so slowing guesses protects nothing that it does not protect by
itself. Wrong answers are throttled by place, so that a service that lost its secret does not fill the log.
"""

import hmac
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from services.common.kernel.clock import Clock
from services.identity.domain import errors

_WINDOW = timedelta(minutes=1)
_WRONG_TRIES = 10
_PLACES = 10_000


class ServiceSecrets:
    """``digests`` maps a service to the SHA-256 of its secret, in hexadecimal."""

    def __init__(self, digests: Mapping[str, str], clock: Clock) -> None:
        self._digests = {service: bytes.fromhex(digest) for service, digest in digests.items()}
        self._clock = clock
        self._wrong: dict[str, deque[datetime]] = defaultdict(deque)

    def require(self, service: str, secret: str, place: str) -> None:
        """Raises SECRET_REFUSED (UNAUTHENTICATED), or TOO_MANY_TRIES (EXHAUSTED) after ten wrong ones in a minute.

        ``place`` is the address of the caller.
        """
        expected = self._digests.get(service, bytes(32))
        right = hmac.compare_digest(sha256(secret.encode()).digest(), expected)
        if right and service in self._digests:
            return
        wrong = self._recent(place)
        if len(wrong) >= _WRONG_TRIES:
            raise errors.secret_guessing()
        wrong.append(self._clock.now())
        raise errors.secret_refused()

    def _recent(self, place: str) -> deque[datetime]:
        if len(self._wrong) > _PLACES:
            self._wrong.clear()
        wrong = self._wrong[place]
        while wrong and abs(self._clock.now() - wrong[0]) >= _WINDOW:
            wrong.popleft()
        return wrong
