"""Numbers distinct words in memory, while a segment is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import repeat
from typing import Protocol

import numpy as np

from .. import core
from .container import Array
from .lines import Lines, sorted_lines


class WordNumbers(dict[str, int]):
    """Word -> number, in the order of the first request. `words` has the word of each number."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def of(self, words: Sequence[str]) -> Array:
        """The numbers of distinct words (uint32). New words get the next numbers."""
        numbers = np.fromiter(map(self.get, words, repeat(-1)), np.int64, len(words))
        new = np.flatnonzero(numbers < 0)
        if len(new):
            count = len(self)
            numbers[new] = np.arange(count, count + len(new))
            added = words if len(new) == len(words) else list(map(words.__getitem__, new.tolist()))
            self.update(zip(added, range(count, count + len(new)), strict=True))
            self.words += added
        return numbers.astype(np.uint32)


class LineNumbers(Protocol):
    """Numbers words that come as lines: in UTF-8, each with a line feed behind it. Threads must not share it."""

    def __len__(self) -> int:
        """How many words it has."""

    def of(self, lines: bytes) -> Array:
        """The number of each line (uint32). A new word gets the next number. Raises ValueError if the last line feed is missing."""

    def sorted(self, numbers: Array) -> tuple[Lines, Array]:
        """(The words with these numbers, each once and sorted; the number of each (uint32)). numbers: uint32."""


def line_numbers() -> LineNumbers:
    """A LineNumbers without words."""
    return CoreLineNumbers() if core.is_used else PlainLineNumbers()


class PlainLineNumbers:
    """A LineNumbers without the core."""

    def __init__(self) -> None:
        self._numbers = WordNumbers()

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, lines: bytes) -> Array:
        *words, rest = lines.decode().split("\n")
        if rest:
            raise ValueError("a line feed is missing")
        self._numbers.of(list(dict.fromkeys(words)))
        return np.fromiter(map(self._numbers.__getitem__, words), np.uint32, len(words))

    def sorted(self, numbers: Array) -> tuple[Lines, Array]:
        return sorted_lines(self._numbers.words, numbers)


class CoreLineNumbers:
    """A LineNumbers of the compiled core. It needs a tenth of the memory."""

    def __init__(self) -> None:
        from naidi._core import Words

        self._core = Words(os.urandom(16))

    def __len__(self) -> int:
        return len(self._core)

    def of(self, lines: bytes) -> Array:
        return np.frombuffer(self._core.of(lines), np.uint32)

    def sorted(self, numbers: Array) -> tuple[Lines, Array]:
        data, ends, order = self._core.sorted(np.ascontiguousarray(numbers, np.uint32))
        return Lines(data, np.frombuffer(ends, np.uint64)), np.frombuffer(order, np.uint32)
