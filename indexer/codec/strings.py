"""Tables of strings: the lexicons of forms, keys and stems, document ids, titles, acronyms.

`NAME.bytes` has the UTF-8 bytes of all strings, each followed by a line feed. `NAME.ends` has the end of each, line feed
included. A sorted table is in the order of code points, which is also the order of UTF-8 bytes. So a look-up or a prefix is
a bisection over the mapped bytes. The line feeds let one regular expression run over a whole lexicon.

Tables that are looked up often have a hash table too, `NAME.slots`. A slot holds a string number + 1, or 0 if it is free.
A string is in slot c mod M or in the first free slot behind. Here c is the CRC-32 of the string with its line feed, and
M = n + n // 3 + 1 for n strings. Behind the M slots are as many more as the last strings need, and one free slot.
"""

from __future__ import annotations

from itertools import pairwise

from ..late import np, zlib
from ..typed import TYPE_CHECKING
from .container import Array, Container, narrowest
from .ragged import row_ranges, value_indices
from .sections import slot_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from .lines import Lines


def string_sections(name: str, strings: Sequence[str] | Lines, *, hashed: bool = False) -> dict[str, Array]:
    """The sections of a list of strings, in the order given. hashed: with a hash table."""
    from .lines import Lines, line_slots, lines_of

    lines = strings if isinstance(strings, Lines) else lines_of(strings)
    sections = {f"{name}.bytes": np.frombuffer(lines.data, np.uint8), f"{name}.ends": narrowest(lines.ends)}
    if hashed:
        sections[f"{name}.slots"] = narrowest(line_slots(lines, slot_count(len(lines))))
    return sections


class StringTable:
    """A table of strings in a container. Strings have numbers. Look-ups need a sorted table or a hash table."""

    def __init__(self, container: Container, name: str) -> None:
        self._name = name
        self._bytes = container.items(f"{name}.bytes").cast("B")
        self._end = container.items(f"{name}.ends")
        self._container = container
        self._slots: memoryview | None = container.items(f"{name}.slots") if f"{name}.slots" in container else None
        self._slot_count = slot_count(len(self._end))
        if len(self._end) and self._end[-1] != len(self._bytes):
            raise container.damaged(f"section {name}.ends")

    @property
    def _ends(self) -> Array:
        return self._container[f"{self._name}.ends"]

    def __len__(self) -> int:
        return len(self._end)

    def raw(self, number: int) -> bytes:
        return bytes(self._bytes[self._end[number - 1] if number else 0 : self._end[number] - 1])

    def __getitem__(self, number: int) -> str:
        try:
            return str(self._bytes[self._end[number - 1] if number else 0 : self._end[number] - 1], "utf-8")
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.strings())

    @property
    def data(self) -> memoryview:
        """All strings as bytes, by number, each with a line feed behind it."""
        return self._bytes

    def strings(self) -> list[str]:
        """All strings, by number."""
        try:
            found = str(self._bytes, "utf-8").split("\n")[:-1]
            if len(found) == len(self):
                return found
            # Some have line feeds of their own.
            ends = self._ends.tolist()
            data = bytes(self._bytes)
            return [data[start : end - 1].decode("utf-8") for start, end in pairwise([0, *ends])]
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def lines(self) -> str:
        """All strings, each with a line feed behind it. Some may have line feeds of their own."""
        try:
            return str(self._bytes, "utf-8")
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def rows(self, numbers: npt.NDArray[np.int64]) -> tuple[bytes, npt.NDArray[np.int64]]:
        """(the bytes of some strings, one after another, line feeds included; how many bytes each has)."""
        starts, lengths = row_ranges(self._ends, numbers)
        data = np.frombuffer(self._bytes, np.uint8)
        return data[value_indices(starts, lengths)].tobytes(), lengths

    def between(self, first: int, end: int) -> list[str]:
        """The neighbouring strings from `first` on, before `end`, of a table whose strings have no line feed."""
        start = self._end[first - 1] if first else 0
        try:
            return str(self._bytes[start : self._end[end - 1]], "utf-8").split("\n")[:-1] if first < end else []
        except UnicodeDecodeError as error:
            raise self._container.damaged("a string is not UTF-8") from error

    def chunk(self, numbers: range) -> tuple[bytes, npt.NDArray[np.int64]]:
        """(the bytes of neighbouring strings, line feeds included; where each ends in them)."""
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
        """The number of the string, or -1. The table must be sorted or have a hash table."""
        wanted = string.encode("utf-8", "surrogatepass")
        if self._slots is None:
            number = self.lower_bound(wanted)
            return number if number < len(self._end) and self.raw(number) == wanted else -1
        wanted += b"\n"
        data, end, slots = self._bytes, self._end, self._slots
        slot = zlib.crc32(wanted) % self._slot_count
        while found := slots[slot]:
            number = found - 1
            if data[end[number - 1] if number else 0 : end[number]] == wanted:
                return number
            slot += 1
        return -1

    def prefix_range(self, prefix: str) -> range:
        """The numbers of the strings that begin with `prefix`. The table must be sorted."""
        wanted = prefix.encode("utf-8", "surrogatepass")
        # 0xff is in no UTF-8 string. So this bound is above all strings with the prefix, and below all others above these.
        return range(self.lower_bound(wanted), self.lower_bound(wanted + b"\xff"))
