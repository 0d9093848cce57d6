"""`drop` takes a folder out of an index in a cluster. The folder itself is not touched, and need not exist."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..errors import NaidiError
from ..messages import message
from .address import ClusterAddress
from .cluster import connect
from .followed_folders import FolderEntry, drop_entry, entries, kept_notes, located, write_kept_notes
from .mapping import documents_state
from .sync_state import FileSource, documents_found
from .writer import ClusterWriter


def drop(folder: str | Path, address: str | ClusterAddress) -> int:
    """Delete the documents of a folder, and follow it no more, as `naidi.drop` does for an index in a directory.

    Parameters:
      folder: as it was given to `sync` on any machine, or another path of the same folder on this one.
      address: of the index.

    Returns how many documents were deleted. What a sync writes that is under way, the next sync deletes.

    Raises NaidiError if the index follows no such folder, IndexMissing, and what `connect` raises.
    """
    with connect(address) as asked:
        documents_state(asked)  # raises if there is no index, before one is made
    writer = ClusterWriter(address)
    try:
        cluster = writer.cluster
        known = [entry for entry in entries(cluster).values() if not entry.is_dropped]
        found = _named(folder, known)
        if found is None:
            others = ", ".join(sorted(located(known))[:5]) or "none"
            raise NaidiError(
                message(
                    "{folder}: the index follows no such folder; it follows {others}",
                    folder=os.fspath(folder),
                    others=others,
                )
            )
        drop_entry(cluster, found.prefix)
        version, count = time.time_ns() // 1000, 0
        for doc_id, line in documents_found(cluster, {"term": {"root": found.prefix}}):
            source = FileSource.of(line)
            writer.discard(doc_id, max(version, source.look + 1 if source else 0))
            count += 1
        writer.flush()
        notes = kept_notes(cluster, found.prefix)
        write_kept_notes(
            cluster, found.prefix, {relative: max(version, note.look + 1) for relative, note in notes.items()}
        )
        writer.commit()
    finally:
        writer.close()
    return count


def _named(folder: str | Path, known: list[FolderEntry]) -> FolderEntry | None:
    """The folder that a path names: where it lies here, if need be by another way to the same place, or where it lay once."""
    absolute = os.path.abspath(folder)
    here = located(known)
    if absolute in here:
        return here[absolute]
    place = os.path.realpath(absolute)
    same = next((entry for path, entry in here.items() if os.path.realpath(path) == place), None)
    return same or next((entry for entry in known if absolute in entry.paths), None)
