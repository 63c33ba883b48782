"""Worker processes: jobs run beside the event loop, and a killed worker is no disaster."""

import asyncio
import os
import signal

import pytest

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.signing.pool import SigningPool


def process_id() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse() -> None:
    raise DomainError(ErrorKind.INVALID, "REASON", "原因", "a reason", field="name", metadata={"date": "2026-11-21"})


async def test_a_job_runs_in_another_process() -> None:
    pool = SigningPool(1)
    try:
        assert await pool.run(process_id) != os.getpid()
    finally:
        pool.close()


async def test_a_killed_worker_makes_its_job_retryable_and_is_replaced() -> None:
    pool = SigningPool(1)
    try:
        first = await pool.run(process_id)
        with pytest.raises(DomainError) as caught:
            await pool.run(die)
        assert (caught.value.kind, caught.value.reason) == (ErrorKind.UNAVAILABLE, "SIGNING_WORKER_LOST")
        assert await pool.run(process_id) != first
    finally:
        pool.close()


async def test_every_job_lost_with_a_worker_is_retryable() -> None:
    pool = SigningPool(1)
    try:
        results = await asyncio.gather(*(pool.run(die) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(result, DomainError) and result.kind is ErrorKind.UNAVAILABLE for result in results)
        assert await pool.run(process_id) > 0
    finally:
        pool.close()


async def test_a_refusal_comes_back_whole() -> None:
    pool = SigningPool(1)
    try:
        with pytest.raises(DomainError) as caught:
            await pool.run(refuse)
        assert (caught.value.reason, caught.value.field, caught.value.metadata) == (
            "REASON",
            "name",
            {"date": "2026-11-21"},
        )
    finally:
        pool.close()
