"""One NATS server per pytest process, with a user for every service and its real permissions.

COMITY_TEST_NATS (``nats://user:password@host:port`` of a user who may do everything) uses a given server: every
service connects as that user then, and tests of permissions are skipped.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from deploy.local.nats import EmbeddedNats
from deploy.local.nats_permissions import CONSUMES, EVERYTHING, OPERATOR, NatsUser, service_users
from deploy.local.passwords import new_password
from deploy.local.streams import create_streams


class KitNats:
    """The server of this pytest process. Safe to use from any event loop; connections are not."""

    def __init__(self, given_url: str | None = None, embedded: EmbeddedNats | None = None) -> None:
        self._given_url = given_url
        self.embedded = embedded

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["KitNats"]:
        """The given server of COMITY_TEST_NATS, or an embedded one that is removed afterwards."""
        if given := os.environ.get("COMITY_TEST_NATS"):
            yield cls(given_url=given)
            return
        services = service_users({name: new_password() for name in CONSUMES}, CONSUMES)
        operator = NatsUser(OPERATOR, new_password(), EVERYTHING)
        server = EmbeddedNats(folder / "server", [*services, operator], durable=False)
        asyncio.run(server.start())
        try:
            yield cls(embedded=server)
        finally:
            asyncio.run(server.stop())
            server.remove()

    def url(self, service: str = OPERATOR) -> str:
        """As COMITY_NATS_URL has it; without a service, of the user who may do everything."""
        if self.embedded is not None:
            return self.embedded.url_for(service)
        assert self._given_url is not None
        return self._given_url

    async def connect(self, service: str = OPERATOR) -> Client:
        """A client as that service; the caller closes it."""
        return await nats.connect(self.url(service), inbox_prefix=f"_INBOX.{service}", allow_reconnect=False)

    async def create_streams(self) -> None:
        """The streams and consumers of every service, as the operator makes them."""
        await create_streams(self.url(), tuple(CONSUMES), CONSUMES)

    async def delete_streams(self) -> None:
        """Forget every stream with its messages and consumers."""
        client = await self.connect()
        try:
            jetstream = client.jetstream()
            for stream in await jetstream.streams_info():
                await jetstream.delete_stream(str(stream.config.name))
        finally:
            await client.close()
