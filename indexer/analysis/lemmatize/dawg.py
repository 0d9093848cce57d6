"""The reader of dawg files, pymorphy3's compiled tables.

A dawg file is a length and that many 32-bit units of a double array (dawgdic), then a guide: a length, and two bytes for
each unit. These are the labels of its first child and its next sibling. In a table of words, the byte 1 separates a word
from its values.
"""

from __future__ import annotations

import mmap
from binascii import a2b_base64
from collections.abc import Collection, Sequence
from pathlib import Path
from struct import unpack_from
from typing import TypeAlias

from .dawg_format import EXTENSION, HAS_LEAF, LABEL, LEAF, WORD_END

Spellings: TypeAlias = "Sequence[tuple[str, int]]"


class Dawg:
    """A read-only, memory-mapped map from bytes to values. Processes and threads may share it."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        size = unpack_from("=I", data)[0]
        self.units = data[4 : 4 + 4 * size].cast("I")
        self._guide = data[8 + 4 * size :]  # another length stands between
        # Answers found ahead. Threads may fill and drop them freely, since an answer depends on the word alone. A number is
        # the node of the word's own spelling, when it has no other, or 0 if there is none.
        self._ahead: dict[str, Spellings | int] = {}

    def follow(self, key: bytes, node: int = 0) -> int:
        """The node that `key` leads to from `node`; 0, the root, if there is none."""
        units = self.units
        unit = units[node]
        for label in key:
            node ^= (unit >> 10) << ((unit & EXTENSION) >> 6) ^ label
            unit = units[node]
            if unit & LABEL != label:
                return 0
        return node

    def base(self, node: int) -> int:
        """Where the children of a node lie. Nodes with equal children share the place, so it identifies their values."""
        unit = self.units[node]
        return node ^ (unit >> 10) << ((unit & EXTENSION) >> 6)

    def number(self, node: int) -> int:
        """The integer stored at a node, or 0."""
        return self.units[self.base(node)] & ~LEAF if self.units[node] & HAS_LEAF else 0

    def payloads(self, node: int) -> list[bytes]:
        """Every value below a node, in the order of pymorphy3: depth first, as the guide says."""
        units, guide = self.units, self._guide
        found: list[bytes] = []
        waiting = [(node, b"")]
        while waiting:
            node, key = waiting.pop()
            unit = units[node]
            if unit & HAS_LEAF:
                found.append(a2b_base64(key))
            base = node ^ (unit >> 10) << ((unit & EXTENSION) >> 6)
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
        ahead = self._ahead.get(word)
        if ahead is not None:
            return ahead if not isinstance(ahead, int) else ((word, ahead),) if ahead else ()
        found: list[tuple[str, int]] = []
        self._similar(word.encode(), 0, 0, word, found)
        return found

    def follow_all(self, words: Collection[str], end: str) -> list[int]:
        """The node of each word with `end` behind it, or 0. `end` is an ASCII character that no word has."""
        from .dawg_bulk import follow_all

        nodes, _ = follow_all(self.units, words, end)
        return list(nodes.tolist())

    def look_ahead(self, words: Sequence[str]) -> list[int]:
        """Find the spellings of many words at once, for `similar`. That is several times faster than one by one.

        Returns for each word the node of its values if it has no other spelling, else 0.
        """
        from .dawg_bulk import follow_all  # imports numpy, which nothing else here needs

        found_nodes, dotted = follow_all(self.units, words, WORD_END, with_yo=True)
        nodes = list(found_nodes.tolist())
        ahead: dict[str, Spellings | int] = dict(zip(words, nodes, strict=True))
        for number in dotted.tolist():
            word = words[number]
            nodes[number] = 0
            found: list[tuple[str, int]] = []
            self._similar(word.encode(), 0, 0, word, found)
            ahead[word] = found
        self._ahead.update(ahead)  # not before: another thread would take a number for the whole answer
        return nodes

    def forget(self) -> None:
        """Drop the answers found ahead."""
        self._ahead = {}

    def all_payloads(self, nodes: Collection[int], size: int) -> list[list[bytes]]:
        """`payloads` of each node. All values of the table must have `size` bytes, 4 or 8."""
        from .dawg_bulk import values_below

        found: list[list[bytes]] = [[] for _ in nodes]
        if not found:
            return found
        rows, values = values_below(self.units, self._guide, nodes, size)
        data = values.tobytes()
        for place, row in enumerate(rows.tolist()):
            found[row].append(data[place * size : (place + 1) * size])
        return found

    def _similar(self, key: bytes, start: int, node: int, word: str, found: list[tuple[str, int]]) -> None:
        units = self.units
        unit = units[node]
        place = len(found)
        for position in range(start, len(key)):
            label = key[position]
            base = node ^ (unit >> 10) << ((unit & EXTENSION) >> 6)
            if label == 0xD0 and key[position + 1] == 0xB5:  # the two bytes of е; those of ё are D1 91
                other = base ^ 0xD1
                if units[other] & LABEL == 0xD1 and (other := self.follow(b"\x91", other)):
                    letter = len(key[:position].decode())
                    spelling = word[:letter] + "ё" + word[letter + 1 :]
                    self._similar(key, position + 2, other, spelling, found)
            node = base ^ label
            unit = units[node]
            if unit & LABEL != label:
                return
        values = self.follow(b"\x01", node)
        if values:
            found.insert(place, (word, values))
