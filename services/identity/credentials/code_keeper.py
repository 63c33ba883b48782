"""Codes and keyed hashes (HMAC-SHA-256): without the key, which is not in the database, nothing tells a code."""

import hmac
import secrets
from hashlib import sha256

from services.identity.domain.challenge import Code


class HmacCodeKeeper:
    """Implements ``CodeKeeper`` with a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def code(self, code: Code) -> str:
        """The digits that follow from the code's id. What 256 bits leave over 10^12 favours none by more than 2^-216."""
        number = int.from_bytes(self.fingerprint("code", str(code.id)))
        return f"{number % 10**code.length.digits:0{code.length.digits}d}"

    def new_device(self) -> str:
        return secrets.token_urlsafe(32)

    def fingerprint(self, kind: str, text: str) -> bytes:
        return hmac.new(self._key, f"{kind}\x00{text}".encode(), sha256).digest()
