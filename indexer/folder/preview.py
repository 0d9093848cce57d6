"""What a sync would do, without doing it: nothing is read but names, sizes and times, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    roots: dict[str, dict[str, Any]] = {}
    notes: dict[str, dict[str, Note]] = {}
    ids: dict[str, bool] = {}
    outdated: set[str] = set()
    try:
        generation = open_generation(directory)
        roots = {root: dict(noted) for root, noted in generation.manifest.roots.items()}
        notes, ids = read_notes(generation.sources(), directory), generation.document_origins()
        for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
            outdated |= set(map(file_id, segment.ids_from_older_naidi(deleted)))
    except IndexMissing:
        if named is None:
            raise
    for folder in named or ():
        walk(folder)  # raises if it is no folder
    shown = {os.path.abspath(folder): folder for folder in named or ()}
    planned = plan(list(shown) if named is not None else None, roots, lambda root: notes.get(root, {}))
    for before, now in planned.moved:
        roots[now], notes[now] = roots.pop(before), notes.pop(before, {})
    made = Preview(missing=planned.missing)
    report = SyncReport()
    seen: set[Identity] = set()
    file_ids = {file_id(doc_id) for doc_id, synced in ids.items() if synced}
    for root in planned.roots:
        known = notes.get(root, {})
        followed = Followed(root, shown.get(root, root), directory, roots, known, seen, options)
        found = {task.relative: task for group in followed.groups(ids, file_ids, outdated, report) for task in group}
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
