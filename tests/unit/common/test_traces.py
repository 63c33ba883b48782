"""The trace context: what is taken as one, what goes out, and that nobody pays who does not record."""

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest
import structlog

from services.common.settings import ServiceSettings
from services.common.traces import context, spans
from tests.kit.logs import service_logs

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_PARENT = f"00-{_TRACE}-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def _no_trace() -> None:
    context.enter("")


def test_a_traceparent_is_taken_as_it_is() -> None:
    assert context.valid(_PARENT) == _PARENT


def test_one_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert context.valid(_PARENT.replace("00-", "cc-", 1) + "-what-the-future-will-be-like") == _PARENT


@pytest.mark.parametrize(
    "value",
    [
        "",
        "00",
        _PARENT.upper(),
        _PARENT + "-more",
        _PARENT + "\n",
        _PARENT.replace("00-", "ff-", 1),
        _PARENT.replace(_TRACE, "0" * 32),
        _PARENT.replace("00f067aa0ba902b7", "0" * 16),
        _PARENT[:-1],
        _PARENT.replace("4bf9", "王小明样"),
        _PARENT.encode(),
        None,
    ],
)
def test_what_is_no_traceparent_is_none(value: object) -> None:
    assert context.valid(value) == ""


def test_what_a_caller_names_goes_out_with_what_its_call_leads_to() -> None:
    context.receive((("authorization", "Bearer x"), ("traceparent", _PARENT)))
    assert context.outgoing() == (("traceparent", _PARENT),)
    assert context.trace_id() == _TRACE


def test_without_a_trace_nothing_goes_out() -> None:
    context.receive((("authorization", "Bearer x"), ("traceparent", "nonsense")))
    assert context.outgoing() == ()
    assert context.trace_id() == ""


async def test_one_call_does_not_see_the_trace_of_another() -> None:
    async def call(traceparent: str) -> Any:
        context.receive((("traceparent", traceparent),) if traceparent else ())
        await asyncio.sleep(0)
        return context.current()

    assert await asyncio.gather(call(_PARENT), call("")) == [_PARENT, ""]


def test_a_handler_is_left_alone_while_nothing_is_recorded() -> None:
    async def handler(_request: Any, _rpc: Any) -> None: ...

    assert spans.serving("/s/M", handler) is handler


def test_an_event_without_a_trace_does_not_belong_to_the_last_one() -> None:
    with spans.reacting("comity.intake.v1.matter.received", {"ce-traceparent": _PARENT}):
        assert context.current() == _PARENT
    with spans.reacting("comity.intake.v1.matter.received", {"ce-id": "1"}):
        assert context.current() == ""


def test_a_job_belongs_to_the_trace_that_queued_it_though_nothing_is_recorded() -> None:
    with spans.working("mail", _PARENT):
        assert context.outgoing() == (("traceparent", _PARENT),)
    with spans.working("mail", None):
        assert context.outgoing() == ()


def test_a_log_record_names_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with service_logs():
        context.enter(_PARENT)
        structlog.get_logger().info("within")
        context.enter("")
        structlog.get_logger().info("without")
    within, without = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert within["trace_id"] == _TRACE
    assert "trace_id" not in without


@pytest.mark.parametrize("service", ["intake", "mediation", "court_link", "notify", "identity"])
def test_a_service_that_does_not_record_does_not_load_opentelemetry(service: str) -> None:
    program = f"import sys, services.{service}.main, services.common.entry; print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("endpoint", ["collector", "http://collector", "ftp://collector:1", "http://a b:4317"])
def test_an_endpoint_that_is_none_is_refused_at_the_start(endpoint: str) -> None:
    with pytest.raises(ValueError, match="traces_endpoint"):
        ServiceSettings(traces_endpoint=endpoint)  # type: ignore[call-arg]
