"""What a sync asks of the index that it brings up to date. `LocalTarget` is an index in a directory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..state.roots import file_id
from ..writing.workers import WorkerPool
from ..writing.writer import Writer
from .followed import Followed
from .notes import Note, notes_table, read_notes
from .read_group import ReadGroup


class KnownState(Protocol):
    """What an index knows of the folders that it follows. A preview asks no more. Nothing of this writes."""

    @property
    def directory(self) -> Path | None:
        """The index directory, which no walk enters; None if the index lies in none."""

    @property
    def roots(self) -> dict[str, dict[str, Any]]:
        """The folders that the index follows: absolute path -> what is noted of it, as in a manifest. A run changes them."""

    def notes(self, root: str) -> Mapping[str, Note]:
        """What is noted of the files of a folder: relative path -> note. Nothing for a folder that is not followed."""

    def move(self, before: str, now: str) -> None:
        """A folder that is followed lies elsewhere now."""

    def origins(self, roots: Collection[str]) -> dict[str, bool]:
        """For the id of each document of these folders, and of each that may stand in their way, whether a sync added it."""

    def outdated(self, folders: Sequence[Followed]) -> set[str]:
        """The ids of files of these folders that must be read again even if they are as noted."""


class SyncTarget(KnownState, Protocol):
    """An index that a sync brings up to date. `begin` is called first, and `finish` last."""

    @property
    def pool(self) -> WorkerPool:
        """The worker processes that read files."""

    def begin(self, folders: Sequence[Followed]) -> None:
        """These folders will be gone through. They are among the roots."""

    def forget(self, root: str, doc_ids: Iterable[str]) -> None:
        """Follow a folder no more, and delete its documents."""

    def add(self, folder: Followed, group: ReadGroup) -> None:
        """Take what was read of some files of a folder. The documents replace earlier ones with the same ids."""

    def delete(self, doc_id: str) -> bool:
        """Delete a document of a file. Returns whether there was one."""

    def note(self, folder: Followed) -> None:
        """Keep what is noted of a folder and its files now."""

    def finish(self) -> None:
        """The run has come to its end."""


class LocalTarget:
    """An index in a directory, by its Writer. What the run has changed is live with the writer's next commit."""

    def __init__(self, writer: Writer, sources: bytes, *, changed: bool = False) -> None:
        """Parameters:
        sources: the table of files, of the index or of the one that it replaces.
        changed: whether the table must be written in any case.
        """
        self._writer = writer
        self._notes = read_notes(sources, writer.directory)
        self._changed = changed
        self.directory, self.pool = writer.directory, writer.pool

    @property
    def roots(self) -> dict[str, dict[str, Any]]:
        return self._writer.roots

    def notes(self, root: str) -> Mapping[str, Note]:
        return self._notes.get(root, {})

    def move(self, before: str, now: str) -> None:
        self.roots[now] = self.roots.pop(before)
        self._notes[now] = self._notes.pop(before, {})
        self._changed = True

    def begin(self, folders: Sequence[Followed]) -> None:
        pass  # all is noted in one commit, at the end

    def origins(self, roots: Collection[str]) -> dict[str, bool]:
        return self._writer.document_origins()

    def outdated(self, folders: Sequence[Followed]) -> set[str]:
        return set(map(file_id, self._writer.ids_from_older_naidi()))

    def forget(self, root: str, doc_ids: Iterable[str]) -> None:
        for doc_id in doc_ids:
            self._writer.delete(doc_id)
        del self.roots[root]
        self._notes.pop(root, None)
        self._changed = True

    def add(self, folder: Followed, group: ReadGroup) -> None:
        for batch in group.batches:
            self._writer.add_analysed(batch)

    def delete(self, doc_id: str) -> bool:
        return self._writer.delete(doc_id)

    def note(self, folder: Followed) -> None:
        self.roots[folder.root] = folder.entry
        self._notes[folder.root] = folder.notes
        self._changed = True

    def finish(self) -> None:
        if self._changed:
            self._writer.write_sources(notes_table(self._notes, self._writer.directory))
