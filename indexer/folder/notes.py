"""What is noted of each file of a folder: by this, the next sync knows which files have changed.

The notes lie in the generation (`sources.json`). Files that could not be read are noted too, so that they are not read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..messages import message
from ..state.roots import all_portable, all_resolved

_PROBLEMS = (str, type(None))


class Note(NamedTuple):
    """What is noted of a file.

    size: bytes.
    mtime_ns: its modification time in nanoseconds. 0 means that it must be read again.
    digest: BLAKE2b of its content, 16 bytes in hexadecimal; "" if it was never read.
    problem: why it could not be indexed; None if it could.
    """

    size: int
    mtime_ns: int
    digest: str
    problem: str | None = None


def read_notes(table: bytes, directory: Path) -> dict[str, dict[str, Note]]:
    """Root -> relative path -> note. A table that cannot be read counts as empty: then every file is read again.

    Parameters:
      table: as `notes_table` makes it.
      directory: the index directory.
    """
    return parsed_notes(table, directory) or {}


def parsed_notes(table: bytes, directory: Path) -> dict[str, dict[str, Note]] | None:
    """As `read_notes`, but None for a table that cannot be read."""
    try:
        value = json.loads(table) if table else {}
        notes = {root: {path: _note(*note) for path, note in noted.items()} for root, noted in value.items()}
        return all_resolved(notes, directory)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _note(size: Any, mtime_ns: Any, digest: Any, problem: Any = None) -> Note:
    """Raises ValueError for values of types that no note has."""
    if type(size) is not int or type(mtime_ns) is not int or type(digest) is not str or type(problem) not in _PROBLEMS:
        raise ValueError(message("not a note"))
    return Note(size, mtime_ns, digest, problem)


def notes_table(notes: Mapping[str, Mapping[str, Note]], directory: Path) -> bytes:
    """The notes as they are written into an index."""
    written = all_portable(notes, directory)
    return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
