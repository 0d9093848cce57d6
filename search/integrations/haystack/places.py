"""Where the index of a connection lies, who writes it, and the searcher that all requests of a process share."""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path

from naidi import Condition, Document, IndexMissing, Searcher, Writer, fields, open_index

from .plan import KnownIds

Schema = Mapping[str, fields.Field]


class Place:
    """The index of a connection. Threads share it.

    One writer at a time has an index: others wait, at most `lock_timeout` seconds, and IndexLocked is raised then. Searches
    never wait.
    """

    def __init__(self, directory: Path, lock_timeout: float) -> None:
        self.directory = directory
        self._lock_timeout = lock_timeout
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._known = KnownIds()

    def make(self, schema: Schema) -> None:
        """Make an empty index if there is none. Raises OSError if the directory cannot be written."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not os.access(self.directory, os.W_OK):
            raise PermissionError(f"{self.directory}: the folder of the index cannot be written")
        try:
            self.searcher()
        except IndexMissing:
            with self._writer(schema):
                pass

    def searcher(self) -> Searcher:
        """The searcher, on the newest state. Raises IndexMissing and so on, as `open_index` does."""
        return self.opened()[0]

    def opened(self) -> tuple[Searcher, KnownIds]:
        """The searcher, on the newest state, and what is known of this state. Raises as `searcher` does."""
        with self._lock:
            moved = True
            if self._searcher is not None:
                try:
                    moved = self._searcher.refresh()
                except IndexMissing:  # it was removed, and may have been made anew
                    self._searcher = None
            if self._searcher is None:
                self._searcher = open_index(self.directory)
            if moved:
                # A new object: a request that began before goes on with its own, and spoils none.
                self._known = KnownIds()
            return self._searcher, self._known

    def add(self, documents: Iterable[Document], schema: Schema) -> None:
        """Add documents in one commit."""
        with self._writer(schema) as writer:
            writer.add_many(documents)

    def delete(self, doc_id: str, schema: Schema) -> None:
        """Delete a document, if there is one."""
        with self._writer(schema) as writer:
            writer.delete(doc_id)

    def delete_where(self, condition: Condition, schema: Schema) -> None:
        """Delete all documents for which a condition holds."""
        with self._writer(schema) as writer:
            writer.delete_where(condition)

    def empty(self, schema: Schema) -> None:
        """Delete all documents. The index has the fields of the schema then, and no others."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with Writer(self.directory, schema=schema, lock_timeout=self._lock_timeout, rebuild=True):
            pass

    def optimize(self, schema: Schema) -> None:
        """Merge what many commits have left."""
        with self._writer(schema) as writer:
            writer.optimize()

    def _writer(self, schema: Schema) -> Writer:
        return Writer(self.directory, schema=schema, lock_timeout=self._lock_timeout)


_places: dict[tuple[str, str], Place] = {}
_places_lock = threading.Lock()


def place_on_disk(path: str, lock_timeout: float) -> Place:
    """The index in a folder: one Place for all threads."""
    return _place("file", os.path.abspath(path), Path(path).absolute(), lock_timeout)


def place_in_memory(alias: str, lock_timeout: float) -> Place:
    """An index that is gone with the process: for tests."""
    with _places_lock:
        known = _places.get(("ram", alias))
    if known is not None:
        return known
    folder = tempfile.TemporaryDirectory(
        prefix="naidi-haystack-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None
    )
    place = _place("ram", alias, Path(folder.name), lock_timeout)
    weakref.finalize(place, lambda kept: None, folder)  # as long as the place, the folder
    return place


def _place(kind: str, name: str, directory: Path, lock_timeout: float) -> Place:
    with _places_lock:
        return _places.setdefault((kind, name), Place(directory, lock_timeout))
