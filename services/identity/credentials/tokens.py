"""Signing access tokens and proofs (JWT, RFC 7519, ES256), and reading back the proofs that certificates rest on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError
from services.common.kernel.ids import new_id, parse_name
from services.common.rpc.tokens import ACCESS_AUDIENCE, ALGORITHM, ISSUER, PROOF_AUDIENCE, key_id, read_claims
from services.identity.application.certificates import Proof
from services.identity.application.ports import AccessToken
from services.identity.credentials.key_ring import KeyRing
from services.identity.domain import errors
from services.identity.domain.account import Account
from services.identity.domain.challenge import Challenge

LIFETIME = timedelta(minutes=10)
PROOF_GRACE = timedelta(hours=1)
"""A signature is made after its act was recorded; the certificate for it may be asked for that much later."""


class TokenSigner:
    """Signs with the key that is due at the clock's time."""

    def __init__(self, ring: KeyRing, clock: Clock) -> None:
        self._ring = ring
        self._clock = clock

    def for_person(self, account: Account, session: UUID) -> AccessToken:
        """A token of a session, with the roles held now."""
        roles: dict[str, list[str]] = {}
        for held in account.memberships:
            roles.setdefault(str(held.organisation), []).append(held.role.value)
        claims = {"sub": f"accounts/{account.id}", "roles": roles, "sid": str(session), "gen": account.generation}
        return self._sign({"aud": ACCESS_AUDIENCE, **claims})

    def for_service(self, name: str) -> AccessToken:
        return self._sign({"aud": ACCESS_AUDIENCE, "sub": f"services/{name}"})

    def proof(self, challenge: Challenge, account: Account, session: UUID | None) -> AccessToken:
        """What the person of the challenge proved: to sign this digest of this subject. It ends with the session."""
        claims = {
            "sub": f"accounts/{account.id}",
            "subject": challenge.meant.subject,
            "digest": challenge.meant.digest.hex(),
            "gen": account.generation,
            **({"sid": str(session)} if session else {}),
        }
        return self._sign({"aud": PROOF_AUDIENCE, **claims})

    def read_proof(self, token: str) -> Proof:
        """Raises PROOF_REFUSED (DENIED) for a forged one, and for one that expired more than an hour ago."""
        try:
            claims = self._claims(token, PROOF_AUDIENCE)
            account = parse_name("accounts", str(claims["sub"]))
            proof = Proof(account, str(claims["subject"]), bytes.fromhex(str(claims["digest"])))
        except (jwt.PyJWTError, DomainError, KeyError, ValueError):
            raise errors.proof_refused() from None
        if int(claims["exp"]) + PROOF_GRACE.total_seconds() <= self._clock.now().timestamp():
            raise errors.proof_refused()
        return proof

    def _sign(self, claims: dict[str, Any]) -> AccessToken:
        now = self._clock.now()
        expire_time = datetime.fromtimestamp(int((now + LIFETIME).timestamp()), now.tzinfo)
        standard = {
            "iss": ISSUER,
            "jti": str(new_id()),
            "iat": int(now.timestamp()),
            "exp": int(expire_time.timestamp()),
        }
        key = self._ring.signing_key(now)
        token = jwt.encode({**standard, **claims}, key.key, algorithm=ALGORITHM, headers={"kid": key.id})
        return AccessToken(token, expire_time)

    def _claims(self, token: str, audience: str) -> dict[str, Any]:
        return read_claims(token, self._ring.public_key(key_id(token)), audience)
