"""Tracing changes nothing for those who are served: with none asked for, and with a collector that is away."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from deploy.local.ports import free_port
from services.common.traces import context, spans
from services.common.traces.otlp import CLOSE_SECONDS, QUEUE
from tests.integration.intake.conftest import Intake, a_filing

_PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(params=["nobody listens", "never answers"])
def absent(request: pytest.FixtureRequest) -> Iterator[None]:
    """To be asked for before ``intake``: recording for a collector that takes nothing."""
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        port = silent.getsockname()[1] if request.param == "never answers" else free_port()
        spans.record("intake", f"http://127.0.0.1:{port}", 1.0)
        yield
        spans.stop()


async def test_what_the_caller_names_goes_with_its_events_though_nothing_is_recorded(intake: Intake) -> None:
    subscription = await intake.client.subscribe("comity.intake.v1.matter.received")
    await intake.client.flush()
    metadata = (*intake.as_person(intake.complainant), ("traceparent", _PARENT))
    await intake.call("FileMatter", a_filing(intake.organisation), metadata)
    assert ((await subscription.next_msg(timeout=30)).headers or {})[context.EVENT_HEADER] == _PARENT


async def test_without_a_trace_an_event_names_none(intake: Intake) -> None:
    subscription = await intake.client.subscribe("comity.intake.v1.matter.received")
    await intake.client.flush()
    metadata = (*intake.as_person(intake.complainant), ("traceparent", "00-nonsense"))
    await intake.call("FileMatter", a_filing(intake.organisation), metadata)
    assert context.EVENT_HEADER not in ((await subscription.next_msg(timeout=30)).headers or {})


async def test_an_absent_collector_changes_nothing(absent: None, intake: Intake) -> None:
    subscription = await intake.client.subscribe("comity.intake.v1.matter.received")
    await intake.client.flush()
    for _ in range(20):
        matter = await intake.file(intake.as_person(intake.complainant))
        assert matter.number
    for _ in range(20):
        await subscription.next_msg(timeout=30)


def test_an_absent_collector_holds_up_nobody(absent: None) -> None:
    started = time.monotonic()
    for _ in range(QUEUE * 2):
        with spans.working("mail", None):
            pass
    assert time.monotonic() - started < 20, "what does not fit the queue is dropped and not waited for"
    started = time.monotonic()
    spans.stop()
    assert time.monotonic() - started < CLOSE_SECONDS + 10, "not as long as the exporter would try: a minute"
