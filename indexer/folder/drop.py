"""`drop` takes a folder out of an index. The folder itself is not touched, and need not exist."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import NaidiError
from ..messages import message
from ..state.generations import read_current
from ..state.roots import root_of
from ..writing.writer import Writer
from .notes import notes_table, read_notes


def drop(folder: str | Path, directory: str | Path = "index_data", *, lock_timeout: float = 5.0) -> int:
    """Delete the documents of a folder, and follow it no more. `naidi.drop` says what each parameter means.

    Returns how many documents were deleted.
    Raises NaidiError if the index follows no such folder, IndexMissing, IndexLocked and so on.
    """
    index = Path(directory)
    read_current(index)  # raises if there is no index, before one is made
    with Writer(index, lock_timeout=lock_timeout) as writer:
        writer.merge_in_commits()  # this is the only one
        root = _known(folder, writer.roots)
        if root is None:
            known = ", ".join(sorted(writer.roots)[:5]) or "none"
            raise NaidiError(
                message(
                    "{folder}: the index follows no such folder; it follows {known}",
                    folder=os.fspath(folder),
                    known=known,
                )
            )
        synced = [doc_id for doc_id, is_synced in writer.document_origins().items() if is_synced]
        ours = [doc_id for doc_id in synced if root_of(doc_id, writer.roots) == root]
        for doc_id in ours:
            writer.delete(doc_id)
        notes = read_notes(writer.read_sources(), index)
        notes.pop(root, None)
        del writer.roots[root]
        writer.write_sources(notes_table(notes, index))
    return len(ours)


def _known(folder: str | Path, roots: dict[str, dict[str, object]]) -> str | None:
    """The root that a path names, if need be by another way to the same place."""
    absolute = os.path.abspath(folder)
    if absolute in roots:
        return absolute
    place = os.path.realpath(absolute)
    return next((root for root in roots if os.path.realpath(root) == place), None)
