"""Whatever one caller holds open, sends or leaves unread: everybody else is answered."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import intake_service_pb2_grpc as pbg
from grpc_health.v1 import health_pb2

from services.common.rpc.errors import refusal_of
from services.common.rpc.lanes import ACCOUNT
from tests.integration.rpc.guarded import CHUNK_BYTES, DOSSIER, LABORIOUS, SERVICE, Guarded, guarded
from tests.integration.rpc.refusals import refused
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually

SERVING = int(health_pb2.HealthCheckResponse.SERVING)
Status = grpc.StatusCode


@pytest.fixture
async def server(clock: FakeClock) -> AsyncIterator[Guarded]:
    async with guarded(clock) as running:
        yield running


@pytest.mark.parametrize("count", [200, 1000])
async def test_headers_without_a_message_shut_nobody_out(server: Guarded, count: int) -> None:
    stranger, person = (), server.as_person(uuid4())
    for caller in (stranger, person):
        opened = [
            channel.stream_unary(f"{SERVICE}/GetMatter")(metadata=caller) for channel in await server.channels(count)
        ]
        await _everybody_is_served(server)
        first = opened[0]
        assert (await refused(first)).reason in ("UNAUTHENTICATED", "REQUEST_TOO_LATE"), "the oldest gave way"
        await _everybody_is_served(server)


async def test_a_method_that_does_not_exist_holds_nothing(server: Guarded) -> None:
    calls = [channel.stream_unary("/nobody.v1.Nothing/Do")() for channel in await server.channels(200)]
    assert {(await refused(call)).reason for call in calls} == {"UNKNOWN_METHOD"}
    await _everybody_is_served(server)


@pytest.mark.parametrize("method", ["Check", "Watch"])
async def test_open_calls_of_health_shut_nobody_out(server: Guarded, method: str) -> None:
    path = f"/grpc.health.v1.Health/{method}"
    opened = [channel.stream_stream(path)() for channel in await server.channels(200)]
    await _everybody_is_served(server)
    watches = [channel.unary_stream(path)(b"") for channel in await server.channels(200)]
    await _everybody_is_served(server)
    assert len(opened) == len(watches) == 200


async def test_reflection_where_it_is_on_ends_the_oldest_of_too_many(clock: FakeClock) -> None:
    async with guarded(clock, reflect=True) as server:
        path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        opened = [channel.stream_stream(path)() for channel in await server.channels(200)]
        await _everybody_is_served(server)
        with pytest.raises(grpc.aio.AioRpcError):
            await opened[0].read()


async def test_answers_left_unread_shut_nobody_out(server: Guarded) -> None:
    request = pb.ReadMatterDossierRequest(matter="matters/1", digest=bytes(32))
    slow = []
    for channel in await server.channels(200):
        stub = pbg.IntakeServiceStub(channel)  # type: ignore[no-untyped-call]
        slow.append(stub.ReadMatterDossier(request, metadata=server.as_service()))
    for each in slow:
        await each.read()
    await _everybody_is_served(server)
    assert await server.dossier() == DOSSIER * CHUNK_BYTES


async def test_one_account_has_its_own_places_and_no_others(server: Guarded) -> None:
    greedy = server.as_person(uuid4())
    sent = [asyncio.ensure_future(_outcome(server.wait(greedy))) for _ in range(ACCOUNT.open + 40)]
    await eventually(lambda: _is(sum(call.done() for call in sent) == 40))
    assert server.servicer.waiting == ACCOUNT.running
    await _everybody_is_served(server)
    refused = [refusal_of(each.result()) for each in sent if each.done()]
    assert {each.reason for each in refused} == {"TOO_MANY_CALLS"}
    assert all("retry_time" in each.metadata for each in refused)
    server.servicer.released.set()
    answered = [each for each in await asyncio.gather(*sent) if isinstance(each, pb.ListMattersResponse)]
    assert len(answered) == ACCOUNT.open, "those beyond what runs at once had their turn"
    await server.get(greedy)


async def test_whose_calls_hold_up_everybody_has_to_wait(server: Guarded) -> None:
    greedy = server.as_person(uuid4())
    await server.get(greedy, LABORIOUS)
    error = await _error(server.get(greedy))
    refusal = refusal_of(error)
    assert (error.code(), refusal.reason) == (Status.RESOURCE_EXHAUSTED, "TOO_MUCH_WORK")
    assert "retry_time" in refusal.metadata
    await _everybody_is_served(server)


async def test_who_has_no_work_left_is_refused_before_a_large_message_is_read(server: Guarded) -> None:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    greedy = server.as_person(uuid4())
    await server.get(greedy, LABORIOUS)
    call = server.honest.stream_unary(f"{SERVICE}/FileMatter")(never(), metadata=greedy)
    assert (await refused(call)).reason == "TOO_MUCH_WORK"


async def test_accounts_together_do_not_take_the_share_of_services(clock: FakeClock) -> None:
    async with guarded(clock, ceiling=20) as server:
        people = [server.as_person(uuid4()) for _ in range(12)]
        held = [asyncio.ensure_future(server.wait(caller)) for caller in people]
        await eventually(lambda: _is(server.servicer.waiting == 12))
        assert (await refused(server.get(server.as_person(uuid4())))).reason == "TOO_MANY_CALLS"
        assert await server.dossier() == DOSSIER * CHUNK_BYTES
        assert await server.health() == SERVING
        server.servicer.released.set()
        await asyncio.gather(*held)


async def test_a_stranger_is_refused_before_the_message_is_read(server: Guarded) -> None:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    call = server.honest.stream_unary(f"{SERVICE}/FileMatter")(never())
    assert (await refused(call)).reason == "UNAUTHENTICATED"


@pytest.mark.parametrize("count", [0, 2])
async def test_a_call_has_exactly_one_message(server: Guarded, count: int) -> None:
    async def messages() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b""

    call = server.honest.stream_unary(f"{SERVICE}/GetMatter")(messages(), metadata=server.as_person())
    refusal = await refused(call)
    assert (refusal.code, refusal.reason) == (Status.INVALID_ARGUMENT, "MALFORMED_REQUEST")


async def test_each_method_has_its_own_largest_message(server: Guarded) -> None:
    for method, most, size in (("GetMatter", 64 * 1024, "64 KiB"), ("FileMatter", 1024 * 1024, "1 MiB")):
        call = server.honest.unary_unary(f"{SERVICE}/{method}")
        refusal = await refused(call(bytes(most + 1), metadata=server.as_person(), timeout=30))
        assert (refusal.code, refusal.reason) == (Status.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
        assert size in refusal.en


async def test_a_compressed_message_counts_as_what_it_becomes(server: Guarded) -> None:
    call = server.honest.unary_unary(f"{SERVICE}/GetMatter")
    for size, words in ((64 * 1024 + 1, True), (200 * 1024 * 1024, False)):
        error = await _error(
            call(bytes(size), metadata=server.as_person(), timeout=60, compression=grpc.Compression.Gzip)
        )
        assert error.code() is Status.RESOURCE_EXHAUSTED
        assert (refusal_of(error).reason == "REQUEST_TOO_LARGE") is words, "gRPC ends the larger one, part way through"
    await _everybody_is_served(server)


async def _everybody_is_served(server: Guarded) -> None:
    await server.get()
    await server.get(server.as_person(uuid4()))
    assert await server.health() == SERVING


async def _is(true: bool) -> bool:
    return true


async def _outcome(call: Any) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        return error


async def _error(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value
