"""A place for intake to run in, whose servers a test takes away and gives back."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.common import surroundings
from services.common.messaging import broker, consumer, relay
from services.common.rpc import server
from tests.integration.intake.conftest import migrate
from tests.integration.surroundings.standing import Place, ReshapedNats, Way, broker_users
from tests.kit.logs import service_logs
from tests.kit.postgres import KitPostgres


@pytest.fixture(scope="session")
def own_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReshapedNats]:
    """Not the kit's: it is restarted with other users, and without JetStream."""
    nats = ReshapedNats(tmp_path_factory.mktemp("own") / "nats", broker_users(), durable=False)
    yield nats
    asyncio.run(nats.stop())
    nats.remove()


@pytest.fixture
async def place(
    postgres: KitPostgres,
    own_nats: ReshapedNats,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Place]:
    monkeypatch.setattr(server, "HEALTH_SECONDS", 0.1)
    monkeypatch.setattr(surroundings, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(broker, "DENIED_SECONDS", 3.0)
    monkeypatch.setattr(relay, "PUBLISH_SECONDS", 2.0)
    monkeypatch.setattr(consumer, "EXPIRES_SECONDS", 0.3)
    # A busy machine that stands still for two seconds is no trouble of the kind that these tests make.
    monkeypatch.setattr(surroundings, "LOOK_SECONDS", 8.0)
    monkeypatch.setattr(surroundings, "LATELY_SECONDS", 5.0)
    monkeypatch.setattr(broker, "FIRST_SECONDS", 10.0)
    monkeypatch.setattr(broker, "_ASK_SECONDS", 5.0)
    database = await postgres.fresh_database("intake", migrate)
    parts = urlsplit(database.url)
    way = Way(str(parts.hostname), int(parts.port or 5432))
    await way.open()
    own_nats.users, own_nats.with_jetstream = tuple(broker_users()), True
    if own_nats.pid is None:
        await own_nats.start()
    written = StringIO()
    place = Place(database, way, own_nats, tmp_path, written)
    async with place.streams() as streams:
        for stream in await streams.streams_info():
            await streams.delete_stream(str(stream.config.name))
    await place.create_streams()
    await place.sql(f"INSERT INTO organisations VALUES ('{place.organisation}', 'INTAKE')")
    with service_logs():
        (handler,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
        handler.setStream(written)
        yield place
    await way.close()
    await postgres.drop(database)
