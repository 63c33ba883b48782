"""Tests speak to this machine only. An audit hook sees every socket that Python opens, whatever the library."""

import ipaddress
import sys
from typing import Any

_guarded = False


def guard_sockets() -> None:
    """From now on a connection or a look-up beyond loopback raises. There is no way back: audit hooks stay."""
    global _guarded
    if not _guarded:
        sys.addaudithook(_refuse_outside)
        _guarded = True


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_local(str(address[0])):
            raise RuntimeError(f"a test tried to reach {address[0]}: only loopback is allowed")
    elif event == "socket.getaddrinfo" and arguments[0] is not None and not _is_local(_text(arguments[0])):
        raise RuntimeError(f"a test tried to look up {_text(arguments[0])}: only loopback is allowed")


def _text(host: str | bytes) -> str:
    return host.decode(errors="replace") if isinstance(host, bytes) else host


def _is_local(host: str) -> bool:
    if host in ("", "localhost", "localhost.localdomain"):
        return True
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
