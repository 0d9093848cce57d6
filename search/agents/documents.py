"""Which document does an agent mean by a name?

It may give back what an answer showed: an id, an address, `id:12` as it would cite it, or the path of the file.
"""

from __future__ import annotations

import re

from naidi.indexer.errors import DocumentMissing

from ..open_index import Searcher
from ..stored_documents import StoredDocument
from .errors import ToolError
from .quoting import id_of, one_line, shown_id

_CITED = re.compile(r"(.+?):p?([0-9]{1,9})(?:-[0-9]{1,9})?", re.DOTALL)
_MOST_PARTS = 30
_NEAREST = 3
_MOST_IDS = 500_000
_MOST_SHOWN = 200


def document_named(searcher: Searcher, name: str) -> tuple[StoredDocument, int | None]:
    """(the document, the line behind its id if one was cited). Raises ToolError, which names the nearest ones."""
    for line, wanted in _readings(name):
        for doc_id in _ids(wanted):
            try:
                document = searcher.get(doc_id)
            except DocumentMissing:
                continue
            if doc_id == wanted or document.path == wanted:
                return document, line
    near = _ending_in(searcher, id_of(name))
    if len(near) == 1:
        return searcher.get(near[0]), None
    raise ToolError(_unknown(searcher, name, near))


def _readings(name: str) -> list[tuple[int | None, str]]:
    given = id_of(name)
    readings: list[tuple[int | None, str]] = [(None, given)]
    if given == name:
        cited = _CITED.fullmatch(name)
        if cited is not None:
            readings.append((int(cited[2]), cited[1]))
    return readings


def _ids(name: str) -> list[str]:
    """The ids that a document of this name may have: the name, and what its path ends in."""
    parts = name.split("/")
    return [name, *("/".join(parts[start:]) for start in range(1, min(len(parts), _MOST_PARTS)))]


def _ending_in(searcher: Searcher, name: str) -> list[str]:
    """The first ids that end in a name, as that of a file without its folders."""
    end, found = f"/{name}", []
    for number, doc_id in enumerate(searcher.ids()):
        if doc_id.endswith(end):
            found.append(doc_id)
        if len(found) == _NEAREST or number >= _MOST_IDS:
            break
    return found


def _unknown(searcher: Searcher, name: str, near: list[str]) -> str:
    shown = one_line(name)
    shown = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"
    words = " ".join(re.findall(r"\w+", id_of(name).rpartition("/")[2])[:12])
    if not near and words:
        near = [hit.id for hit in searcher.search(words, _NEAREST, snippets=0, timeout=2).hits]
    told = f"no document has the id {shown!r}. Ids are what search gives, unchanged."
    if near:
        told += f" Near: {'; '.join(shown_id(doc_id) for doc_id in near)}"
    return told
