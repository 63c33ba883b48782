"""Reading the tokens that identity signs (JWT, RFC 7519; ES256 only), with the injected clock.

A verified token is remembered until it expires, so that the signature is checked once and not with every call.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.principal import Principal, Role
from services.common.kernel.revoked import RevokedTokens, Standing

ISSUER = "comity-identity"
ACCESS_AUDIENCE = "comity"
PROOF_AUDIENCE = "comity-proof"
ALGORITHM = "ES256"
_REMEMBERED = 4096
_REFRESH_SECONDS = 1
"""How long after a reading of the keys an unknown one is not looked for again, whoever it was that asked: a key is published
long before it signs, so that the reading has brought it. Short, for keys that are replaced by hand."""

KeySetSource = Callable[[], Awaitable[str]]


def key_id(token: str) -> str:
    """The key a token says it is signed by. Raises jwt.PyJWTError."""
    return str(jwt.get_unverified_header(token).get("kid", ""))


def read_claims(token: str, key: Any, audience: str) -> dict[str, Any]:
    """The claims of a token signed by the key for the audience; its times are the caller's to judge, by its own clock.

    Raises jwt.PyJWTError.
    """
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=audience,
        issuer=ISSUER,
        options={
            "require": ["exp", "iat", "sub", "jti", "aud", "iss"],
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )
    return claims


class TokenVerifier:
    """Verifies access tokens and proofs against identity's published keys."""

    def __init__(self, key_set: KeySetSource, clock: Clock) -> None:
        self.revoked = RevokedTokens()
        self._source = key_set
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._reading: asyncio.Task[None] | None = None
        self._read_time: datetime | None = None
        self._failure: BaseException | None = None
        self._remembered: OrderedDict[str, tuple[Principal, int, Standing]] = OrderedDict()

    @property
    def ready(self) -> bool:
        return bool(self._keys)

    async def refresh(self) -> None:
        """Reads the key set anew, once for all who ask meanwhile; one of them that leaves ends it for nobody.

        Raises what the source raises.
        """
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._have_read)
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        document = json.loads(await self._source())
        self._keys = {key["kid"]: jwt.PyJWK(key, algorithm=ALGORITHM) for key in document["keys"]}

    def _have_read(self, reading: asyncio.Task[None]) -> None:
        self._reading, self._read_time = None, self._clock.now()
        self._failure = None if reading.cancelled() else reading.exception()

    async def principal(self, token: str) -> Principal:
        """The caller that an access token names. Raises TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED (UNAUTHENTICATED)."""
        known = self._remembered.get(token)
        if known is None:
            claims = await self.claims(token, ACCESS_AUDIENCE)
            known = _principal(claims), int(claims["exp"]), Standing.of(claims)
            self._remember(token, known)
        if known[1] <= self._clock.now().timestamp():
            raise _expired()
        self.revoked.require_good(known[2])
        return known[0]

    async def claims(self, token: str, audience: str) -> dict[str, Any]:
        """The verified claims of a token for this audience. Raises TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED."""
        try:
            claims = read_claims(token, await self._key(key_id(token)), audience)
        except jwt.PyJWTError:
            raise _malformed() from None
        if int(claims["exp"]) <= self._clock.now().timestamp():
            raise _expired()
        self.revoked.require_good(Standing.of(claims))
        return claims

    async def _key(self, identifier: str) -> jwt.PyJWK:
        if identifier not in self._keys:
            await self._look_again()
        if identifier not in self._keys:
            raise _malformed()
        return self._keys[identifier]

    async def _look_again(self) -> None:
        """Reads the keys anew, or takes what the last reading came to when that was a moment ago."""
        if self._reading is not None or self._may_read():
            await self.refresh()
        elif self._failure is not None:
            raise self._failure.with_traceback(None)

    def _may_read(self) -> bool:
        if self._read_time is None:
            return True
        return abs((self._clock.now() - self._read_time).total_seconds()) >= _REFRESH_SECONDS

    def _remember(self, token: str, known: tuple[Principal, int, Standing]) -> None:
        self._remembered[token] = known
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)


def _principal(claims: dict[str, Any]) -> Principal:
    kind, _, identifier = str(claims["sub"]).partition("/")
    if kind == "services":
        return Principal(service=identifier, token_id=str(claims["jti"]))
    if kind != "accounts":
        raise _malformed()
    roles = {
        UUID(organisation): frozenset(Role(role) for role in held)
        for organisation, held in claims.get("roles", {}).items()
    }
    session = UUID(claims["sid"]) if "sid" in claims else None
    return Principal(account_id=UUID(identifier), roles=roles, token_id=str(claims["jti"]), session_id=session)


def _malformed() -> DomainError:
    return DomainError(
        ErrorKind.UNAUTHENTICATED, "TOKEN_INVALID", "登录凭证无效，请重新登录", "this token is not valid: sign in again"
    )


def _expired() -> DomainError:
    return DomainError(
        ErrorKind.UNAUTHENTICATED, "TOKEN_EXPIRED", "登录已过期，请重新登录", "your sign-in has expired: sign in again"
    )
