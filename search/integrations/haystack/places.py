"""Where the index of a connection lies, who writes it, and the searcher that all requests of a process share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from naidi import (
    Condition,
    Document,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    MemoryIndex,
    Searcher,
    Writer,
    fields,
    open_index,
)

from .plan import KnownIds

Schema = Mapping[str, fields.Field]


class Place:
    """The index of a connection. Threads share it.

    One writer at a time has an index: others wait, at most `lock_timeout` seconds, and IndexLocked is raised then. Searches
    never wait.
    """

    def __init__(self, directory: Path | str, lock_timeout: float) -> None:
        """directory: a folder as a Path, or the address of an index in a cluster as a str."""
        self.directory = directory
        self._lock_timeout = lock_timeout
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._known = KnownIds()

    def make(self, schema: Schema) -> None:
        """Make an empty index if there is none. Raises OSError if that cannot be. To search one, no right to write is needed."""
        try:
            self.searcher()
        except IndexMissing:
            self._make_folder()
            if isinstance(self.directory, Path) and not os.access(self.directory, os.W_OK):
                raise PermissionError(f"{self.directory}: the folder of the index cannot be written") from None
            with self._writer(schema):
                pass
        except (IndexDamaged, IndexOutdated):
            pass  # searches say so, and `empty` helps

    def renew_lock(self) -> None:
        """After a fork, in the child."""
        self._lock = threading.Lock()

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
        self._make_folder()
        with Writer(self.directory, schema=schema, lock_timeout=self._lock_timeout, rebuild=True):
            pass

    def _make_folder(self) -> None:
        if isinstance(self.directory, Path):
            self.directory.mkdir(parents=True, exist_ok=True)

    def optimize(self, schema: Schema) -> None:
        """Merge what many commits have left."""
        with self._writer(schema) as writer:
            writer.optimize()

    def _writer(self, schema: Schema) -> Writer:
        return Writer(self.directory, schema=schema, lock_timeout=self._lock_timeout)


_places: dict[tuple[str, str], Place] = {}
_places_lock = threading.Lock()
_in_memory: list[MemoryIndex] = []


def _renew_locks() -> None:
    """In a forked child: another thread of the parent may have held them."""
    global _places_lock
    _places_lock = threading.Lock()
    for place in _places.values():
        place.renew_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


def place_on_disk(path: str, lock_timeout: float) -> Place:
    """The index in a folder, or at the address of a cluster: one Place for all threads."""
    directory = path if str(path).startswith(("http://", "https://")) else Path(os.path.abspath(path))
    with _places_lock:
        return _places.setdefault(("file", str(directory)), Place(directory, lock_timeout))


def place_in_memory(alias: str, lock_timeout: float) -> Place:
    """An index that is gone with the process: for tests."""
    name = ("ram", alias)
    with _places_lock:
        if name not in _places:
            index = MemoryIndex()
            _in_memory.append(index)  # its files go with it
            _places[name] = Place(index.directory, lock_timeout)
        return _places[name]
