"""Logging as a service sets it up, and back to what it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from services.common.telemetry import set_up_logging


@contextmanager
def service_logs() -> Iterator[None]:
    """JSON lines on standard output as it is when this begins: inside a test, what ``capsys`` sees."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    set_up_logging("toy", "INFO")
    try:
        yield
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
