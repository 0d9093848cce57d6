"""Where searches run: in a few threads, behind a queue that ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

Given = TypeVar("Given")


class Overloaded(Exception):
    """Too many searches are waiting."""


class Workers:
    """Runs functions in threads, a few at a time.

    Parameters:
      threads: how many run at a time. The compiled core lets go of the interpreter, so several cores are used.
      waiting: how many wait for a thread at most.
    """

    def __init__(self, threads: int = 4, waiting: int = 64) -> None:
        self._threads = threads
        self._most = threads + waiting
        self._now = 0
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, function: Callable[[], Given]) -> Given:
        """What the function returns. Raises what it raises, and Overloaded."""
        if self._now >= self._most:
            raise Overloaded
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._threads)
        self._now += 1
        try:
            return await anyio.to_thread.run_sync(function, limiter=self._limiter)
        finally:
            self._now -= 1
