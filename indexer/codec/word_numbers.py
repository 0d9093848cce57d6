"""Numbers distinct words in memory, while a segment is written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from .container import Array


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
