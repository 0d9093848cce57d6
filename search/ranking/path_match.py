"""Finds the documents whose paths match a pattern: those that `path:`, `dir:` and `ext:` let pass.

A document of a synced folder has its id for a path: the folder's name and the path inside. One that an application added has the
path that it was given, or else its id. Capitals do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..budget import check
from ..cache import Attached, Cache
from ..collection import Bools, SegmentMemory
from ..query.analysed import ExtensionIs, FolderIs, PathFilter, PathMatches

# Bytes for the masks of patterns.
_MASKS_BYTES = 2_000_000
_ROWS_A_CHECK = 2_000
_END = "\0"  # no id has one


class _ShownPaths:
    """The paths of a segment as one text in small letters, each between a slash and a NUL."""

    def __init__(self, memory: SegmentMemory) -> None:
        segment = memory.segment
        paths = segment.ids.strings()
        sizes = segment.container.items("records.size")
        docs = segment.id_docs
        named = (segment.synced[docs] == 0).nonzero()[0]
        for count, rank in enumerate(named.tolist()):
            if not count % _ROWS_A_CHECK:
                check()
            doc = int(docs[rank])
            if sizes[doc] and isinstance(path := segment.record(doc)["path"], str):
                paths[rank] = path.replace("\\", "/").replace(_END, "")
        self.docs = docs
        lowered = [f"/{path.lower()}" for path in paths]
        self.text = _END.join([*lowered, ""])
        ends = np.cumsum(np.fromiter(map(len, lowered), np.int64, len(lowered)) + 1)
        self.starts = ends - np.diff(ends, prepend=0)
        self.ends = ends - 1

    def rows_with(self, literal: str) -> npt.NDArray[np.int64]:
        """The rows that have a text, ascending."""
        text, found = self.text, []
        place = text.find(literal)
        while place >= 0:
            found.append(place)
            if not len(found) % _ROWS_A_CHECK:
                check()
            place = text.find(literal, text.find(_END, place))
        return np.asarray(self.ends.searchsorted(np.array(found, np.int64), side="left"))

    def row(self, number: int) -> str:
        return self.text[self.starts[number] : self.ends[number]]


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
