"""What is recorded of calls, events and jobs, and what never is."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comity.intake.v1 import intake_events_pb2 as events_pb
from comity.intake.v1 import intake_service_pb2 as pb

from services.common.messaging.consumer import Consumer, Reaction
from services.common.storage.jobs import Job, RetryLater, Worker
from services.common.storage.transaction import SYSTEM, Transaction
from services.common.traces import context, spans
from tests.integration.common.toy import kind, toy
from tests.integration.intake.conftest import Intake, a_filing
from tests.kit.clock import FakeClock
from tests.kit.collector import Collector, collecting
from tests.kit.events import publish
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_PARENT = f"00-{_TRACE}-00f067aa0ba902b7-01"
_SERVICE = "comity.intake.v1.IntakeService"


async def test_a_call_is_a_span_in_the_trace_of_its_caller(collector: Collector, intake: Intake) -> None:
    metadata = (*intake.as_person(intake.complainant), ("traceparent", _PARENT))
    await intake.call("FileMatter", a_filing(intake.organisation), metadata)
    span = await collector.one(f"{_SERVICE}/FileMatter")
    assert (span.trace, span.parent, span.kind, span.service) == (_TRACE, "00f067aa0ba902b7", "SERVER", "intake")
    assert span.attributes == {
        "rpc.system": "grpc",
        "rpc.service": _SERVICE,
        "rpc.method": "FileMatter",
        "rpc.grpc.status_code": 0,
    }
    assert not span.failed


async def test_its_event_is_published_in_the_same_trace(collector: Collector, intake: Intake) -> None:
    subscription = await intake.client.subscribe("comity.intake.v1.matter.received")
    await intake.client.flush()
    await intake.call("FileMatter", a_filing(intake.organisation), intake.as_person(intake.complainant))
    message = await subscription.next_msg(timeout=30)
    call = await collector.one(f"{_SERVICE}/FileMatter")
    published = await collector.one("publish comity.intake.v1.matter.received")
    assert call.parent == ""
    assert (published.trace, published.parent, published.kind) == (call.trace, call.id, "PRODUCER")
    assert (message.headers or {})[context.EVENT_HEADER] == f"00-{call.trace}-{published.id}-01"


async def test_a_refusal_is_an_answer_with_its_reason(collector: Collector, intake: Intake) -> None:
    request = pb.GetMatterRequest(name=f"matters/{uuid4()}")
    with pytest.raises(grpc.aio.AioRpcError):
        await intake.call("GetMatter", request, intake.as_officer())
    span = await collector.one(f"{_SERVICE}/GetMatter")
    assert span.attributes[spans.REASON] == "NOT_FOUND"
    assert span.attributes["rpc.grpc.status_code"] == grpc.StatusCode.NOT_FOUND.value[0]
    assert not span.failed


async def test_a_stranger_is_recorded_as_refused(collector: Collector, intake: Intake) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await intake.call("FileMatter", a_filing(intake.organisation), ())
    assert (await collector.one(f"{_SERVICE}/FileMatter")).attributes[spans.REASON] == "UNAUTHENTICATED"


async def test_a_streamed_answer_is_a_span(collector: Collector, intake: Intake) -> None:
    call = intake.stub.ReadMatterDossier(
        pb.ReadMatterDossierRequest(matter=f"matters/{uuid4()}", digest=bytes(32)),
        metadata=intake.as_service("mediation"),
        timeout=30,
    )
    with pytest.raises(grpc.aio.AioRpcError):
        _ = [each async for each in call]
    span = await collector.one(f"{_SERVICE}/ReadMatterDossier")
    assert span.attributes["rpc.grpc.status_code"] == grpc.StatusCode.NOT_FOUND.value[0]


async def test_a_trace_that_its_caller_does_not_record_is_carried_and_not_recorded(
    collector: Collector, intake: Intake
) -> None:
    subscription = await intake.client.subscribe("comity.intake.v1.matter.received")
    await intake.client.flush()
    metadata = (*intake.as_person(intake.complainant), ("traceparent", _PARENT[:-2] + "00"))
    await intake.call("FileMatter", a_filing(intake.organisation), metadata)
    header = ((await subscription.next_msg(timeout=30)).headers or {})[context.EVENT_HEADER]
    assert header.startswith(f"00-{_TRACE}-") and header.endswith("-00")
    await asyncio.to_thread(spans.stop)  # the collector answers in this loop
    assert collector.spans == [] or _TRACE not in {span.trace for span in collector.spans}


async def test_what_was_recorded_last_is_sent_before_the_end(collector: Collector) -> None:
    with spans.working("last", None):
        pass
    await asyncio.to_thread(spans.stop)
    await collector.one("job last")
    assert [span.name for span in collector.spans] == ["job last"]


async def test_a_share_of_nothing_is_nothing_but_what_callers_mark() -> None:
    async with collecting() as collector:
        spans.record("intake", collector.endpoint, 0.0)
        with spans.working("unmarked", None):
            assert context.current().endswith("-00"), "who goes on with it does not record either"
        with spans.working("marked", _PARENT):
            pass
        await asyncio.to_thread(spans.stop)
        await collector.one("job marked")
    assert [span.name for span in collector.spans] == ["job marked"]


async def test_the_words_of_an_error_are_not_recorded(collector: Collector) -> None:
    word = uuid4().hex

    async def fails(_request: Any, _rpc: Any) -> None:
        raise RuntimeError(word)

    with pytest.raises(RuntimeError):
        await spans.serving("/toy.v1.Toy/Fail", fails)(None, None)
    span = await collector.one("toy.v1.Toy/Fail")
    assert span.failed
    assert "RuntimeError" in span.everything
    assert word not in span.everything


async def test_a_job_belongs_to_the_trace_that_queued_it(
    collector: Collector, postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    seen: list[str] = []

    async def handler(job: Job) -> None:
        seen.append(context.trace_id())
        if job.attempts == 1:
            raise RetryLater("OTHER_SIDE_BUSY", timedelta(0)) if len(seen) == 1 else RuntimeError

    async with toy(postgres, nats, clock) as one:
        worker = asyncio.create_task(Worker(one.database, {"mail": kind(handler)}).run())
        context.enter(_PARENT)
        async with one.database.transaction(SYSTEM) as tx:
            tx.enqueue("mail", {})
        context.enter("")
        span = await collector.one("job mail")
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert (span.trace, span.parent) == (_TRACE, "00f067aa0ba902b7")
    assert (span.failed, span.attributes[spans.REASON]) == (True, "OTHER_SIDE_BUSY")
    assert set(seen) == {_TRACE}


async def test_a_reaction_belongs_to_the_trace_of_its_event_and_says_why_it_was_put_off(
    collector: Collector, postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    tries: list[str] = []

    async def apply(_tx: Transaction, _event: Any, _envelope: Any, _prepared: Any) -> None:
        tries.append(context.trace_id())
        if len(tries) == 1:
            raise KeyError("样本甲 SAMPLE")

    reactions = {"matter.withdrawn": Reaction(events_pb.MatterWithdrawn, apply)}
    async with toy(postgres, nats, clock, "mediation") as one:
        consumer = asyncio.create_task(Consumer(one.broker, one.database, "intake", reactions).run())
        client = await nats.connect()
        await _publish(client, clock)
        first = await collector.one("process comity.intake.v1.matter.withdrawn")
        await client.close()
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
    assert (first.trace, first.parent, first.kind) == (_TRACE, "00f067aa0ba902b7", "CONSUMER")
    assert (first.failed, first.attributes[spans.REASON]) == (True, "KeyError")
    assert "SAMPLE" not in first.everything
    assert set(tries) == {_TRACE}


async def _publish(client: Any, clock: FakeClock) -> None:
    name = f"matters/{uuid4()}"
    event = events_pb.MatterWithdrawn(matter=name)
    more = {context.EVENT_HEADER: _PARENT}
    await publish(
        client, "intake", "matter.withdrawn", event, subject=name, version=1, time=clock.now(), further_headers=more
    )
