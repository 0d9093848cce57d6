"""Finds the documents whose paths match a pattern: those that `path:`, `dir:` and `ext:` let pass.

A document of a synced folder has its id for a path: the folder's name and the path inside. One that an application added has the
path that it was given, or else its id. Capitals do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from naidi.indexer.codec.segment import Segment
from naidi.indexer.late import np

from ..budget import check
from ..cache import Attached, Cache
from ..collection import Bools, SegmentMemory
from ..query.analysed import ExtensionIs, FolderIs, PathFilter, PathMatches

if TYPE_CHECKING:
    import numpy.typing as npt

# Bytes for the masks of patterns.
_MASKS_BYTES = 2_000_000
_ROWS_A_CHECK = 2_000
_END = "\0"  # no id has one
_SEPARATOR = _END + "/"


class _ShownPaths:
    """The paths of a segment as one text in small letters, each between a slash and a NUL."""

    def __init__(self, memory: SegmentMemory) -> None:
        segment = memory.segment
        self.docs = segment.id_docs
        named = dict(_named(segment))
        # Mostly no path has a line feed of its own, and all are ids. Then the table of ids is the text, in one step.
        self.text = "" if named else f"/{segment.ids.lines()}".replace("\n", _SEPARATOR)[:-1].lower()
        self.ends = _places_of_end(self.text)
        if len(self.ends) != len(self.docs):
            paths = [doc_id.replace(_END, "") for doc_id in segment.ids.strings()]
            for rank, path in named.items():
                paths[rank] = path
            self.text = f"/{_SEPARATOR.join(paths)}{_END}".lower() if paths else ""
            self.ends = _places_of_end(self.text)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1))

    def rows_with(self, literal: str) -> npt.NDArray[np.int64]:
        """The rows that have a text, ascending."""
        text, found = self.text, []
        place = text.find(literal)
        while place >= 0:
            found.append(place)
            if not len(found) % _ROWS_A_CHECK:
                check()
            place = text.find(literal, text.find(_END, place) + 1)
        return np.asarray(self.ends.searchsorted(np.array(found, np.int64), side="left"))

    def row(self, number: int) -> str:
        return self.text[self.starts[number] : self.ends[number]]


def _named(segment: Segment) -> Iterator[tuple[int, str]]:
    """(place of its id, path) of the documents that an application has given a path."""
    sizes = segment.container.items("records.size")
    for count, rank in enumerate((segment.synced[segment.id_docs] == 0).nonzero()[0].tolist()):
        if not count % _ROWS_A_CHECK:
            check()
        doc = int(segment.id_docs[rank])
        if sizes[doc] and isinstance(path := segment.record(doc)["path"], str):
            yield rank, path.replace("\\", "/").replace(_END, "")


def _places_of_end(text: str) -> npt.NDArray[np.int64]:
    return np.flatnonzero(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32) == 0)


_PATHS = Attached(_ShownPaths)
_MASKS: Attached[SegmentMemory, Cache[PathFilter, Bools]] = Attached(
    lambda memory: Cache(memory.room(_MASKS_BYTES), lambda mask: mask.nbytes)
)


def path_mask(memory: SegmentMemory, node: PathFilter) -> Bools:
    """The documents whose paths pass a filter, bool by doc id."""
    return _MASKS.of(memory).get(node, lambda: _mask(_PATHS.of(memory), node))


def _mask(paths: _ShownPaths, node: PathFilter) -> Bools:
    mask = np.zeros(len(paths.docs), bool)
    for pattern in globs_of(node):
        mask[paths.docs[np.fromiter(_matching(paths, pattern), np.int64)]] = True
    return mask


def globs_of(node: PathFilter) -> tuple[str, ...]:
    """The patterns of a filter, each for a whole path with a slash in front. `*` stands for any text, `?` for one character."""
    match node:
        case PathMatches():
            return (f"*/{node.pattern.lstrip('/')}",) if _is_pattern(node.pattern) else (f"*{node.pattern}*",)
        case FolderIs():
            return (f"*/{node.names}/*",)
        case ExtensionIs():
            # Of a part of a file, the extension of the file counts too.
            return f"*.{node.extension}", f"*.{node.extension}//*"


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _matching(paths: _ShownPaths, pattern: str) -> Iterator[int]:
    first, *middle, last = pattern.split("*")
    longest = max((part for piece in (first, *middle, last) for part in piece.split("?")), key=len)
    if not first and [*middle, last] == [longest]:  # "*.pdf": the end of a path
        yield from paths.rows_with(longest + _END).tolist()
        return
    rows = paths.rows_with(longest).tolist() if longest else range(len(paths.docs))
    if not first and not last and middle == [longest]:
        yield from rows
        return
    for count, row in enumerate(rows):
        if not count % _ROWS_A_CHECK:
            check()
        if glob_matches(first, middle, last, paths.row(row)):
            yield row


def glob_matches(first: str, middle: list[str], last: str, text: str) -> bool:
    """Whether a text begins with `first`, then has the pieces in their order, and ends with `last`; `?` is any character.

    Each piece is taken at its first place, which is right, since a star lets any text follow. So the time is that of some searches.
    """
    end = len(text) - len(last)
    place = len(first)
    if place > end or _place_of(first, text, 0, place) < 0 or _place_of(last, text, end, len(text)) < 0:
        return False
    for piece in middle:
        place = _place_of(piece, text, place, end)
        if place < 0:
            return False
        place += len(piece)
    return True


def _place_of(piece: str, text: str, start: int, end: int) -> int:
    """The first place from `start` on where a piece lies before `end`; -1 if there is none."""
    if "?" not in piece:
        return text.find(piece, start, end)
    found = _with_any_characters(piece).search(text, start, end)
    return -1 if found is None else found.start()


@lru_cache(100)
def _with_any_characters(piece: str) -> re.Pattern[str]:
    return re.compile(".".join(map(re.escape, piece.split("?"))), re.DOTALL)
