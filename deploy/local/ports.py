"""Loopback ports: chosen below the range the system hands out itself, so that a remembered one stays free."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 15_000, 32_000


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
    """A port nobody listens on, picked at random so that two programs choosing at once rarely meet."""
    while True:
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port):
            return port


def keep_or_replace(port: int | None) -> int:
    """The remembered port when it is free, else another."""
    return port if port is not None and is_free(port) else free_port()
