"""The network address that a call comes from, as limits count it."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import unquote

_NETWORK_BITS = 64
"""What one household or office is given of IPv6."""


def place_of(peer: str) -> str:
    """``ipv4:192.0.2.1:5000`` as ``192.0.2.1``, an IPv6 address as its /64; anything else (a socket file) as it is."""
    kind, _, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6"):
        return kind
    host = rest.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return kind
    return _network(address)


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _NETWORK_BITS), strict=False))
