"""Finds a document by the name that a person gives it: its id, or the path of its file."""

from __future__ import annotations

import os

from naidi.indexer.errors import DocumentMissing
from naidi.indexer.file_facts import PART
from naidi.indexer.late import np
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING

from .budget import MAX_NAME, check
from .cache import Attached
from .collection import Collection, SegmentView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


def find_document(collection: Collection, name: str) -> tuple[int, int]:
    """Find a live document by its id or its path.

    A file in an indexed folder is found by the id that its path makes. The paths of other documents are looked up in a table. It is
    made at the first name that is no id, and kept.

    Parameters:
      name: an id, or a path; relative paths start at the working directory. A part of a file, such as a row of a table, stands
        behind the path: `table.csv//3`.

    Returns (number of the segment, doc id there).
    Raises DocumentMissing if no live document has this id or path, or if the file has several documents.
    """
    ids, paths = names_of(name, collection.roots)
    for wanted in ids:
        place = collection.place_of(wanted)
        if place is not None:
            return place[0].number, place[1]
    if paths:
        for named in dict.fromkeys((name, *paths)):
            for view in collection.views:
                for doc in _PATHS.of(view).docs_of(named):
                    if (view.live is None or view.live[doc]) and view.segment.record(doc)["path"] == named:
                        return view.number, doc
    parts = [part for wanted in ids for part in _parts_of(collection, wanted)]
    if len(parts) == 1:
        return parts[0]
    if parts:
        raise with_parts(name, [collection.segments[number].doc_id(doc) for number, doc in parts])
    raise no_document(name)


def names_of(name: str, roots: Mapping[str, Mapping[str, str]]) -> tuple[list[str], list[str]]:
    """(the ids that a document of this name may have, its id first; the paths that may be meant).

    Parameters:
      name: an id, or a path; see `find_document`.
      roots: the indexed folders.
    """
    if len(name) > MAX_NAME or "\0" in name:
        return [name], []
    paths = _paths_of(name)
    ids = [name, *_ids_of(roots, paths)]
    file, mark, part = name.partition(PART)
    if file and part:
        ids += [f"{doc_id}{mark}{part}" for doc_id in _ids_of(roots, _paths_of(file))]
    return list(dict.fromkeys(ids)), list(map(str, paths))


def shown_name(name: str) -> str:
    """A name as a message shows it."""
    return name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"


def with_parts(name: str, parts: Sequence[str]) -> DocumentMissing:
    """Says that a file has several documents. parts: their ids."""
    names = ", ".join(part[:_MOST_SHOWN] for part in parts[:_PARTS_SHOWN])
    more = ", …" if len(parts) > _PARTS_SHOWN else ""
    return DocumentMissing(
        message(
            "{name}: this file has {count:,} documents; name one of them: {names}{more}",
            name=shown_name(name),
            count=len(parts),
            names=names,
            more=more,
        )
    )


def no_document(name: str) -> DocumentMissing:
    """Says that there is no document of a name."""
    return DocumentMissing(
        message(
            "{name}: no document of the index has this id or path; `naidi index` adds it if it is a file",
            name=shown_name(name),
        )
    )


def _paths_of(name: str) -> dict[Path, None]:
    from pathlib import Path

    absolute = Path(name).absolute()
    return dict.fromkeys((absolute, Path(os.path.normpath(absolute)), Path(os.path.realpath(absolute))))


def _ids_of(roots: Mapping[str, Mapping[str, str]], paths: Iterable[Path]) -> list[str]:
    """The ids that the documents of files have, if the files lie in indexed folders."""
    return [
        f"{noted['prefix']}/{path.relative_to(root).as_posix()}"
        for path in paths
        for root, noted in roots.items()
        if path.is_relative_to(root)
    ]


def _parts_of(collection: Collection, file_id: str) -> list[tuple[int, int]]:
    """The live documents that are parts of a file, in the order in which they were read."""
    found = []
    for view in collection.views:
        ranks = view.segment.ids.prefix_range(f"{file_id}{PART}")
        docs = np.sort(view.segment.id_docs[ranks.start : ranks.stop])
        found += [(view.number, doc) for doc in docs.tolist() if view.live is None or view.live[doc]]
    return found


class _Paths:
    """The paths of the documents of a segment that do not come from an indexed folder: those that an application has named.

    Kept are hashes, 16 bytes a path.
    """

    def __init__(self, view: SegmentView) -> None:
        segment = view.segment
        hashes: list[int] = []
        docs: list[int] = []
        for number, doc in enumerate((segment.synced == 0).nonzero()[0].tolist()):
            if not number % _RECORDS_A_CHECK:
                check()
            path = segment.record(doc)["path"]
            if path is not None:
                hashes.append(hash(path))
                docs.append(doc)
        self._hashes = np.array(hashes, np.int64)
        order = self._hashes.argsort(kind="stable")
        self._hashes, self._docs = self._hashes[order], np.array(docs, np.int64)[order]

    def docs_of(self, path: str) -> list[int]:
        """The documents that may have a path."""
        first, last = (int(self._hashes.searchsorted(hash(path), side=side)) for side in ("left", "right"))
        return list(map(int, self._docs[first:last]))


_PATHS = Attached(_Paths)
_RECORDS_A_CHECK = 500
_MOST_SHOWN = 200
_PARTS_SHOWN = 3
