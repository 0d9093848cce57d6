"""Which document does an agent mean by a name?

It may give back what an answer showed: an id, an address, an id with a line as it would cite it (`docs/a.md:12`), the path of the
file, or the end of an id.
"""

from __future__ import annotations

import re

from naidi.indexer.errors import DocumentMissing

from ..open_index import Searcher
from ..stored_documents import StoredDocument
from .answers import LEAST_BUDGET
from .errors import ToolError
from .near_ids import MOST_ENDING, MOST_NEAR, ids_ending_in, near_ids
from .quoting import id_of, one_line, shown_id
from .tokens import tokens_in

_CITED = re.compile(r"(.+?):p?([0-9]{1,9})(?:-[0-9]{1,9})?", re.DOTALL)
_MOST_PARTS = 30
_MOST_SHOWN = 100


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
    for line, wanted in _readings(name):
        ending = ids_ending_in(searcher, wanted)
        if len(ending) == 1:
            return searcher.get(ending[0]), line
        if ending:
            raise ToolError(
                _with_ids(f"several documents have an id that ends in {_shown(wanted)}: ", ending, MOST_ENDING)
            )
    told = f"no document has the id {_shown(name)}. Ids are what search gives, unchanged."
    near = _near(searcher, name)
    raise ToolError(_with_ids(f"{told} Near: ", near, MOST_NEAR) if near else told)


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


def _near(searcher: Searcher, name: str) -> list[str]:
    return next((near for _, wanted in _readings(name) if (near := near_ids(searcher, wanted))), [])


def _shown(name: str) -> str:
    shown = one_line(name)
    return repr(shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…")


def _with_ids(told: str, ids: list[str], most: int) -> str:
    """A sentence and ids behind it, whole ones: as many as an error has room for."""
    for number, doc_id in enumerate(ids):
        longer = f"{told}{'; ' if number else ''}{shown_id(doc_id)}"
        if number == most or tokens_in(f"{longer}; …") > LEAST_BUDGET:
            return f"{told}{'; ' if number else ''}…"
        told = longer
    return told
