"""What the server answers to what nobody should send: always in words, and it answers the next one."""

import asyncio
import os
import socket
import subprocess
import sys
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comity.common.v1 import party_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.intake.v1 import matter_pb2

from services.common.kernel.errors import ErrorKind
from services.common.rpc.errors import MOST_VIOLATIONS, refusal_of
from services.common.rpc.server import Server
from services.common.rpc.tokens import TokenVerifier
from services.common.surroundings import Surroundings
from tests.integration.intake.conftest import Intake, a_filing
from tests.integration.rpc.refusals import refusal_in, refused

_SERVICE = "/comity.intake.v1.IntakeService"
_FILING_BYTES = 1024 * 1024
_IMPORT_BYTES = 2 * 1024 * 1024
"""Of the largest request that intake takes."""
Status = grpc.StatusCode


async def test_an_unknown_method_is_refused_in_words(intake: Intake) -> None:
    for method in (f"{_SERVICE}/DropMatter", "/nobody.v1.Nothing/Do", "/x"):
        refusal = await refused(intake.channel.unary_unary(method)(b"anything", timeout=30))
        assert (refusal.code, refusal.reason) == (Status.UNIMPLEMENTED, "UNKNOWN_METHOD")
    await _still_answers(intake)


@pytest.mark.parametrize(
    "body",
    [b"\xff\xff\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x03\xed\xa0\x80", b"\x0a\x02\xc3\x28", bytes(range(256))],
    ids=["no tag", "length beyond the end", "lone surrogate", "broken UTF-8", "every byte"],
)
async def test_garbage_instead_of_a_message_is_refused_in_words(intake: Intake, body: bytes) -> None:
    call = intake.channel.unary_unary(f"{_SERVICE}/FileMatter")
    refusal = await refused(call(body, metadata=intake.as_person(intake.complainant), timeout=30))
    assert (refusal.code, refusal.reason) == (Status.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    await _still_answers(intake)


async def test_a_message_beyond_the_limit_is_refused_in_words(intake: Intake) -> None:
    call = intake.channel.unary_unary(f"{_SERVICE}/FileMatter")
    for size in (_FILING_BYTES + 1, 2 * _FILING_BYTES):
        refusal = await refused(call(bytes(size), metadata=_me(intake), timeout=30))
        assert (refusal.code, refusal.reason) == (Status.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
        assert "1 MB" in refusal.zh and "1 MiB" in refusal.en
    await _still_answers(intake)


async def test_a_message_of_a_hundred_megabytes_is_turned_away_before_it_is_read(intake: Intake) -> None:
    call = intake.channel.unary_unary(f"{_SERVICE}/FileMatter")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(bytes(100 * 1024 * 1024), metadata=_me(intake), timeout=30)
    assert caught.value.code() is Status.RESOURCE_EXHAUSTED
    assert str(2 * _IMPORT_BYTES) in str(caught.value.details()), "the limit is named"
    understood = refusal_of(caught.value)
    assert (understood.kind, understood.zh) == (ErrorKind.EXHAUSTED, "发送的内容过大，或者请求过多")
    await _still_answers(intake)


async def test_metadata_of_two_hundred_kilobytes_is_turned_away(intake: Intake) -> None:
    metadata = (*intake.as_person(intake.complainant), ("x-padding", "p" * 200_000))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await intake.call("FileMatter", a_filing(intake.organisation), metadata)
    assert caught.value.code() in (Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE, Status.INTERNAL)
    assert "Unexpected <class" not in str(caught.value.details())
    await _still_answers(intake)


async def test_a_call_without_a_deadline_is_answered(intake: Intake) -> None:
    response = await intake.stub.FileMatter(a_filing(intake.organisation), metadata=_me(intake))
    assert response.matter.name


async def test_a_deadline_of_a_millisecond_has_no_effect_but_its_own(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    for _ in range(20):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await intake.stub.FileMatter(request, metadata=_me(intake), timeout=0.001)
        assert caught.value.code() in (Status.DEADLINE_EXCEEDED, Status.UNAVAILABLE)
    first = (await intake.call("FileMatter", request, _me(intake))).matter
    assert (await intake.call("FileMatter", request, _me(intake))).matter == first
    assert len(await _mine(intake)) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        (("authorization", ""),),
        (("authorization", "Bearer"),),
        (("authorization", "Bearer not.a.token"),),
        (("authorization", "Basic YTpi"),),
        (("authorization", f"Bearer {'a' * 9000}"),),
    ],
    ids=["none", "empty", "no token", "no token at all", "another scheme", "a long one"],
)
async def test_a_stranger_is_asked_to_sign_in(intake: Intake, metadata: Any) -> None:
    refusal = await refused(intake.call("FileMatter", a_filing(intake.organisation), metadata))
    assert refusal.code is Status.UNAUTHENTICATED
    assert refusal.reason in ("UNAUTHENTICATED", "TOKEN_INVALID")


async def test_a_request_id_means_one_request(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    first = (await intake.call("FileMatter", request, _me(intake))).matter
    assert (await intake.call("FileMatter", request, _me(intake))).matter == first
    other = a_filing(intake.organisation)
    other.request_id, other.facts = request.request_id, "另一件事 SAMPLE"
    refusal = await refused(intake.call("FileMatter", other, _me(intake)))
    assert (refusal.code, refusal.reason) == (Status.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert refusal.fields == ("request_id",)
    withdrawal = pb.WithdrawMatterRequest(request_id=request.request_id, name=first.name, version=first.version)
    assert (await refused(intake.call("WithdrawMatter", withdrawal, _me(intake)))).reason == "REQUEST_ID_REUSED"


async def test_fifty_copies_at_once_have_one_effect(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    calls = [intake.call("FileMatter", request, _me(intake)) for _ in range(50)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    answers = [each.matter.name for each in outcomes if not isinstance(each, BaseException)]
    refusals = [refusal_in(each) for each in outcomes if isinstance(each, grpc.aio.AioRpcError)]
    assert len(answers) + len(refusals) == 50
    assert len(set(answers)) == 1
    assert {each.code for each in refusals} <= {Status.ABORTED, Status.UNAVAILABLE}, "all may be sent again"
    assert (await intake.call("FileMatter", request, _me(intake))).matter.name == answers[0]
    assert await _mine(intake) == [answers[0]]


async def test_a_stale_version_is_refused_and_a_current_one_is_not(intake: Intake) -> None:
    matter = await intake.file(_me(intake))
    request = pb.TriageMatterRequest(
        request_id=str(uuid4()),
        name=matter.name,
        version=matter.version + 7,
        regime="PEOPLES",
        severity=matter_pb2.SEVERITY_ORDINARY,
    )
    refusal = await refused(intake.call("TriageMatter", request, intake.as_officer()))
    assert (refusal.code, refusal.reason) == (Status.ABORTED, "STALE_VERSION")
    request.version = matter.version
    await intake.call("TriageMatter", request, intake.as_officer())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("王\ue000", "U+E000"),
        ("王\x00", "U+0000"),
        ("\u202eliA", "U+202E"),
        ("王\u2066小", "U+2066"),
        ("王\n小", ""),
        ("   ", ""),
        ("", ""),
    ],
    ids=ascii,
)
async def test_a_name_that_cannot_be_printed_is_refused_naming_the_character(
    intake: Intake, name: str, said: str
) -> None:
    request = a_filing(intake.organisation)
    request.complainant.display_name = name
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert refusal.code is Status.INVALID_ARGUMENT
    assert refusal.fields == ("complainant.display_name",)
    assert said in refusal.en and said in refusal.zh
    await _still_answers(intake)


@pytest.mark.parametrize(
    ("currency", "minor_units"),
    [("CNY", -1), ("CNY", 2**63 - 1), ("CNY", -(2**63)), ("", 5), ("cny", 5), ("RMB元", 5), ("XXQ", 5)],
)
async def test_absurd_money_is_refused(intake: Intake, currency: str, minor_units: int) -> None:
    request = a_filing(intake.organisation)
    request.amount.currency, request.amount.minor_units = currency, minor_units
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert refusal.code is Status.INVALID_ARGUMENT
    assert refusal.fields and refusal.fields[0].startswith("amount")


@pytest.mark.parametrize("field", ["facts", "request", "subject_matter"])
@pytest.mark.parametrize("value", ["长" * 300_000, "甲\x00乙"], ids=["most of a megabyte", "NUL"])
async def test_text_that_is_too_long_or_not_text_is_refused(intake: Intake, field: str, value: str) -> None:
    request = a_filing(intake.organisation)
    setattr(request, field, value)
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert refusal.code is Status.INVALID_ARGUMENT
    assert refusal.fields == (field,)
    await _still_answers(intake)


@pytest.mark.parametrize("field", ["identity_number", "address", "region_code", "email", "phone", "locale"])
@pytest.mark.parametrize("value", ["长" * 300_000, "甲\x00乙"], ids=["most of a megabyte", "NUL"])
async def test_particulars_that_are_too_long_or_not_text_are_refused(intake: Intake, field: str, value: str) -> None:
    request = a_filing(intake.organisation)
    setattr(request.respondent, field, value)
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert refusal.code is Status.INVALID_ARGUMENT
    assert refusal.fields == (f"respondent.{field}",)


async def test_a_map_with_control_characters_or_without_end_is_refused(intake: Intake) -> None:
    for facts in ({"k\x00": "v"}, {"k": "v\x00"}, {str(number): "v" * 500 for number in range(1500)}):
        request = a_filing(intake.organisation)
        request.source_facts.update(facts)
        refusal = await refused(intake.call("FileMatter", request, _me(intake)))
        assert refusal.code is Status.INVALID_ARGUMENT, facts
        assert refusal.fields and refusal.fields[0].startswith("source_facts")


async def test_a_request_with_hundreds_of_faults_is_refused_in_words(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.source_facts.update({f"k{number}": "v" * 4001 for number in range(200)})
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert (refusal.code, refusal.reason) == (Status.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert 1 < len(refusal.fields) <= MOST_VIOLATIONS


async def test_deep_nesting_is_refused_before_it_is_followed(intake: Intake) -> None:
    body = b""
    for _ in range(20_000):
        body = b"\x0a" + _varint(len(body)) + body
        if len(body) > 200_000:
            break
    unknown_group = b"\x9b\x06" * 100_000
    call = intake.channel.unary_unary(f"{_SERVICE}/FileMatter")
    for nested in (body, unknown_group):
        refusal = await refused(call(nested, metadata=_me(intake), timeout=30))
        assert refusal.reason == "MALFORMED_REQUEST"
    await _still_answers(intake)


async def test_an_unknown_enum_value_is_refused(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.kind = 99  # type: ignore[assignment] # what a newer client might send
    refusal = await refused(intake.call("FileMatter", request, _me(intake)))
    assert (refusal.code, refusal.fields) == (Status.INVALID_ARGUMENT, ("kind",))
    request = a_filing(intake.organisation)
    request.complainant.kind = party_pb2.PARTY_KIND_UNSPECIFIED
    assert (await refused(intake.call("FileMatter", request, _me(intake)))).fields == ("complainant.kind",)


@pytest.mark.parametrize("service", ["identity", "intake", "mediation", "court_link", "notify"])
async def test_a_service_without_settings_says_which_and_does_not_start(service: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    command = [sys.executable, "-m", f"services.{service}", "serve"]
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    for name in ("DATABASE_URL", "NATS_URL", "LISTEN", "SERVICE_SECRET"):
        assert f"COMITY_{name}" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


async def test_a_port_that_is_taken_is_named(intake: Intake) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        tokens = TokenVerifier(intake.issuer.key_set, intake.clock)
        with pytest.raises(SystemExit, match=f"Cannot start: {listen} is taken .* set COMITY_LISTEN"):
            Server(listen, [], tokens, Surroundings(), reflect=False, concurrent_calls=1, clock=intake.clock)


def _me(intake: Intake) -> Any:
    return intake.as_person(intake.complainant)


async def _mine(intake: Intake) -> list[str]:
    response = await intake.call("ListMatters", pb.ListMattersRequest(page_size=100), _me(intake))
    return [each.name for each in response.matters]


async def _still_answers(intake: Intake) -> None:
    assert (await intake.file(intake.as_person(uuid4()))).name


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))
