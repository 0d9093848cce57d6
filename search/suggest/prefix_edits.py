"""Prefixes with one typo: makes all prefixes one edit away, and finds the strings of a table that begin with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment

Integers = npt.NDArray[np.int64]

_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя")


def edits_of(prefix: str) -> Iterator[str]:
    """All prefixes one edit away: a letter left out, replaced or added, or two neighbours swapped.

    The first letter never changes, and no letter is added at the end. If the letters are not all Latin or all Russian, no
    new letter comes in.
    """
    letters = next((alphabet for alphabet in _ALPHABETS if all(letter in alphabet for letter in prefix)), "")
    for place in range(1, len(prefix)):
        before, here, after = prefix[:place], prefix[place], prefix[place + 1 :]
        yield before + after
        if after and after[0] != here:
            yield before + after[0] + here + after[1:]
        for letter in letters:
            if letter != here:
                yield before + letter + after
                yield before + letter + here + after


def prefix_ranges(segment: Segment, name: str, prefixes: Sequence[str]) -> list[range]:
    """For each prefix, the numbers of the strings of a sorted table that begin with it; perhaps an empty range.

    Parameters:
      segment: the segment.
      name: the table, "keys" or "forms".
      prefixes: the prefixes.

    One bisection serves all prefixes. For hundreds of them, `StringTable.prefix_range` would take a hundred times as long.

    Strings are compared by their first bytes, as big-endian numbers of 64 bits. The bytes behind a string in the table do
    no harm. The string ends with a line feed, which is below every character of a word, so the comparison ends there.
    """
    count = len(segment.container[f"{name}.ends"])
    if not count or not prefixes:
        return [range(0)] * len(prefixes)
    encoded = [prefix.encode("utf-8") for prefix in prefixes]
    width = max(map(len, encoded)) // 8 * 8 + 8  # with room for a byte that bounds the longest
    first = _Strings(segment, name, width)
    # 0xff is in no UTF-8 string. So this bound is above all strings with the prefix, and below all others above these.
    starts = first.lower_bounds(_padded(encoded, width, b"\0"), np.zeros(len(encoded), np.int64), count)
    there = np.flatnonzero(first.begin(np.minimum(starts, count - 1), encoded) & (starts < count))
    kept = [encoded[place] for place in there.tolist()]
    stops = starts.copy()
    stops[there] = first.lower_bounds(_padded(kept, width, b"\xff"), starts[there], count)
    return [range(start, stop) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]


class _Strings:
    """The first bytes of the strings of a table."""

    def __init__(self, segment: Segment, name: str, width: int) -> None:
        self._data, self._ends = segment.container[f"{name}.bytes"], segment.container[f"{name}.ends"]
        self._columns = np.arange(width)

    def rows(self, numbers: Integers) -> npt.NDArray[np.uint8]:
        """The first bytes of some strings, a row for each; behind a short string, the bytes that follow it."""
        starts = self._ends.take(numbers - 1, mode="clip").astype(np.int64)
        starts[numbers == 0] = 0
        return np.asarray(self._data.take(starts[:, None] + self._columns, mode="clip"))

    def lower_bounds(self, wanted: npt.NDArray[np.uint8], low: Integers, count: int) -> Integers:
        """For each row of `wanted` the first string, from `low` on, that is not below it."""
        low, high = low.copy(), np.full(len(low), count, np.int64)
        bounds = _as_numbers(wanted)
        for _ in range(count.bit_length()):
            middle = (low + high) >> 1
            below = _less(_as_numbers(self.rows(np.minimum(middle, count - 1))), bounds) & (low < high)
            low = np.where(below, middle + 1, low)
            high = np.where(below, high, middle)
        return low

    def begin(self, numbers: Integers, prefixes: Sequence[bytes]) -> npt.NDArray[np.bool_]:
        """For each string, whether it begins with the prefix of the same index."""
        lengths = np.fromiter(map(len, prefixes), np.int64, len(prefixes))
        same = self.rows(numbers) == _padded(prefixes, len(self._columns), b"\0")
        return np.asarray((same | (self._columns >= lengths[:, None])).all(axis=1))


def _padded(strings: Sequence[bytes], width: int, padding: bytes) -> npt.NDArray[np.uint8]:
    rows = np.frombuffer(b"".join([string.ljust(width, padding) for string in strings]), np.uint8)
    return rows.reshape(len(strings), width)


def _as_numbers(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Rows of bytes as 64-bit numbers in the same order. Each row becomes a column."""
    return np.ascontiguousarray(rows).view(">u8").astype(np.uint64).T


def _less(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """For each column, whether `left` is below `right`. The first numbers count most."""
    less = left[-1] < right[-1]
    for own, other in zip(left[-2::-1], right[-2::-1], strict=True):
        less = (own < other) | ((own == other) & less)
    return np.asarray(less)
