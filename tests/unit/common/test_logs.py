"""What never gets into a log."""

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
