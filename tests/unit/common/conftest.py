"""Logging as a service sets it up, and back to what it was."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from services.common.telemetry import set_up_logging


@pytest.fixture
def service_logs(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """JSON lines on standard output, as ``capsys`` sees it."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    set_up_logging("toy", "INFO")
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()
