"""Intake behind its real server, recording into a real collector."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.common.traces import spans
from tests.integration.intake.conftest import intake
from tests.kit.collector import Collector, collecting

__all__ = ["intake"]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """To be asked for before ``intake``: a server decides when it starts whether it records."""
    async with collecting() as collector:
        spans.record("intake", collector.endpoint, 1.0)
        yield collector
        await asyncio.to_thread(spans.stop)  # the collector answers in this loop
