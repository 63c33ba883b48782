"""What never gets into a log."""

import asyncio
import gc
import json

import pytest
import structlog

from tests.kit.logs import service_logs


def test_the_row_that_a_database_refused_is_left_out_of_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with service_logs():
        try:
            raise ValueError("duplicate key\nDETAIL:  Key (email)=(alice@sample.example) already exists.\nCONTEXT: x")
        except ValueError:
            structlog.get_logger().exception("call_failed")
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "duplicate key" in record["exception"]
    assert "CONTEXT: x" in record["exception"]
    assert "alice" not in json.dumps(record)


async def test_a_connection_that_was_lost_when_nobody_waited_for_it_is_no_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with service_logs():
        for lost in (ConnectionError("unexpected connection_lost() call"), ValueError("seen")):
            asyncio.get_running_loop().create_future().set_exception(lost)
        gc.collect()
    (line,) = capsys.readouterr().out.splitlines()
    assert "seen" in json.loads(line)["event"]
