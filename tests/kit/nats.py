"""One NATS server per pytest process, with a user for every service and its real permissions.

With `--servers given` it is the server of COMITY_TEST_NATS. Set up as an operator does it (``comity operator-setup nats
--secrets FOLDER``, and COMITY_TEST_SECRETS names that folder) it has the same users; else COMITY_TEST_NATS names a user who
may do everything, every service connects as that one, and tests of permissions are skipped.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import ServerError

from deploy.containers.suite_file import read_suite_file
from deploy.local.environment import address_of
from deploy.local.nats import EmbeddedNats
from deploy.local.nats_permissions import CONSUMES, EVERYTHING, OPERATOR, NatsUser, service_users
from deploy.local.passwords import new_password
from deploy.local.ports import LOOPBACK
from deploy.local.streams import create_streams
from tests.kit.events import read_to_the_end
from tests.kit.eventually import eventually


class KitNats:
    """The server of this pytest process. Safe to use from any event loop; connections are not."""

    def __init__(self, address: str, passwords: Mapping[str, str] | None = None, given_url: str | None = None) -> None:
        self.address = address
        self._passwords = passwords or {}
        self._given_url = given_url

    @property
    def has_users(self) -> bool:
        """Whether every service is a user of its own, with its permissions."""
        return self._given_url is None

    @classmethod
    @contextmanager
    def running(cls, folder: Path, servers: str = "embedded") -> Iterator["KitNats"]:
        """The given server of COMITY_TEST_NATS, or one (embedded, or in a container) that is removed afterwards."""
        if servers == "given":
            yield cls._given(os.environ["COMITY_TEST_NATS"], os.environ.get("COMITY_TEST_SECRETS"))
            return
        users = [
            *service_users({name: new_password() for name in CONSUMES}, CONSUMES),
            NatsUser(OPERATOR, new_password(), EVERYTHING),
        ]
        passwords = {user.name: user.password for user in users}
        if servers == "containers":
            from tests.kit.containers import nats_container  # noqa: PLC0415 - needs an engine

            with nats_container(users, folder) as port:
                yield cls(f"{LOOPBACK}:{port}", passwords)
            return
        server = EmbeddedNats(folder / "server", users, durable=False)
        asyncio.run(server.start())
        try:
            yield cls(f"{LOOPBACK}:{server.port}", passwords)
        finally:
            asyncio.run(server.stop())
            server.remove()

    @classmethod
    def _given(cls, url: str, secrets: str | None) -> "KitNats":
        address = address_of(url, 4222)
        if secrets is None:
            return cls(address, given_url=url)
        known = read_suite_file(Path(secrets))
        passwords = {name: entry.nats_password for name, entry in known.services.items()}
        return cls(address, passwords | {OPERATOR: known.operator_password})

    def require_users(self) -> None:
        """Skips the test where a given server was not set up with a user for every service."""
        if not self.has_users:
            pytest.skip(
                "COMITY_TEST_SECRETS names no folder that `comity operator-setup nats --secrets` set NATS up with"
            )

    def url(self, service: str = OPERATOR) -> str:
        """As COMITY_NATS_URL has it; without a service, of the user who may do everything."""
        if self._given_url is not None:
            return self._given_url
        return f"nats://{service}:{self._passwords[service]}@{self.address}"

    async def connect(self, service: str = OPERATOR) -> Client:
        """A client as that service; the caller closes it."""
        return await nats.connect(self.url(service), inbox_prefix=f"_INBOX.{service}", allow_reconnect=False)

    async def read_to_the_end(self, source: str, reader: str) -> bool:
        """Whether the reader has acknowledged whatever the source has published so far."""
        client = await self.connect()
        try:
            return await read_to_the_end(client, source, reader)
        finally:
            await client.close()

    async def create_streams(self) -> None:
        """The streams and consumers of every service, as the operator makes them."""

        async def made() -> bool:
            try:
                await create_streams(self.url(), tuple(CONSUMES), CONSUMES)
            except ServerError as error:  # the folder of a stream deleted a moment ago is not gone yet
                raise AssertionError(error.description) from error
            return True

        await eventually(made)

    async def delete_streams(self) -> None:
        """Forget every stream with its messages and consumers."""
        client = await self.connect()
        try:
            jetstream = client.jetstream()
            for stream in await jetstream.streams_info():
                await jetstream.delete_stream(str(stream.config.name))
        finally:
            await client.close()
