"""The reader of dawg files, pymorphy3's compiled tables.

A dawg file is a length and that many 32-bit units of a double array (dawgdic), then a guide: a length, and two bytes for
each unit. These are the labels of its first child and its next sibling. In a table of words, the byte 1 separates a word
from its values.
"""

from __future__ import annotations

import mmap
from binascii import a2b_base64
from collections.abc import Sequence
from pathlib import Path
from struct import unpack_from
from typing import TypeAlias

_LEAF, _LABEL, _EXTENSION, _HAS_LEAF = 0x80000000, 0x800000FF, 0x200, 0x100  # bits of a unit

Spellings: TypeAlias = "Sequence[tuple[str, int]]"


class Dawg:
    """A read-only, memory-mapped map from bytes to values. Processes and threads may share it."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        size = unpack_from("=I", data)[0]
        self.units = data[4 : 4 + 4 * size].cast("I")
        self.guide = data[8 + 4 * size :]  # another length stands between

    def follow(self, key: bytes, node: int = 0) -> int:
        """The node that `key` leads to from `node`; 0, the root, if there is none."""
        units = self.units
        unit = units[node]
        for label in key:
            node ^= (unit >> 10) << ((unit & _EXTENSION) >> 6) ^ label
            unit = units[node]
            if unit & _LABEL != label:
                return 0
        return node

    def base(self, node: int) -> int:
        """Where the children of a node lie. Nodes with equal children share the place, so it identifies their values."""
        unit = self.units[node]
        return node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)

    def number(self, node: int) -> int:
        """The integer stored at a node, or 0."""
        return self.units[self.base(node)] & ~_LEAF if self.units[node] & _HAS_LEAF else 0

    def payloads(self, node: int) -> list[bytes]:
        """Every value below a node, in the order of pymorphy3: depth first, as the guide says."""
        units, guide = self.units, self.guide
        found: list[bytes] = []
        waiting = [(node, b"")]
        while waiting:
            node, key = waiting.pop()
            unit = units[node]
            if unit & _HAS_LEAF:
                found.append(a2b_base64(key))
            base = node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)
            label = guide[2 * node]
            children = []
            while label:
                child = base ^ label
                children.append((child, key + bytes((label,))))
                label = guide[2 * child + 1]
            waiting += reversed(children)
        return found

    def similar(self, word: str) -> Spellings:
        """(spelling, node of its values) for the word itself and for its spellings with ё for some е."""
        found: list[tuple[str, int]] = []
        self._similar(word.encode(), 0, 0, word, found)
        return found

    def _similar(self, key: bytes, start: int, node: int, word: str, found: list[tuple[str, int]]) -> None:
        units = self.units
        unit = units[node]
        place = len(found)
        for position in range(start, len(key)):
            label = key[position]
            base = node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)
            if label == 0xD0 and key[position + 1] == 0xB5:  # the two bytes of е; those of ё are D1 91
                other = base ^ 0xD1
                if units[other] & _LABEL == 0xD1 and (other := self.follow(b"\x91", other)):
                    letter = len(key[:position].decode())
                    spelling = word[:letter] + "ё" + word[letter + 1 :]
                    self._similar(key, position + 2, other, spelling, found)
            node = base ^ label
            unit = units[node]
            if unit & _LABEL != label:
                return
        values = self.follow(b"\x01", node)
        if values:
            found.insert(place, (word, values))
