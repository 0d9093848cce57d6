"""The index that is served: opened at the first need, and followed from commit to commit."""

from __future__ import annotations

import datetime
import hashlib
import os
from threading import Lock

from ..open_index import Searcher, open_index
from .rendering import version


class ServedIndex:
    """One index. Threads may share it.

    Parameters:
      place: the directory of the index, or its address in a cluster.
      refresh_every: seconds; how long at most an answer may come from a state that is no longer the newest.
    """

    def __init__(self, place: str | os.PathLike[str], refresh_every: float = 1.0) -> None:
        self._place = place
        self._refresh_every = refresh_every
        self._lock = Lock()
        self._opened: Searcher | None = None

    def searcher(self) -> Searcher:
        """What answers. Raises as `open_index`; the next call tries again."""
        if self._opened is None:
            with self._lock:
                if self._opened is None:
                    self._opened = open_index(self._place, refresh_every=self._refresh_every)
        return self._opened

    def close(self) -> None:
        """Let go of the index. It is opened again when it is needed."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def tag(self, *asked: str) -> str | None:
        """An entity tag for the answer to what is asked; None where no state of the index can be named.

        It is a weak one: answers say how long they took. Dates such as `today` mean something else tomorrow.

        Raises as `searcher`.
        """
        mark = self.searcher().state_mark
        if mark is None:
            return None
        told = "\0".join((version(), mark, datetime.date.today().isoformat(), *asked))
        return f'W/"{hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
