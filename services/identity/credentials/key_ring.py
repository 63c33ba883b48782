"""The keys that tokens are signed with (ECDSA on P-256), one after the other on a schedule.

Each is a file named by the second from which it signs. The next one is published long before it signs, and the one
before for as long as something it signed can still be shown.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.common.rpc.tokens import ALGORITHM
from services.identity.credentials.key_folder import read_secret, write_secret

RETAINED = timedelta(hours=2)
"""Longer than any token, or any proof that a certificate is still issued for."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that signs from ``active_from`` (seconds since the epoch) on."""

    id: str
    active_from: int
    key: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> dict[str, object]:
        """RFC 7517."""
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": self.id, "alg": ALGORITHM, "use": "sig"}


class KeyRing:
    """The keys in a folder that replicas share. ``keep`` is called under the lock of the key folder."""

    def __init__(self, folder: Path, period: timedelta) -> None:
        self._folder = folder
        self._period = period
        self._keys: tuple[TokenKey, ...] = ()

    def keep(self, now: datetime) -> None:
        """Makes the first and the next key where they lack, deletes those of no more use, reads the rest."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._keys = self._read()
        if not self._keys:
            self._add(int(now.timestamp()))
        if self._keys[-1].active_from <= now.timestamp():
            following = self._keys[-1].active_from + int(self._period.total_seconds())
            self._add(max(following, int((now + RETAINED).timestamp())))
        self._drop_retired(now)

    def signing_key(self, now: datetime) -> TokenKey:
        """The newest key whose time has come."""
        active = [key for key in self._keys if key.active_from <= now.timestamp()]
        return active[-1] if active else self._keys[0]

    def public_key(self, identifier: str) -> ec.EllipticCurvePublicKey:
        """Raises InvalidKeyError for a key that is not, or no longer, ours."""
        for key in self._keys:
            if key.id == identifier:
                return key.key.public_key()
        raise jwt.InvalidKeyError("unknown key")

    async def key_set(self) -> str:
        """Every public key that something shown may be signed with, now or next, as JSON."""
        return json.dumps({"keys": [key.public for key in self._keys]})

    def _read(self) -> tuple[TokenKey, ...]:
        return tuple(sorted(map(_load, self._folder.glob("[!.]*.pem")), key=lambda key: key.active_from))

    def _add(self, active_from: int) -> None:
        added = TokenKey(secrets.token_hex(8), active_from, ec.generate_private_key(ec.SECP256R1()))
        pem = added.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_secret(self._path(added), pem)
        self._keys = (*self._keys, added)

    def _drop_retired(self, now: datetime) -> None:
        kept = []
        for key, successor in zip(self._keys, [*self._keys[1:], None], strict=True):
            if successor is not None and successor.active_from <= (now - RETAINED).timestamp():
                self._path(key).unlink(missing_ok=True)
            else:
                kept.append(key)
        self._keys = tuple(kept)

    def _path(self, key: TokenKey) -> Path:
        return self._folder / f"{key.active_from:012d}-{key.id}.pem"


def _load(path: Path) -> TokenKey:
    active_from, _, identifier = path.stem.partition("-")
    key = serialization.load_pem_private_key(read_secret(path), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} holds no key on an elliptic curve")
    return TokenKey(identifier, int(active_from), key)
