"""Runs functions in worker processes or threads, a bounded number at a time. Results come in the order of submission."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from ..errors import NaidiError
from ..messages import message

# With less text to read in all, no worker processes are started.
WORKER_BYTES = 2_000_000

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def default_jobs() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _died() -> NaidiError:
    return NaidiError(
        message("a worker process died (out of memory?); the index is as it was; try again with --jobs 1")
    )


_is_worker = False


def is_worker() -> bool:
    """Whether this process is one of a WorkerPool."""
    return _is_worker


def _start_worker() -> None:
    """Prepare a worker. It leaves Ctrl-C to its parent, and ends when the parent is gone, however that died."""
    global _is_worker
    _is_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Analysis makes many objects but no cycles. Looking for cycles would take a tenth of its time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class WorkerPool:
    """Up to `jobs` worker processes, started at the first call. Several OrderedWorkers may share them.

    A daemonic process, such as a worker of a multiprocessing pool, may not have children. It does the work itself.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = 1 if multiprocessing.current_process().daemon else jobs
        self._pool: ProcessPoolExecutor | None = None

    @property
    def is_here(self) -> bool:
        """Whether there are no workers: whoever submits does the work."""
        return self.jobs <= 1

    def submit(self, function: Callable[[Argument], Result], argument: Argument) -> Future[Result]:
        """Have a worker call the function. Raises NaidiError if a worker has died."""
        if self._pool is None:
            self._pool = self._started()
        try:
            return self._pool.submit(function, argument)
        except BrokenProcessPool as error:
            raise _died() from error

    def _started(self) -> ProcessPoolExecutor:
        # Forking is quick and needs no importable __main__. But it is unsafe if other threads hold locks.
        forking = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if forking else "spawn")
        return ProcessPoolExecutor(self.jobs, mp_context=context, initializer=_start_worker)

    def close(self) -> None:
        """Stop the workers. Results not taken are lost. The next `submit` starts new workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class ThreadPool:
    """Up to `jobs` threads of this process, for functions that let others run meanwhile."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.is_here = False
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, function: Callable[[Argument], Result], argument: Argument) -> Future[Result]:
        """Have a thread call the function. If no thread can be started, it is called at once."""
        if self._pool is None and not self.is_here:
            self._pool = ThreadPoolExecutor(self.jobs, "naidi")
            try:
                self._pool.submit(int).result()
            except RuntimeError:  # no thread can be started: its stack takes memory
                self.is_here, self._pool = True, None
        if self._pool is not None:
            return self._pool.submit(function, argument)
        done: Future[Result] = Future()
        done.set_result(function(argument))
        return done

    def close(self) -> None:
        """Wait for what is being done. Other results are lost. The next `submit` starts new threads."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class OrderedWorkers(Generic[Argument, Result]):
    """Applies a function to arguments in worker processes or threads. With one process, this process does it at once.

    Parameters:
      function: a function that can be pickled.
      workers: how many workers, or a pool to share.
      ahead: how many arguments a worker may be in flight. They keep workers busy while the parent is, and bound memory.
    """

    def __init__(
        self, function: Callable[[Argument], Result], workers: int | WorkerPool | ThreadPool, ahead: int = 3
    ) -> None:
        self._function = function
        self._pool = WorkerPool(workers) if isinstance(workers, int) else workers
        self._pending: deque[Future[Result] | Result] = deque()
        self._in_flight = 0 if self._pool.is_here else ahead * self._pool.jobs

    def __len__(self) -> int:
        """How many results have not been taken."""
        return len(self._pending)

    def put(self, argument: Argument) -> list[Result]:
        """Submit an argument. Returns results that had to be taken to keep within the number in flight."""
        here = self._pool.is_here
        self._pending.append(self._function(argument) if here else self._pool.submit(self._function, argument))
        taken = []
        while len(self._pending) > self._in_flight:
            taken.append(self._take())
        return taken

    def take(self, count: int) -> list[Result]:
        """Wait for the next `count` results, or for all if fewer are left."""
        return [self._take() for _ in range(min(count, len(self._pending)))]

    def ready(self) -> int:
        """How many results can be taken without waiting."""
        waiting = (place for place, one in enumerate(self._pending) if isinstance(one, Future) and not one.done())
        return next(waiting, len(self._pending))

    def drain(self) -> list[Result]:
        """All results that are left. Raises the error of the function, or NaidiError if a worker died."""
        taken = []
        while self._pending:
            taken.append(self._take())
        return taken

    def _take(self) -> Result:
        first = self._pending.popleft()
        if not isinstance(first, Future):
            return first
        try:
            return first.result()
        except BrokenProcessPool as error:
            raise _died() from error

    def close(self) -> None:
        """Stop the workers, even those of a shared pool. Results not taken are lost. The next `put` starts new workers."""
        self._pending.clear()
        self._pool.close()
