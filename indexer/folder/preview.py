"""What a sync would do, without doing it: nothing is read but names, sizes and times, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ..errors import IndexMissing
from ..state.generations import open_generation
from ..state.roots import file_id
from .followed import Followed
from .notes import Note, read_notes
from .options import FolderChoices, FolderOptions
from .plan import plan
from .report import SyncReport
from .walk import Identity, walk


@dataclass(slots=True)
class Preview:
    """What a sync would do, in paths.

    added: new files.
    changed: files of another size or time; their content may be as it was.
    removed: files that are gone or left out now.
    skipped: (path, reason) of each file and folder that is left out by its name or as the index knows it.
    missing: folders that the index follows and that are not there.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class FollowedIndex(Protocol):
    """What an index knows of the folders that it follows. The methods are called in the order in which they stand here."""

    @property
    def directory(self) -> Path | None:
        """The index directory, which no walk enters; None if the index lies in none."""

    @property
    def roots(self) -> dict[str, dict[str, Any]]:
        """The folders: absolute path -> what is noted of it, as in a manifest. A preview changes them."""

    def notes(self, root: str) -> Mapping[str, Note]:
        """What is noted of the files of a folder: relative path -> note. Nothing for a folder that is not followed."""

    def move(self, before: str, now: str) -> None:
        """A folder that is followed lies elsewhere now."""

    def origins(self, root: str) -> Mapping[str, bool]:
        """For the id of each document of a folder that is followed, and of each in its way, whether a sync added it."""

    def outdated(self, folder: Followed) -> set[str]:
        """The ids of files that must be read again even if they are as noted."""


class _Directory:
    """An index in a directory, which need not be there."""

    def __init__(self, directory: Path, *, may_be_missing: bool) -> None:
        self.directory = directory
        self.roots: dict[str, dict[str, Any]] = {}
        self._notes: dict[str, dict[str, Note]] = {}
        self._ids: dict[str, bool] = {}
        self._outdated: set[str] = set()
        try:
            generation = open_generation(directory)
        except IndexMissing:
            if not may_be_missing:
                raise
            return
        self.roots = {root: dict(noted) for root, noted in generation.manifest.roots.items()}
        self._notes, self._ids = read_notes(generation.sources(), directory), generation.document_origins()
        for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
            self._outdated |= set(map(file_id, segment.ids_from_older_naidi(deleted)))

    def notes(self, root: str) -> Mapping[str, Note]:
        return self._notes.get(root, {})

    def move(self, before: str, now: str) -> None:
        self.roots[now], self._notes[now] = self.roots.pop(before), self._notes.pop(before, {})

    def origins(self, root: str) -> Mapping[str, bool]:
        return self._ids

    def outdated(self, folder: Followed) -> set[str]:
        return self._outdated


def preview(
    named: Sequence[str] | None, directory: Path, options: FolderOptions | FolderChoices | None = None
) -> Preview:
    """What `sync` would do now.

    Parameters:
      named: folders; None means all that the index follows.
      directory: the index directory, which need not exist if folders are named.
      options: as for `sync`.

    Raises NaidiError as `sync` does.
    """
    return preview_of(_Directory(directory, may_be_missing=named is not None), named, options)


def preview_of(
    index: FollowedIndex, named: Sequence[str] | None, options: FolderOptions | FolderChoices | None = None
) -> Preview:
    """What a sync of an index would do now. named, options: as for `preview`."""
    for folder in named or ():
        walk(folder)  # raises if it is no folder
    shown = {os.path.abspath(folder): folder for folder in named or ()}
    planned = plan(list(shown) if named is not None else None, index.roots, index.notes)
    for before, now in planned.moved:
        index.move(before, now)
    made = Preview(missing=planned.missing)
    report = SyncReport()
    seen: set[Identity] = set()
    for root in planned.roots:
        known = index.notes(root)
        followed = Followed(root, shown.get(root, root), index.directory, index.roots, known, seen, options)
        ids = index.origins(root)
        file_ids = {file_id(doc_id) for doc_id, synced in ids.items() if synced}
        groups = followed.groups(ids, file_ids, index.outdated(followed), report)
        found = {task.relative: task for group in groups for task in group}
        for relative, task in found.items():
            path = os.path.join(shown.get(root, root), relative)
            noted = known.get(relative)
            if noted is not None and noted.problem is not None and noted.size == task.size:
                # A sync would try again, and find the same unless something else than the file has changed, such as the limit.
                report.skipped.append((path, noted.problem))
            else:
                (made.changed if task.file_id in file_ids else made.added).append(path)
        gone = known.keys() - found.keys() - followed.notes.keys()
        made.removed += [os.path.join(shown.get(root, root), one) for one in gone if known[one].problem is None]
    for names in (made.added, made.changed, made.removed):
        names.sort()
    made.skipped = sorted(report.skipped)
    return made
