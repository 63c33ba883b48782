"""Loopback ports: chosen below the range the system hands out itself, so that a remembered one stays free.

Between the choice of a port and its server's start lies a second or more. Meanwhile a UDP socket of the same number, which
no server here uses, tells everybody who chooses in this way that it is spoken for; it goes with the process that chose.
"""

import secrets
import socket
from collections import deque

LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 15_000, 32_000

_spoken_for: deque[int] = deque()
"""The sockets' descriptors: they are kept until the process ends, and nobody forgot to close them."""
_LATEST = 64
"""So many are kept: the servers of older ones listen by now."""


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now. Connections still closing do not count as taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            # On Linux two sockets with SO_REUSEADDR may share an address until one listens.
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on, and nobody else has chosen lately."""
    while True:
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if _speak_for(port) and is_free(port):
            return port


def keep_or_replace(port: int | None) -> int:
    """The remembered port when it is free, else another."""
    if port is None or not is_free(port):
        return free_port()
    _speak_for(port)
    return port


def _speak_for(port: int) -> bool:
    """Whether nobody has yet, in this process or another."""
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return False
    _spoken_for.append(claim.detach())
    if len(_spoken_for) > _LATEST:
        socket.close(_spoken_for.popleft())
    return True
