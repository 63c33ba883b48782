"""Worker processes: jobs run beside the event loop, and a killed worker is no disaster."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.signing.pool import TimeLimit, WorkerPool, WorkOverran


def process_id() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_ever() -> None:
    signal.pause()


def compute_for_ever() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    while True:
        time.process_time()


def refuse() -> None:
    raise DomainError(ErrorKind.INVALID, "REASON", "原因", "a reason", field="name", metadata={"date": "2026-11-21"})


async def test_a_job_runs_in_another_process() -> None:
    pool = WorkerPool(1)
    try:
        assert await pool.run(process_id) != os.getpid()
    finally:
        pool.close()


async def test_a_killed_worker_makes_its_job_retryable_and_is_replaced() -> None:
    pool = WorkerPool(1)
    try:
        first = await pool.run(process_id)
        with pytest.raises(DomainError) as caught:
            await pool.run(die)
        assert (caught.value.kind, caught.value.reason) == (ErrorKind.UNAVAILABLE, "WORKER_LOST")
        assert await pool.run(process_id) != first
    finally:
        pool.close()


async def test_every_job_lost_with_a_worker_is_retryable() -> None:
    pool = WorkerPool(1)
    try:
        results = await asyncio.gather(*(pool.run(die) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(result, DomainError) and result.kind is ErrorKind.UNAVAILABLE for result in results)
        assert await pool.run(process_id) > 0
    finally:
        pool.close()


async def test_a_refusal_comes_back_whole() -> None:
    pool = WorkerPool(1)
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


async def test_work_that_waits_for_ever_is_ended_with_its_process_and_the_slot_works_again() -> None:
    pool = WorkerPool(1, TimeLimit(clock=2))
    try:
        first = await pool.run(process_id)
        with pytest.raises(WorkOverran):
            await pool.run(wait_for_ever)
        assert await pool.run(process_id) != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
    finally:
        pool.close()


async def test_work_that_computes_for_ever_ends_after_its_processor_time_and_not_before() -> None:
    pool = WorkerPool(1, TimeLimit(processor=0.5, clock=600))
    try:
        first = await pool.run(process_id)
        with pytest.raises(WorkOverran, match="processor time"):
            await pool.run(compute_for_ever)
        assert await pool.run(process_id) != first
    finally:
        pool.close()


async def test_what_others_have_in_hand_goes_on_while_a_worker_is_killed() -> None:
    pool = WorkerPool(2, TimeLimit(clock=2))
    try:
        hung = asyncio.ensure_future(pool.run(wait_for_ever))
        results = [await pool.run(process_id) for _ in range(20)]
        assert len(set(results)) == 1, "one worker did all of it"
        with pytest.raises(WorkOverran):
            await hung
    finally:
        pool.close()


async def test_work_given_up_before_it_began_is_not_done(tmp_path: Path) -> None:
    pool = WorkerPool(1)
    try:
        await pool.run(process_id)
        os.mkfifo(tmp_path / "gate")
        first = asyncio.ensure_future(pool.run(open_gate, str(tmp_path / "gate")))
        given_up = asyncio.ensure_future(pool.run(leave_mark, str(tmp_path / "mark")))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        await asyncio.to_thread((tmp_path / "gate").write_bytes, b"go")
        await first
        await pool.run(process_id)
        assert not (tmp_path / "mark").exists()
    finally:
        pool.close()


def open_gate(gate: str) -> None:
    Path(gate).read_bytes()


def leave_mark(mark: str) -> None:
    Path(mark).touch()
