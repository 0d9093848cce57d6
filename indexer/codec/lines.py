"""Lines: the strings of a table as they stand in a file, in UTF-8 with a line feed behind each.

A lexicon is sorted, merged and written as lines. So the compiled core needs no string of Python for each of its words, and lets
other threads run meanwhile.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .. import core
from .container import Array

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(slots=True, eq=False)
class Lines:
    """Strings in UTF-8.

    data: all of them, each with a line feed behind it.
    ends: where each ends, its line feed included (uint64).
    """

    data: bytes
    ends: Array

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[bytes]:
        """The lines, with their line feeds."""
        return (self.data[start:end] for start, end in pairwise([0, *self.ends.tolist()]))

    def strings(self) -> list[str]:
        """The strings."""
        return [line[:-1].decode() for line in self]


def lines_of(strings: Sequence[str]) -> Lines:
    """The lines of strings, in the order given. They may have line feeds of their own."""
    encoded = [f"{string}\n".encode() for string in strings]
    return Lines(b"".join(encoded), np.fromiter(map(len, encoded), np.uint64, len(encoded)).cumsum(dtype=np.uint64))


def sorted_lines(words: list[str], numbers: Array) -> tuple[Lines, Array]:
    """(The words with these numbers, each once and sorted; the number of each (uint32)). numbers: uint32."""
    if core.is_used:
        from naidi._core import sorted_lines as by_the_core

        data, ends, order = by_the_core(words, np.ascontiguousarray(numbers, np.uint32))
        return Lines(data, np.frombuffer(ends, np.uint64)), np.frombuffer(order, np.uint32)
    used = np.flatnonzero(np.bincount(numbers, minlength=len(words))).tolist()
    used.sort(key=words.__getitem__)
    return lines_of([words[number] for number in used]), np.array(used, np.uint32)


def merged_lines(tables: Sequence[tuple[memoryview, int, Array | None]]) -> tuple[Lines, list[Array]]:
    """The union of sorted tables.

    Parameters:
      tables: for each its lines, which are not empty and ascend; how many there are; which of them are used (bool), None for all.

    Returns (the used lines, each once and sorted; for each table the number there of each of its lines, or -1 (int32)). Raises
    IndexError if a table is not sorted or has another number of lines.
    """
    if core.is_used:
        from naidi._core import merged_lines as unite

        data, ends, numbers = unite(tuple(tables))
        return Lines(data, np.frombuffer(ends, np.uint64)), [np.frombuffer(each, np.int32) for each in numbers]
    met: dict[bytes, int] = {}
    maps = []
    for table, count, used in tables:
        lines = bytes(table).split(b"\n")[:-1]
        if len(lines) != count or any(map(bytes.__ge__, lines, lines[1:])):
            raise IndexError("a table of strings is not sorted, or has another number of lines")
        rows = range(count) if used is None else np.flatnonzero(used).tolist()
        found = np.full(count, -1, np.int32)
        found[rows] = [met.setdefault(lines[row], len(met)) for row in rows]
        maps.append(found)
    union = sorted(met)
    places = np.full(len(met) + 1, -1, np.int32)  # the last one is for unused lines, whose number is -1
    places[[met[line] for line in union]] = np.arange(len(union), dtype=np.int32)
    sizes = np.fromiter(map(len, union), np.uint64, len(union)) + np.uint64(1)
    return Lines(b"".join(line + b"\n" for line in union), sizes.cumsum(dtype=np.uint64)), [places[row] for row in maps]


def line_slots(lines: Lines, count: int) -> Array:
    """The hash table of lines (uint32), as `strings` describes it. count: how many slots a hash may choose."""
    if core.is_used:
        from naidi._core import line_slots as by_the_core

        return np.frombuffer(by_the_core(lines.data, np.ascontiguousarray(lines.ends, np.uint64), count), np.uint32)
    hashes: npt.NDArray[np.uint32] = np.fromiter(map(zlib.crc32, lines), np.uint32, len(lines))
    wanted = hashes.astype(np.int64) % count
    order = np.argsort(wanted, kind="stable")
    # In the order of wanted slots, each string gets its slot or the one behind its predecessor's. So string i gets slot
    # max(wanted[j] + i - j) over j <= i.
    steps = np.arange(len(order))
    taken = np.maximum.accumulate(wanted[order] - steps) + steps
    # One slot more: a search that runs to the end must meet a free one.
    slots = np.zeros(max(count, int(taken[-1]) + 1 if len(taken) else 0) + 1, np.uint32)
    slots[taken] = order + 1
    return slots
