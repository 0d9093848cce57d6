"""Numbers for the documents of a cluster, which has none: so that a document is (number of a segment, doc id) there, too."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock


class DocumentTable:
    """Gives each id a number, from 0 on, at its first use. The number of the segment is always 0. Threads may share it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._lock = Lock()

    def number_of(self, doc_id: str) -> int:
        """The number of an id."""
        known = self._numbers.get(doc_id)
        if known is not None:
            return known
        with self._lock:
            if doc_id not in self._numbers:
                self._ids.append(doc_id)  # first, since others read without the lock
                self._numbers[doc_id] = len(self._ids) - 1
            return self._numbers[doc_id]

    def numbers_of(self, ids: Iterable[str]) -> list[int]:
        """The numbers of some ids, in their order."""
        return [self.number_of(one) for one in ids]

    def id_of(self, number: int) -> str:
        """The id with a number that was given."""
        return self._ids[number]

    def __len__(self) -> int:
        return len(self._ids)
