"""Identifiers and resource names.

An id is a UUID of version 7 (RFC 9562): it sorts by creation, so index pages stay warm. Outside a service a resource is
known by its name, ``collection/id`` (AIP-122), and inside by its id.
"""

import re
import secrets
import time
from uuid import UUID, uuid5

from services.common.kernel.errors import invalid

_NAMESPACE = UUID("5f0c2c9e-7a51-4c0c-9b62-1a3d43c0f0aa")
_LOW_BITS = (1 << 62) - 1
_NAME = re.compile(r"([a-zA-Z]+)/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def new_id() -> UUID:
    """A fresh version 7 UUID. Its time is a hint for sorting and never read as a fact, so no clock is injected."""
    random = secrets.randbits(74)
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | random >> 62 << 64 | 0b10 << 62 | random & _LOW_BITS
    return UUID(int=value)


def derived_id(*parts: object) -> UUID:
    """The same parts always give the same id (UUID version 5): the key of an effect that must happen once."""
    return uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts))


def resource_name(collection: str, identifier: UUID) -> str:
    """``matters/018f...`` from ``matters`` and its id."""
    return f"{collection}/{identifier}"


def parse_name(collection: str, name: str, field: str = "name") -> UUID:
    """The id in a resource name of this collection.

    Raises MALFORMED_NAME (INVALID), naming the field, for anything else.
    """
    match = _NAME.fullmatch(name)
    if match is None or match.group(1) != collection:
        raise invalid("MALFORMED_NAME", f"应为 {collection}/ 加编号", f"expected {collection}/ and an id", field=field)
    return UUID(match.group(2))
