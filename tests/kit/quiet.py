"""Whether anything is on its way between services: in an outbox, in a stream, in a job."""

from collections.abc import Awaitable, Callable, Iterable

from nats.aio.client import Client

from deploy.local.nats_permissions import CONSUMES
from services.common.messaging.broker import stream_name
from tests.kit.events import read_to_the_end
from tests.kit.eventually import eventually

Count = Callable[[str, str], Awaitable[int]]
"""What this query counts in the database of this service."""

_WAITING = {"outbox": "SELECT count(*) FROM outbox", "jobs": "SELECT count(*) FROM jobs WHERE state = 'QUEUED'"}


async def quiet(
    services: Iterable[str], count: Count, connect: Callable[[], Awaitable[Client]], seconds: float = 90
) -> None:
    """Waits until no event and no job is anywhere, twice, and nothing was published in between.

    One look is not enough: an event may leave a stream after the jobs were counted, and before the stream is.
    """
    published: list[int] = []
    names = tuple(services)

    async def nothing_moves() -> bool:
        before = list(published)
        published.clear()
        for service in names:
            for what, query in _WAITING.items():
                found = await count(service, query)
                assert found == 0, f"{what} of {service}: {found}"
        published.extend(await _read_by_all(names, connect))
        return before == published

    await eventually(nothing_moves, seconds)


async def _read_by_all(services: Iterable[str], connect: Callable[[], Awaitable[Client]]) -> list[int]:
    """How many events each service has published, when every one was acknowledged by all who consume it."""
    client = await connect()
    try:
        for reader, sources in CONSUMES.items():
            for source in sources:
                assert await read_to_the_end(client, source, reader), f"{reader} has not read all of {source}"
        jetstream = client.jetstream(timeout=30)
        return [(await jetstream.stream_info(stream_name(service))).state.last_seq for service in services]
    finally:
        await client.close()
