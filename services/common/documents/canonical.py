"""Canonical JSON (RFC 8785): the one byte string of a value, so that a digest of terms means exactly the terms."""

import hashlib
from typing import Any

import rfc8785

from services.common.kernel.errors import invalid


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value.

    Raises NOT_CANONICAL (INVALID) for what has no exact form: a float (money is integer minor units), an integer beyond
    2**53, a key that is not text, a lone surrogate, any other type.
    """
    try:
        _refuse_floats(value)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise invalid("NOT_CANONICAL", "数据无法规范化", "the value has no canonical form") from error


def sha256_hex(content: bytes) -> str:
    """The digest by which documents and attachments are known: 64 lower-case hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise rfc8785.CanonicalizationError("floats are not exact")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_floats(item)
