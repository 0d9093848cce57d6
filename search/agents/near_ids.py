"""Which ids end in a name, and which are near to one that no document has?

A name is near to an id with the same file name, in capitals or not, or with one that a typing error makes of it. What says
something else is not offered: an agent would take it for the document that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest

from naidi.indexer.file_facts import PART

from ..open_index import Searcher

MOST_NEAR = 3
MOST_ENDING = 5
_MOST_IDS = 500_000
_LONGEST_NAME = 200
# Shorter names are near to anything.
_ONE_EDIT, _TWO_EDITS = 5, 9


def ids_ending_in(searcher: Searcher, name: str) -> list[str]:
    """The first ids that end in a name, as that of a file without its folders: one more than MOST_ENDING at most."""
    end, found = f"/{name}", []
    for doc_id in _ids(searcher):
        if doc_id.endswith(end):
            found.append(doc_id)
            if len(found) > MOST_ENDING:
                break
    return found


def near_ids(searcher: Searcher, name: str) -> list[str]:
    """The ids nearest to a name, MOST_NEAR at most: first by the name of the file, then by the end of the path."""
    wanted, ending = _file_name(name)
    if not wanted or len(wanted) > _LONGEST_NAME:
        return []
    most = _edits_allowed(wanted)
    # Of several pieces, more than there may be errors, one is without any.
    size = -(-len(wanted) // (most + 1))
    pieces = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    path = _path_parts(name)

    def candidates() -> Iterator[tuple[int, int, bool, str]]:
        for doc_id in _ids(searcher):
            stem, its_ending = _file_name(doc_id)
            if abs(len(stem) - len(wanted)) > most or not any(piece in stem for piece in pieces):
                continue
            edits = _edits(wanted, stem)
            if edits <= most:
                yield edits, -_shared_end(path, _path_parts(doc_id)), ending != its_ending, doc_id

    return [doc_id for *_, doc_id in nsmallest(MOST_NEAR, candidates())]


def _ids(searcher: Searcher) -> Iterator[str]:
    for number, doc_id in enumerate(searcher.ids()):
        if number >= _MOST_IDS:
            return
        yield doc_id


def _file_name(doc_id: str) -> tuple[str, str]:
    """(the name of the file without its ending, the ending), in small letters. A part of a file has the name of the file."""
    name = doc_id.partition(PART)[0].rpartition("/")[2].casefold()
    stem, dot, ending = name.rpartition(".")
    return (stem, ending) if dot and stem else (name, "")


def _path_parts(doc_id: str) -> list[str]:
    """The folders of an id, the last first."""
    return doc_id.partition(PART)[0].casefold().split("/")[-2::-1]


def _shared_end(one: list[str], other: list[str]) -> int:
    shared = 0
    for part, its in zip(one, other):  # noqa: B905  # one may be longer
        if part != its:
            break
        shared += 1
    return shared


def _edits_allowed(name: str) -> int:
    return 2 if len(name) >= _TWO_EDITS else 1 if len(name) >= _ONE_EDIT else 0


def _edits(one: str, other: str) -> int:
    """Letters to add, to leave out, to replace or to swap with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        last, before, row = before, row, [number]
        for place, its in enumerate(other, 1):
            least = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != its))
            if number > 1 and place > 1 and letter == other[place - 2] and one[number - 2] == its:
                least = min(least, last[place - 2] + 1)
            row.append(least)
    return row[-1]
