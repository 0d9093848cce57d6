"""Of the documents of a damaged index, which have the folders given again? And what did its table of files say of the rest?"""

from __future__ import annotations

import itertools
import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..state.losses import Had
from ..state.manifest import FORMAT_VERSION
from ..state.stored import StoredDocuments
from .followed import Followed
from .notes import Note, parsed_notes


class Place(NamedTuple):
    """Where a folder of the damaged index is gone through now.

    folder: the one that is it, or that it is a part of.
    inside: its path in that folder; "" if it is that folder.
    """

    folder: Followed
    inside: str

    def relative(self, path: str) -> str:
        return f"{self.inside}/{path}" if self.inside else path


def places(roots: Iterable[str], folders: Collection[Followed], joined: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """Where the roots of an index are gone through now. Those that are not are left out.

    joined: (inner, outer) of each folder that became a part of another one.
    """
    by_root = {folder.root: folder for folder in folders}
    outer_of = dict(joined)
    found = {}
    for root in roots:
        outer = by_root.get(outer_of.get(root, ""))
        if root in by_root:
            found[root] = Place(by_root[root], "")
        elif outer is not None:
            inside = os.path.relpath(os.path.realpath(root), os.path.realpath(outer.root))
            found[root] = Place(outer, inside.replace(os.sep, "/"))
    return found


def given_again(
    folders: Iterable[Followed], roots: Mapping[str, Mapping[str, Any]], placed: Mapping[str, Place]
) -> set[str]:
    """The ids of the documents that folders have given in this run, and the ids that these had before a folder was joined.

    roots: those of the damaged index.
    """
    by_root = {folder.root: sorted(folder.given()) for folder in folders}
    found = set(itertools.chain.from_iterable(by_root.values()))
    for root, (folder, inside) in placed.items():
        if inside:
            # Thousands of folders may have been joined: none of them goes through all ids.
            given, start = by_root[folder.root], f"{folder.prefix}/{inside}/"
            inner = given[bisect_left(given, start) : bisect_left(given, start[:-1] + chr(ord("/") + 1))]
            found |= {f"{roots[root]['prefix']}/{one[len(start) :]}" for one in inner}
    return found


def listed_files(old: StoredDocuments, placed: Mapping[str, Place], directory: Path) -> dict[str, Had] | None:
    """How many documents a damaged index had of each file, by the id of the file; None if its table does not say.

    Parameters:
      old: what is left of it.
      placed: where its folders are gone through now.
      directory: the index directory.
    """
    if old.manifest is None or old.listed is None:
        return None
    notes = parsed_notes(old.listed, directory)
    if notes is None or not notes.keys() >= old.manifest.roots.keys():
        return None
    of_this_naidi = old.manifest.format_version == FORMAT_VERSION  # another one may have read files in another way
    found = {}
    for root, noted in old.manifest.roots.items():
        place = placed.get(root) if of_this_naidi else None
        for relative, had in _had(notes[root], place):
            found[f"{noted['prefix']}/{relative}"] = had
    return found


def _had(notes: Mapping[str, Note], place: Place | None) -> Iterator[tuple[str, Had]]:
    for relative, note in notes.items():
        if note.problem is not None:
            if note.mtime_ns == 0:  # of a file that could not be read for the moment, the documents have stayed
                yield relative, Had.MAYBE
        elif place is not None and place.folder.reads_alike(place.relative(relative), note):
            yield relative, Had.SAME
        else:
            yield relative, Had.SOME
