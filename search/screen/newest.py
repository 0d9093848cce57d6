"""A thread that does what was asked last: work that nobody waits for any more is not begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition, Thread

Job = Callable[[Callable[[], bool]], None]
"""Some work. It is called with a function that says whether a newer job waits, so that long work can end early."""


class Newest:
    """A thread with room for one job.

    Parameters:
      name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._changed = Condition()
        self._job: Job | None = None
        self._begin = 0.0
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, job: Job, after: float = 0.0) -> None:
        """Do this next, in place of a job that has not begun.

        Parameters:
          job: must not raise.
          after: seconds to wait for a newer one.
        """
        with self._changed:
            self._job, self._begin = job, time.monotonic() + after
            self._changed.notify()

    def close(self, wait: float = 1.0) -> None:
        """Begin no other job, and wait some seconds at most for the one that runs."""
        with self._changed:
            self._closed, self._job = True, None
            self._changed.notify()
        self._thread.join(wait)

    def _is_stale(self) -> bool:
        return self._job is not None or self._closed

    def _run(self) -> None:
        while (job := self._next()) is not None:
            job(self._is_stale)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._closed:
                if self._job is None:
                    self._changed.wait()
                    continue
                left = self._begin - time.monotonic()
                if left <= 0:
                    job, self._job = self._job, None
                    return job
                self._changed.wait(left)
            return None
