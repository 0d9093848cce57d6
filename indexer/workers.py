"""Runs functions in worker processes, a bounded number at a time, results in the order of submission."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Generic, TypeVar

from indexer.errors import NaidiError

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def default_jobs() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _died() -> NaidiError:
    return NaidiError("a worker process died (out of memory?); the index is as it was; try again with --jobs 1")


def _start_worker() -> None:
    """What a worker does first: Ctrl-C is left to its parent, and it ends when the parent is gone, however that died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class OrderedWorkers(Generic[Argument, Result]):
    """Applies a function to arguments in worker processes; with one job, here and at once.

    At most two arguments a worker are in flight, so memory does not grow with their number.
    """

    def __init__(self, function: Callable[[Argument], Result], jobs: int) -> None:
        self._function = function
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._pending: deque[Future[Result] | Result] = deque()
        self._in_flight = 2 * jobs if jobs > 1 else 0

    def __len__(self) -> int:
        """How many results have not been taken."""
        return len(self._pending)

    def _submit(self, argument: Argument) -> Future[Result]:
        if self._pool is None:
            # Forking is quick and needs no importable __main__, but is unsafe where other threads hold locks.
            forking = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
            context = multiprocessing.get_context("fork" if forking else "spawn")
            self._pool = ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_start_worker)
        try:
            return self._pool.submit(self._function, argument)
        except BrokenProcessPool as error:
            raise _died() from error

    def put(self, argument: Argument) -> list[Result]:
        """Submit an argument; gives results that had to be taken to keep the number in flight."""
        self._pending.append(self._function(argument) if self._jobs <= 1 else self._submit(argument))
        taken = []
        while len(self._pending) > self._in_flight:
            taken.append(self._take())
        return taken

    def drain(self) -> list[Result]:
        """All results that are left. Raises what the function raised, NaidiError if a worker died."""
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
        """Stop the workers; results not taken are lost. The next `put` starts others."""
        self._pending.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
