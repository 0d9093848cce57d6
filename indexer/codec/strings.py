"""Sorted strings in two arrays: the lexicons of forms, keys, stems and document ids.

`NAME.bytes` is the UTF-8 of all strings, each followed by a line feed; `NAME.ends` is where each ends, its line feed included.
Sorted by code point, which is also the order of UTF-8 bytes, so that a look-up and a prefix are bisections over the mapped bytes;
the line feeds let one regular expression run over a whole lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from indexer.codec.container import Array, Container, narrowest


def string_sections(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """The two sections of a list of strings, in the order given."""
    encoded = [string.encode("utf-8") + b"\n" for string in strings]
    ends = np.cumsum(np.fromiter(map(len, encoded), np.uint64, len(encoded)), dtype=np.uint64)
    return {
        f"{name}.bytes": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}.ends": narrowest(ends),
    }


class StringTable:
    """The strings of a container, by number; by bisection if they were written sorted."""

    def __init__(self, container: Container, name: str) -> None:
        self._bytes = memoryview(container[f"{name}.bytes"]).cast("B")  # type: ignore[arg-type]
        self._ends = container[f"{name}.ends"]
        # Items of a memoryview are Python numbers, read several times faster than those of an array.
        self._end: memoryview = self._ends.data
        self._container = container
        if len(self._ends) and int(self._ends[-1]) != len(self._bytes):
            raise container.damaged(f"section {name}.ends")

    def __len__(self) -> int:
        return len(self._ends)

    def raw(self, number: int) -> bytes:
        start = self._end[number - 1] if number else 0
        return bytes(self._bytes[start : self._end[number] - 1])

    def __getitem__(self, number: int) -> str:
        try:
            return self.raw(number).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def __iter__(self) -> Iterator[str]:
        ends = self._ends.tolist()
        data = bytes(self._bytes)
        start = 0
        try:
            for end in ends:
                yield data[start : end - 1].decode("utf-8")
                start = end
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def chunk(self, numbers: range) -> tuple[bytes, npt.NDArray[np.int64]]:
        """The bytes of neighbouring strings, line feeds included, and where each ends in them."""
        if not len(numbers):
            return b"", np.zeros(0, np.int64)
        start = int(self._ends[numbers.start - 1]) if numbers.start else 0
        ends = self._ends[numbers.start : numbers.stop].astype(np.int64)
        return bytes(self._bytes[start : int(ends[-1])]), ends - start

    def lower_bound(self, wanted: bytes) -> int:
        """The number of the first string that is not below `wanted`. The table must be sorted."""
        low, high = 0, len(self._end)
        data, end = self._bytes, self._end
        while low < high:
            middle = (low + high) // 2
            if bytes(data[end[middle - 1] if middle else 0 : end[middle] - 1]) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, string: str) -> int:
        """The number of the string, or -1. The table must be sorted."""
        wanted = string.encode("utf-8", "surrogatepass")
        number = self.lower_bound(wanted)
        return number if number < len(self._ends) and self.raw(number) == wanted else -1

    def prefix_range(self, prefix: str) -> range:
        """The numbers of the strings that begin with `prefix`. The table must be sorted."""
        wanted = prefix.encode("utf-8", "surrogatepass")
        # 0xff is in no UTF-8 string, so this is above every string with the prefix and below all others that are above.
        return range(self.lower_bound(wanted), self.lower_bound(wanted + b"\xff"))
