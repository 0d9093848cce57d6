"""An index for the tests of an application: it is there at once, and goes with the object."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from naidi.indexer.codec.durability import keep, throw_away
from naidi.indexer.document import Document
from naidi.indexer.fields import Field
from naidi.indexer.homes import Writer

from .open_index import Searcher

# Where Linux keeps files in memory. A container may have little of it: then the usual place is better.
_IN_MEMORY = "/dev/shm"
_LEAST_FREE = 100_000_000


class MemoryIndex:
    """An index for tests of applications.

        with MemoryIndex([Document(id="a", text="...")]) as index:
            with index.writer() as writer:
                writer.add(Document(id="b", text="..."))
            index.searcher().search("...")

    It answers as any other index, and nothing is left of it. Its files are in a temporary directory: on Linux in memory
    (/dev/shm, if there are 100 MB free), elsewhere on the disk. Nothing waits until the disk has them. The directory is removed
    by `close`, when the last reference to the index, its writers and searchers goes, and at the end of the process. Only a
    process that is killed leaves it behind.
    """

    def __init__(
        self,
        documents: Iterable[Document] = (),
        *,
        schema: Mapping[str, Field] | None = None,
        store_texts: bool | None = None,
    ) -> None:
        """Make the index and commit the documents.

        Parameters:
          documents: the first ones.
          schema, store_texts: as for a Writer.

        Raises as a Writer does.
        """
        in_memory = (
            os.path.isdir(_IN_MEMORY)
            and os.access(_IN_MEMORY, os.W_OK)
            and shutil.disk_usage(_IN_MEMORY).free >= _LEAST_FREE
        )
        place = os.path.realpath(tempfile.mkdtemp(prefix="naidi-", dir=_IN_MEMORY if in_memory else None))
        throw_away(place)
        self._directory = Path(place, "index")
        self._users: weakref.WeakSet[Writer | Searcher] = weakref.WeakSet()
        self._remove = weakref.finalize(self, _remove, place, os.getpid())
        try:
            with self.writer(schema=schema, store_texts=store_texts) as writer:
                writer.add_many(documents)
        except BaseException:
            self.close()
            raise

    @property
    def directory(self) -> Path:
        """Where the files are until it is closed: for `sync`, `upgrade` and whatever else takes a directory."""
        return self._directory

    def writer(self, **options: Any) -> Writer:
        """A Writer of this index. options: those of Writer. Raises as that does, and ValueError after `close`."""
        self._open_only()
        writer = Writer(self._directory, **options)
        self._take(writer)
        return writer

    def searcher(self, **options: Any) -> Searcher:
        """A Searcher of this index. options: those of Searcher. Raises as that does, and ValueError after `close`."""
        self._open_only()
        searcher = Searcher(self._directory, **options)
        self._take(searcher)
        return searcher

    def _take(self, user: Writer | Searcher) -> None:
        self._users.add(user)
        _indexes[user] = self  # as long as it is used, it stays

    def _open_only(self) -> None:
        if not self._remove.alive:
            raise ValueError("this index is closed")

    def close(self) -> None:
        """Close its writers and searchers, and remove it. What was not committed is lost. Calling it again does nothing."""
        for user in list(self._users):
            user.close()
        self._remove()

    def __enter__(self) -> MemoryIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# A searcher or writer -> the index that it would be left without.
_indexes: weakref.WeakKeyDictionary[Writer | Searcher, MemoryIndex] = weakref.WeakKeyDictionary()


def _remove(place: str, owner: int) -> None:
    keep(place)
    if os.getpid() == owner:  # and no forked child of it
        shutil.rmtree(place, ignore_errors=True)
