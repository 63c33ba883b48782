"""Codes and keyed hashes (HMAC-SHA-256): without the key, which is not in the database, a hash tells nothing."""

import hmac
import secrets
from hashlib import sha256
from uuid import UUID


class HmacCodeKeeper:
    """Implements ``CodeKeeper`` with a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def new_code(self) -> str:
        return f"{secrets.randbelow(10**6):06d}"

    def hash_code(self, challenge_id: UUID, code: str) -> bytes:
        return self.fingerprint("code", f"{challenge_id} {code}")

    def fingerprint(self, kind: str, text: str) -> bytes:
        return hmac.new(self._key, f"{kind}\x00{text}".encode(), sha256).digest()
