"""Worker processes for signing and verifying: pure computing that must not hold up an event loop.

Processes are spawned, not forked: a fork would copy a gRPC server's threads in an unknown state.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from services.common.kernel.errors import DomainError, ErrorKind

P = ParamSpec("P")
T = TypeVar("T")


class SigningPool:
    """Runs picklable jobs (module-level functions with picklable arguments) in worker processes.

    A worker that dies (killed, out of memory) takes the jobs in hand with it; they are raised as retryable and the next
    job finds new workers.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    async def run(self, job: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
        """The job's result, or the exception it raised.

        Raises SIGNING_WORKER_LOST (UNAVAILABLE) when its process died: whether the job had an effect outside is
        unknown, so it has to be one that may be repeated.
        """
        executor = self._current()
        try:
            return await asyncio.wrap_future(executor.submit(job, *arguments, **options))
        except BrokenProcessPool as error:
            self._discard(executor)
            raise DomainError(
                ErrorKind.UNAVAILABLE,
                "SIGNING_WORKER_LOST",
                "签名处理中断，请重试",
                "the signing process was lost: try again",
            ) from error

    def close(self) -> None:
        """Waits for jobs in hand and ends the workers; the pool may be used again."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _current(self) -> ProcessPoolExecutor:
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin)
        return self._executor

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        """Drops the broken executor once, however many jobs were lost with it."""
        if self._executor is executor:
            self._executor = None
        executor.shutdown(wait=False)


class WorkerModule:
    """A module whose functions are run by a pool and imported by its workers only: what signs takes twenty megabytes.

    ``WorkerModule("package.module").function`` is the function as ``SigningPool.run`` takes it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        return partial(_call, self._name, function)


def _call(module: str, function: str, *arguments: Any) -> Any:
    try:
        return getattr(import_module(module), function)(*arguments)
    finally:
        _settle()


@cache
def _settle() -> None:
    """After the first job: what was loaded for it stays, and need not be looked through again for garbage."""
    gc.collect()
    gc.freeze()


def _begin() -> None:
    """In a new worker: it ends with its service, also when that was killed, and keeps the library's remarks to itself.

    pyHanko logs a certificate's whole path with names whenever it tries one; what counts comes back as a report.
    """
    # A file is read into many thousand objects: none of them is garbage meanwhile, and all of them are a job later.
    # Looking among them less often than each ten thousand cost 40 MiB.
    gc.set_threshold(10_000, 3, 2)
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
