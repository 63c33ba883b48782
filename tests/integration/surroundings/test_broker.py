"""Whatever keeps intake from its broker: it says which and what to do; what it accepted meanwhile is published after."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from deploy.local.ports import LOOPBACK
from services.common.messaging import broker
from tests.integration.surroundings.standing import NATS_PASSWORD, Place, Way, without_publishing

Trouble = Callable[[Place], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def unreachable(place: Place) -> AsyncIterator[None]:
    await place.nats.stop()
    yield
    await place.nats.start()


@asynccontextmanager
async def another_password(place: Place) -> AsyncIterator[None]:
    await place.nats.know(lambda user: replace(user, password="another"))
    yield
    await place.nats.know(lambda user: replace(user, password=NATS_PASSWORD))


@asynccontextmanager
async def without_jetstream(place: Place) -> AsyncIterator[None]:
    place.nats.with_jetstream = False
    await place.nats.again()
    yield
    place.nats.with_jetstream = True
    await place.nats.again()


@asynccontextmanager
async def no_stream(place: Place) -> AsyncIterator[None]:
    async with place.streams() as streams:
        await streams.delete_stream("INTAKE")
    yield
    await place.create_streams()


@asynccontextmanager
async def no_consumer(place: Place) -> AsyncIterator[None]:
    async with place.streams() as streams:
        await streams.delete_consumer("MEDIATION", "intake")
    yield
    await place.create_streams()


@asynccontextmanager
async def may_not_publish(place: Place) -> AsyncIterator[None]:
    allowed = {user.name: user for user in place.nats.users}["intake"]
    await place.nats.know(lambda user: without_publishing(user, "comity.intake.v1"))
    await place.leave_an_event()
    yield
    await place.nats.know(lambda user: allowed)


@asynccontextmanager
async def may_not_consume(place: Place) -> AsyncIterator[None]:
    allowed = {user.name: user for user in place.nats.users}["intake"]
    await place.nats.know(lambda user: without_publishing(user, "$JS.API.CONSUMER.MSG.NEXT.MEDIATION"))
    yield
    await place.nats.know(lambda user: allowed)


@asynccontextmanager
async def full(place: Place) -> AsyncIterator[None]:
    async with place.streams() as streams:
        config = (await streams.stream_info("INTAKE")).config
        await streams.update_stream(replace(config, max_bytes=1))
    await place.leave_an_event()
    yield
    async with place.streams() as streams:
        await streams.update_stream(config)


TROUBLES: list[tuple[Trouble, str]] = [
    (unreachable, "BROKER_UNREACHABLE"),
    (another_password, "BROKER_PASSWORD_WRONG"),
    (without_jetstream, "BROKER_WITHOUT_JETSTREAM"),
    (no_stream, "BROKER_STREAM_MISSING"),
    (no_consumer, "BROKER_CONSUMER_MISSING"),
    (may_not_publish, "BROKER_RIGHT_MISSING"),
    (may_not_consume, "BROKER_RIGHT_MISSING"),
    (full, "BROKER_FULL"),
]
# nats-py leaves the end of a connection that was refused to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function StreamWriter.__del__:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    """What is left to the garbage collector is collected here, and not in a later test that knows nothing of it."""
    yield
    gc.collect()


every_trouble = pytest.mark.parametrize(("trouble", "reason"), TROUBLES, ids=[each.__name__ for each, _ in TROUBLES])


@every_trouble
async def test_a_start_without_its_broker_waits_and_begins_by_itself(
    trouble: Trouble, reason: str, place: Place
) -> None:
    async with place.ends_in(trouble(place)) as put_right, place.service() as intake:
        await intake.becomes("broker", reason)
        await intake.file()
        await put_right()
        await intake.becomes_ready()
        await intake.published(1)
    _require_short_log(place, reason)


@every_trouble
async def test_a_broker_lost_and_found_costs_no_restart_and_no_event(
    trouble: Trouble, reason: str, place: Place
) -> None:
    async with place.service() as intake:
        await intake.becomes_ready()
        async with trouble(place):
            await intake.becomes("broker", reason)
            await intake.file()
        await intake.becomes_ready()
        await intake.file()
        await intake.published(2)
    _require_short_log(place, reason)


async def test_a_connection_to_the_broker_that_never_answers_again_is_given_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "PING_SECONDS", 0.5)
    way = Way(LOOPBACK, place.nats.port)
    await way.open()
    url = f"nats://intake:{NATS_PASSWORD}@{LOOPBACK}:{way.port}"
    async with place.service(place.settings(nats_url=url)) as intake:
        await intake.file()
        await intake.published(1)
        way.lose()
        await intake.file()
        await intake.published(2)
        await intake.becomes_ready()
    await way.close()


def _require_short_log(place: Place, reason: str) -> None:
    """The reason, and where the broker was restarted that it was gone: one line each, and nothing of the loops."""
    told = place.told("broker")
    assert reason in told and set(told) <= {"BROKER_UNREACHABLE", reason}
    assert len(told) <= 3
    assert [line for line in place.log() if line["level"] != "info" and line["event"] != "not_ready"] == []
