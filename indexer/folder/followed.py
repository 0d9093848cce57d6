"""One folder in a sync: which of its files must be read, what is noted of them, and which documents go.

A file is unchanged if its size and modification time are as noted. It is also unchanged if its content is as noted: then
it was only touched.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..messages import message
from ..state.roots import file_id, root_of
from .notes import Note
from .options import FolderChoices, FolderOptions, chosen, same_reading
from .read_group import Outcome, Task
from .report import SyncReport
from .staleness import newer_than_index
from .walk import FoundFile, Identity, walk

# Workers get files in groups of about this many bytes and at most this many files.
GROUP_BYTES = 1_000_000
GROUP_FILES = 200


class Followed:
    """A folder that is gone through.

    root: its absolute path.
    prefix: the start of the ids of its files, without "/".
    options: what is chosen for this sync.
    entry: what the index has to note of the folder.
    notes: relative path -> note, of this sync.
    """

    def __init__(
        self,
        root: str,
        shown: str,
        index: Path | None,
        roots: dict[str, dict[str, Any]],
        known: Mapping[str, Note],
        seen: set[Identity],
        options: FolderOptions | FolderChoices | None,
    ) -> None:
        """Parameters:
        shown: the root as the user has named it; reports show paths below it.
        index: the index directory, which is left out, if there is one.
        roots: what the index notes of each root; a new one gets its prefix here.
        known: the notes of the sync before.
        seen: the files of the other roots, and from then on of this one too.
        options: what is chosen for this sync.
        """
        self.root = root
        self.notes: dict[str, Note] = {}
        self._shown_root = shown
        self._index = index
        self._roots = roots
        self._known = known
        self._seen = seen
        self._is_new = root not in roots
        entry = roots.setdefault(root, {"prefix": "", "synced_ns": 0})
        if self._is_new:
            entry["prefix"] = _new_prefix(root, roots)
        self.prefix: str = entry["prefix"]
        noted = entry.get("options", {})
        self._before = FolderOptions.from_noted(noted)
        self.options = chosen(options, noted)
        self.entry: dict[str, Any] = {"prefix": self.prefix, "synced_ns": 0}
        if differing := self.options.noted():
            self.entry["options"] = differing
        self._out_of_reach: set[str] = set()
        self._not_looked_at: set[str] = set()  # files whose documents stay, whatever is noted of them
        self._read_again: dict[str, tuple[str, ...]] = {}  # file id -> the ids of what was read in this run
        self._file_ids: set[str] = set()
        self._outdated: set[str] = set()

    def groups(
        self, ids: Mapping[str, bool], file_ids: set[str], outdated: set[str], report: SyncReport
    ) -> Iterator[list[Task]]:
        """Walk the folder, and give the files that must be read, in groups.

        Parameters:
          ids: the documents in the index -> whether a sync added them.
          file_ids: the files of folders that have documents in the index.
          outdated: those of them that must be read again even if they are as noted.
          report: gets what is skipped and unchanged.
        """
        self._file_ids = file_ids
        self._outdated = outdated
        self.entry["synced_ns"] = time.time_ns()
        group: list[Task] = []
        group_bytes = 0
        for file in self._walk(report):
            task = self._task(file, ids, report)
            if task is None:
                continue
            if group and (group_bytes + file.size > GROUP_BYTES or len(group) >= GROUP_FILES):
                yield group
                group, group_bytes = [], 0
            group.append(task)
            group_bytes += file.size
        if group:
            yield group
        for relative, note in self._known.items():
            if self._is_out_of_reach(relative):
                self.notes[relative] = note  # the file may well be there: only a look can tell that it is gone
                self._not_looked_at.add(relative)

    def take(self, outcome: Outcome, report: SyncReport) -> None:
        """Note what came of a file that was read."""
        self.notes[outcome.relative] = outcome.note
        if outcome.doc_ids:
            self._read_again[self._id_of(outcome.relative)] = outcome.doc_ids
        if outcome.passing:
            self._not_looked_at.add(outcome.relative)
        report.warnings += [(self.shown(outcome.relative), warning) for warning in outcome.warnings]
        self._count(outcome.note, outcome.relative, outcome, report)

    def misses_some(self) -> bool:
        """Whether there are files at which the system did not let us look."""
        return bool(self._out_of_reach or self._not_looked_at)

    def keeps(self, doc_id: str) -> bool:
        """Whether a document of an old state stays, since its file could not be looked at. It is read at the next chance."""
        relative = file_id(doc_id)[len(self.prefix) + 1 :]
        if relative not in self._not_looked_at and not self._is_out_of_reach(relative):
            return False
        self.notes.setdefault(relative, Note(0, 0, ""))
        self._not_looked_at.add(relative)
        return True

    def given(self) -> Iterator[str]:
        """The ids of the documents that were read in this run."""
        return itertools.chain.from_iterable(self._read_again.values())

    def reads_alike(self, relative: str, before: Note) -> bool:
        """Whether a file that was read gives the documents that it gave when it was noted before."""
        now = self.notes.get(relative)
        if now is None or now.problem is not None or not now.digest or now.digest != before.digest:
            return False
        reading = self.options.reading
        return replace(self._before.reading, max_member=reading.max_member) == reading

    def finish(self, delete: Callable[[str], bool], ids: Mapping[str, bool], report: SyncReport) -> bool:
        """Delete the documents whose files are gone. Returns whether there is anything to note in the index.

        delete: deletes a document by its id, and returns whether there was one.
        """
        current = {
            self._id_of(relative)
            for relative, note in self.notes.items()
            if note.problem is None or relative in self._not_looked_at
        }
        gone = set()
        for doc_id, synced in ids.items():
            if not synced or root_of(doc_id, self._roots) != self.root:
                continue
            of_file = file_id(doc_id)
            kept = of_file in current and doc_id in self._read_again.get(of_file, (doc_id,))
            if not kept and delete(doc_id) and of_file not in current:
                gone.add(of_file)
        report.removed += len(gone)
        noted = self._roots[self.root]
        return (
            self._is_new
            or noted.get("options") != self.entry.get("options")
            or self.notes != self._known
            or newer_than_index({self.root: noted}, exclude=self._index) is not None
        )

    def _walk(self, report: SyncReport) -> Iterator[FoundFile]:
        return walk(
            self.root,
            exclude=() if self._index is None else [self._index],
            options=self.options,
            seen=self._seen,
            skip=lambda relative, why: report.skipped.append((self.shown(relative), why)),
            out_of_reach=self._out_of_reach.add,
        )

    def _task(self, file: FoundFile, ids: Mapping[str, bool], report: SyncReport) -> Task | None:
        """What is to be done for a file; None if it is as noted, or its id is taken."""
        doc_id = self._id_of(file.relative)
        if ids.get(doc_id) is False:
            why = message("the id {doc_id} belongs to a document of an application", doc_id=doc_id)
            report.skipped.append((self.shown(file.relative), why))
            return None
        noted = self._known.get(file.relative)
        present = doc_id in self._file_ids
        same = noted is not None and (noted.size, noted.mtime_ns) == (file.size, file.mtime_ns) and noted.mtime_ns != 0
        is_current = doc_id not in self._outdated and same_reading(self._before, self.options, file.size, file.path)
        if noted and same and is_current and (present or noted.problem):
            self.notes[file.relative] = noted
            self._count(noted, file.relative, None, report)
            return None
        digest = noted.digest if noted and present and is_current else None
        return Task(
            *(file.path, file.relative, file.size, doc_id, digest),
            *(self.options.max_file_size, self.options.reading, self.options.extensions),
        )

    def _count(self, note: Note, relative: str, outcome: Outcome | None, report: SyncReport) -> None:
        if note.problem is not None:
            report.skipped.append((self.shown(relative), note.problem))
        elif outcome is None or outcome.same_content:
            report.unchanged += 1
        elif self._id_of(relative) in self._file_ids:
            report.updated += 1
        else:
            report.added += 1

    def _is_out_of_reach(self, relative: str) -> bool:
        """Whether the walk could not look at the file or at a folder above it."""
        if not self._out_of_reach:
            return False
        parts = relative.split("/")
        return not self._out_of_reach.isdisjoint("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))

    def shown(self, relative: str) -> str:
        """The path of a file as reports show it."""
        return os.path.join(self._shown_root, relative)

    def _id_of(self, relative: str) -> str:
        return f"{self.prefix}/{relative}"


def _new_prefix(root: str, roots: Mapping[str, Mapping[str, Any]]) -> str:
    """The start of the ids of a folder's files: its name, or its whole path if another folder has that name."""
    taken = {noted["prefix"] for noted in roots.values()}
    folder = root.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    name = os.path.basename(folder) or "root"
    return name if name not in taken else folder.strip("/") or name
