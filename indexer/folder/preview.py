"""What a sync would do, without doing it: nothing is read but names, sizes and times, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import IndexMissing
from ..state.generations import Generation, open_generation
from ..state.roots import file_id
from .followed import Followed
from .notes import Note, read_notes
from .options import FolderChoices, FolderOptions
from .plan import plan
from .report import SyncReport
from .target import KnownState
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


def preview(
    named: Sequence[str] | None, directory: Path, options: FolderOptions | FolderChoices | None = None
) -> Preview:
    """What `sync` would do now to an index in a directory.

    Parameters:
      named: folders; None means all that the index follows.
      directory: the index directory, which need not exist if folders are named.
      options: as for `sync`.

    Raises NaidiError as `sync` does.
    """
    try:
        state = _Committed(directory, open_generation(directory))
    except IndexMissing:
        if named is None:
            raise
        state = _Committed(directory, None)
    return preview_of(named, state, options)


def preview_of(
    named: Sequence[str] | None, state: KnownState, options: FolderOptions | FolderChoices | None = None
) -> Preview:
    """What `sync` would do now to any index. state: what the index knows.

    Raises NaidiError as `sync` does.
    """
    for folder in named or ():
        walk(folder)  # raises if it is no folder
    shown = {os.path.abspath(folder): folder for folder in named or ()}
    planned = plan(list(shown) if named is not None else None, state.roots, state.notes)
    for before, now in planned.moved:
        state.move(before, now)
    made = Preview(missing=planned.missing)
    report = SyncReport()
    seen: set[Identity] = set()
    folders = [
        Followed(root, shown.get(root, root), state.directory, state.roots, state.notes(root), seen, options)
        for root in planned.roots
    ]
    ids, outdated = state.origins(planned.roots), state.outdated(folders)
    file_ids = {file_id(doc_id) for doc_id, synced in ids.items() if synced}
    for followed in folders:
        known = state.notes(followed.root)
        found = {task.relative: task for group in followed.groups(ids, file_ids, outdated, report) for task in group}
        for relative, task in found.items():
            path = followed.shown(relative)
            noted = known.get(relative)
            if noted is not None and noted.problem is not None and noted.size == task.size:
                # A sync would try again, and find the same unless something else than the file has changed, such as the limit.
                report.skipped.append((path, noted.problem))
            else:
                (made.changed if task.file_id in file_ids else made.added).append(path)
        gone = known.keys() - found.keys() - followed.notes.keys()
        made.removed += [followed.shown(one) for one in gone if known[one].problem is None]
    for names in (made.added, made.changed, made.removed):
        names.sort()
    made.skipped = sorted(report.skipped)
    return made


class _Committed:
    """What the live generation of an index in a directory knows."""

    def __init__(self, directory: Path, generation: Generation | None) -> None:
        """generation: None if there is no index yet."""
        self.directory = directory
        self.roots: dict[str, dict[str, Any]] = {}
        self._notes: dict[str, dict[str, Note]] = {}
        self._generation = generation
        if generation is not None:
            self.roots = {root: dict(noted) for root, noted in generation.manifest.roots.items()}
            self._notes = read_notes(generation.sources(), directory)

    def notes(self, root: str) -> Mapping[str, Note]:
        return self._notes.get(root, {})

    def move(self, before: str, now: str) -> None:
        self.roots[now], self._notes[now] = self.roots.pop(before), self._notes.pop(before, {})

    def origins(self, roots: Collection[str]) -> dict[str, bool]:
        return {} if self._generation is None else self._generation.document_origins()

    def outdated(self, folders: Sequence[Followed]) -> set[str]:
        if self._generation is None:
            return set()
        parts = zip(self._generation.segments, self._generation.deleted, strict=True)
        return {file_id(doc_id) for segment, deleted in parts for doc_id in segment.ids_from_older_naidi(deleted)}
