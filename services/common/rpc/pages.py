"""Page tokens (AIP-158): the sort key of the last row, opaque to the caller."""

import base64
import json
from typing import Any

from services.common.kernel.errors import invalid

DEFAULT_SIZE = 50
LARGEST_SIZE = 200


def page_size(asked: int) -> int:
    """The size to use for what was asked; 0 means the default of 50, at most 200."""
    return min(asked, LARGEST_SIZE) if asked else DEFAULT_SIZE


def encode_token(*key: Any) -> str:
    """A token for the row with this sort key (strings and numbers)."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_token(token: str, length: int) -> tuple[Any, ...] | None:
    """The sort key to go on after; None for the first page. Raises MALFORMED_PAGE_TOKEN."""
    if not token:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != length:
        raise invalid("MALFORMED_PAGE_TOKEN", "分页标记无效", "this page token is not ours", field="page_token")
    return tuple(key)
