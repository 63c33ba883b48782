"""The token that a call carries in its metadata (RFC 6750, 2.1)."""

from collections.abc import Iterable
from typing import Any

_KEY = "authorization"
_SCHEME = "Bearer"


def carrying(token: str) -> tuple[str, str]:
    """The entry of a call's metadata."""
    return _KEY, f"{_SCHEME} {token}"


def carried(metadata: Iterable[tuple[str, Any]] | None) -> str:
    """The token of a call that arrived; empty when it carries none."""
    for key, value in metadata or ():
        if key == _KEY:
            scheme, _, token = str(value).partition(" ")
            if scheme.lower() == _SCHEME.lower() and token:
                return token
    return ""
