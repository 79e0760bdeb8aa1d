"""Worker processes (loky, by way of joblib) that run attempts and may die without harm."""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import ParamSpec, TypeVar

import psutil
from joblib.externals.loky import ProcessPoolExecutor, process_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from harness.execution.memory import memory_variables

__all__ = ["THREADS_PER_JOB", "BrokenProcessPool", "WorkerPool", "usable_cores"]

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

# One thread a worker: for small networks several workers beat several threads, and results do not
# depend on how many workers there are.
THREADS_PER_JOB = 1

_WATCH_S = 1.0

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerPool:
    """A number of worker processes, started when there is something to do and ended together.

    Trials run in a worker even when there is only one, so that results, time limits and crashes
    are the same with one job as with many.

    Attributes:
        jobs: how many processes there are.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._executor: ProcessPoolExecutor | None = None

    def submit(
        self,
        function: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> "Future[Answer]":
        """Have a worker call this once.

        Raises:
            BrokenProcessPool: if a worker has died.
        """
        if self._executor is None:
            self._executor = _started(self.jobs)
        # Workers are started here and inherit what is blocked: Ctrl-C reaches the whole process
        # group, also processes that have not come as far as ignoring it.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            future: Future[Answer] = self._executor.submit(function, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return future

    def resize(self, jobs: int) -> None:
        """Have this many processes from now on; ends those there are if that is another number."""
        if jobs != self.jobs:
            self.close()
            self.jobs = jobs

    def close(self) -> None:
        """End all workers, whatever they are doing; the next call starts others."""
        if self._executor is not None:
            _forget_what_waits(self._executor)
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None


def _forget_what_waits(executor: ProcessPoolExecutor) -> None:
    """Take away the numbers of what no worker has been handed yet.

    loky's thread, when it ends the workers, first drops what waits and then looks up the next of
    these numbers: it died of a KeyError, with a traceback on the user's terminal.
    """
    waiting = executor._work_ids  # noqa: SLF001 - there is no option
    with suppress(queue.Empty):
        while True:
            waiting.get_nowait()


def _started(jobs: int) -> ProcessPoolExecutor:
    threads = {name: str(THREADS_PER_JOB) for name in _THREAD_VARIABLES}
    return ProcessPoolExecutor(
        max_workers=jobs,
        initializer=_prepare_worker,
        initargs=(os.getpid(),),
        env={**threads, **memory_variables()},
    )


def _prepare_worker(dispatcher: int) -> None:
    # loky ends a worker whose memory grew by 300 MB, warns of a leak, and starts another. A worker
    # grows because it keeps the data that its next trials need as well. A new one would have to
    # import and load everything again, and with a single worker none was started: the run hung.
    process_executor._MAX_MEMORY_LEAK_SIZE = float("inf")  # noqa: SLF001 - there is no option
    # Only the dispatcher decides what happens on Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(dispatcher,), daemon=True).start()
    # Standard output belongs to the answer; whatever trials print goes to standard error.
    os.dup2(2, 1)


def _end_with(dispatcher: int) -> None:
    """End this worker when its dispatcher has been killed: its trials then belong to others."""
    while os.getppid() == dispatcher:
        time.sleep(_WATCH_S)
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(1)
