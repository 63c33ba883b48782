"""Connections to NATS that are encrypted or are not made: for services and for the operator's tools.

nats-py encrypts when the server's first line says so, also under ``tls://``: whoever can forge that line would be handed
the password in the clear.
"""

import ssl
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.errors import SecureConnRequiredError


class ReturningClient(Client):
    """A client that tries again after a handshake that failed, also where the server asked for it and not we."""

    async def _process_connect_init(self) -> None:
        try:
            await super()._process_connect_init()
        except Exception:
            # Python 3.11 tells nobody that a connection ended during its handshake: waiting for that would never end.
            if self._transport is not None:
                self._transport.close()
                self._transport = None
            raise


class EncryptedClient(ReturningClient):
    """A client that names its user only to a server that has proved who it is."""

    def _connect_command(self) -> bytes:
        # The one hook of nats-py between the server's first line, or its handshake, and the password.
        if not self._server_info.get("tls_required"):
            raise SecureConnRequiredError
        command: bytes = super()._connect_command()
        return command


def client_for(url: str, ca_file: Path | None) -> tuple[Client, dict[str, Any]]:
    """A client, and the options to connect with. ``tls://``, or a file of certificate authorities (PEM), demands TLS.

    Without such a file the system's authorities are believed. The server's name is always checked.
    """
    if not url.startswith("tls://") and ca_file is None:
        return ReturningClient(), {}
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return EncryptedClient(), {"tls": context}
