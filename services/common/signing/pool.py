"""Worker processes for drawing, signing and verifying: pure computing that must not hold up an event loop.

Processes are spawned, not forked: a fork would copy a gRPC server's threads in an unknown state. Each does one piece of
work at a time and is killed alone when that takes too long; the others go on.
"""

import asyncio
import gc
import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.telemetry import WORKERS_KILLED

P = ParamSpec("P")
T = TypeVar("T")
_CONTEXT = multiprocessing.get_context("spawn")
_ENDING_SECONDS = 10.0
_NICENESS = 3
"""Half the share of a process that wants the processor too; with more, papers would starve on a busy machine."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """What one piece of work may take: seconds of processor time, and seconds on the clock with all its waiting.

    Only the first tells of the work itself, on a busy machine too; the second ends what waits for ever.
    """

    processor: float = 20.0
    clock: float = 60.0


class WorkOverran(Exception):
    """The work took longer than its limit and its process was killed. Doing it again would take as long."""


class WorkerPool:
    """Runs picklable jobs (module-level functions with picklable arguments) in worker processes, first come first served.

    A worker that dies (killed, out of memory) takes the job in hand with it, which is raised as retryable; one whose job
    takes longer than ``limit`` is killed. The next job finds a new worker. ``yielding``: leaves the processor to others
    when both want it.
    """

    def __init__(self, workers: int, limit: TimeLimit = TimeLimit(), *, yielding: bool = False) -> None:
        self.workers = workers
        self._limit = limit
        self._yielding = yielding
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, job: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
        """The job's result, or the exception it raised. Given up by its caller before it began, it is not done.

        Raises WorkOverran, and WORKER_LOST (UNAVAILABLE) when its process died: whether the job had an effect outside is
        unknown, so it has to be one that may be repeated.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="worker")
        work = pickle.dumps((job, arguments, options))
        result: T = await asyncio.get_running_loop().run_in_executor(self._threads, self._do, work)
        return result

    def close(self) -> None:
        """Waits for jobs in hand and ends the workers; the pool may be used again."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=True, cancel_futures=True)
        while (worker := self._next_idle()) is not None:
            worker.end()

    def _do(self, work: bytes) -> Any:
        """In a thread of its own, of which there are as many as workers."""
        worker = self._next_idle() or _Worker(self._yielding)
        try:
            done, result = worker.do(work, self._limit)
        except BaseException:
            worker.kill()
            raise
        self._idle.put(worker)
        if not done:
            raise result
        return result

    def _next_idle(self) -> "_Worker | None":
        try:
            return self._idle.get_nowait()
        except Empty:
            return None


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, yielding: bool) -> None:
        self._pipe, there = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(there, yielding), daemon=True)
        self._process.start()
        there.close()

    def do(self, work: bytes, limit: TimeLimit) -> tuple[bool, Any]:
        """Whether it was done, and the result or the exception. Raises WorkOverran and WORKER_LOST."""
        try:
            self._pipe.send((work, limit.processor))
            self._pipe.recv_bytes()  # It begins: starting and loading count for nothing.
            if not self._pipe.poll(limit.clock):
                WORKERS_KILLED.labels("clock").inc()
                raise WorkOverran(f"it took more than {limit.clock} seconds")
            return pickle.loads(self._pipe.recv_bytes())  # type: ignore[no-any-return]  # noqa: S301 - our own process
        except (EOFError, OSError) as error:
            self._process.join(_ENDING_SECONDS)
            if self._process.exitcode == -signal.SIGPROF:
                WORKERS_KILLED.labels("processor").inc()
                raise WorkOverran(f"it took more than {limit.processor} seconds of processor time") from None
            zh, en = "处理进程中断，请重试", "the process that worked on it was lost: try again"
            raise DomainError(ErrorKind.UNAVAILABLE, "WORKER_LOST", zh, en) from error

    def end(self) -> None:
        """It has nothing in hand."""
        self._pipe.close()
        self._process.join(_ENDING_SECONDS)
        self._process.kill()

    def kill(self) -> None:
        """Whatever it does."""
        self._process.kill()
        self._process.join(_ENDING_SECONDS)
        self._pipe.close()


class WorkerModule:
    """A module whose functions are run by a pool and imported by its workers only: what signs takes twenty megabytes.

    ``WorkerModule("package.module").function`` is the function as ``WorkerPool.run`` takes it.
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


def _work(pipe: Connection, yielding: bool) -> None:
    """The worker process: until its pool closes the pipe."""
    _begin(yielding)
    try:
        while True:
            work, processor_seconds = pipe.recv()
            job = _attempt(partial(_loaded, work))
            pipe.send_bytes(b"begun")
            pipe.send_bytes(_pickled(_attempt(partial(_timed, job[1], processor_seconds)) if job[0] else job))
    except (EOFError, OSError):
        return


def _loaded(work: bytes) -> Callable[[], Any]:
    job, arguments, options = pickle.loads(work)  # noqa: S301 - written by our own service
    if isinstance(job, partial) and job.func is _call:
        import_module(job.args[0])
    return partial(job, *arguments, **options)


def _timed(job: Callable[[], Any], processor_seconds: float) -> Any:
    # Of time used up the kernel itself tells, and nothing here can put the end off.
    signal.setitimer(signal.ITIMER_PROF, processor_seconds)
    try:
        return job()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _attempt(act: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, act()
    except Exception as error:
        return False, error


def _pickled(answer: tuple[bool, Any]) -> bytes:
    try:
        return pickle.dumps(answer)
    except Exception as error:
        return pickle.dumps((False, RuntimeError(f"a worker's answer cannot be handed back: {error!r}")))


def _begin(yielding: bool) -> None:
    """In a new worker: it ends with its service, also when that was killed, and keeps the library's remarks to itself.

    pyHanko logs a certificate's whole path with names whenever it tries one; what counts comes back as a report.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    if yielding:
        os.nice(_NICENESS)
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
