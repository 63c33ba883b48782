"""Tokens for tests, signed as identity signs them: hand ``issuer.key_set`` to the ``build`` of a service."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.kernel.clock import Clock
from services.common.kernel.principal import Role
from services.common.rpc.tokens import ACCESS_AUDIENCE, ALGORITHM, ISSUER, PROOF_AUDIENCE

LIFETIME = timedelta(minutes=10)


class TokenIssuer:
    """Stands in for identity. ``extra`` replaces or adds claims; a claim given as None is left out."""

    def __init__(self, clock: Clock, key_id: str = "test-key") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = key_id
        self._clock = clock

    async def key_set(self) -> str:
        """The public key as a JSON Web Key Set, as GetJsonWebKeySet answers it."""
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return json.dumps({"keys": [public | {"kid": self.key_id, "alg": ALGORITHM, "use": "sig"}]})

    def person(self, account_id: UUID, roles: Mapping[UUID, Iterable[Role]] | None = None, **extra: Any) -> str:
        """An access token of a person with these roles by organisation."""
        held = {
            str(organisation): sorted(role.value for role in names) for organisation, names in (roles or {}).items()
        }
        return self.sign({"aud": ACCESS_AUDIENCE, "sub": f"accounts/{account_id}", "roles": held, **extra})

    def service(self, name: str, **extra: Any) -> str:
        """An access token of a service."""
        return self.sign({"aud": ACCESS_AUDIENCE, "sub": f"services/{name}", **extra})

    def proof(self, account_id: UUID, subject: str, digest: bytes, **extra: Any) -> str:
        """A proof for one subject and the SHA-256 of its frozen document, as CompleteProof answers it."""
        claims = {"aud": PROOF_AUDIENCE, "sub": f"accounts/{account_id}", "subject": subject, "digest": digest.hex()}
        return self.sign({**claims, **extra})

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Signs the claims with iss, jti, iat and exp (ten minutes) filled in."""
        now = int(self._clock.now().timestamp())
        standard = {"iss": ISSUER, "jti": str(uuid4()), "iat": now, "exp": now + int(LIFETIME.total_seconds())}
        given = {name: value for name, value in {**standard, **claims}.items() if value is not None}
        return jwt.encode(given, self.key, algorithm=ALGORITHM, headers={"kid": self.key_id})


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """The call metadata for a token: ``await stub.Method(request, metadata=bearer(token), timeout=30)``."""
    return (("authorization", f"Bearer {token}"),)
