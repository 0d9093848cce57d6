"""A hash table for many words at a time, in array operations. A word is a pair of 64-bit numbers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

WORD_BYTES = 16  # longer words do not fit into a pair
UNSEEN = (1 << 32) - 1
_FIRST_SLOTS = 1 << 14
_LOW_BYTES = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)


def as_pairs(data: bytes, starts: Array, lengths: Array) -> tuple[Array, Array]:
    """(the first 8 bytes, the next 8) of each word data[start : start + length], with 0 behind its end (uint64).

    At least WORD_BYTES bytes must follow the last start.
    """
    loads: Array = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))  # the 8 bytes from each offset on
    low = loads[starts] & _LOW_BYTES[np.minimum(lengths, 8)]
    high = loads[starts + 8] & _LOW_BYTES[np.clip(lengths - 8, 0, 8)]
    return low, high


class WordTable:
    """Words -> numbers, by open addressing, many words at a time. Words are pairs of 64-bit numbers, not both 0."""

    def __init__(self) -> None:
        self._count = 1  # entry 0 is no word
        self._low, self._high = np.zeros(_FIRST_SLOTS // 2, np.uint64), np.zeros(_FIRST_SLOTS // 2, np.uint64)
        self._numbers = np.full(_FIRST_SLOTS // 2, UNSEEN, np.uint32)
        self._slots = np.zeros(_FIRST_SLOTS, np.int32)
        # Random factors: nobody can write a text whose words all fall into one slot.
        self._factors = np.frombuffer(os.urandom(24), np.uint64) | np.uint64(1)

    def __len__(self) -> int:
        return self._count - 1

    def _first_slots(self, low: Array, high: Array) -> Array:
        mixed = low * self._factors[0] ^ high * self._factors[1]
        mixed ^= mixed >> np.uint64(32)
        mixed *= self._factors[2]
        slots: Array = (mixed >> np.uint64(65 - len(self._slots).bit_length())).astype(np.int64)
        return slots

    def find(self, low: Array, high: Array) -> Array:
        """The numbers of the words; UNSEEN for unknown words."""
        slots = self._first_slots(low, high)
        entries = self._slots[slots]
        numbers = self._numbers[entries]
        left = np.flatnonzero((self._low[entries] != low) | (self._high[entries] != high))
        while len(left):
            left = left[self._slots[slots[left]] != 0]
            slots[left] = (slots[left] + 1) & (len(self._slots) - 1)
            entries = self._slots[slots[left]]
            numbers[left] = self._numbers[entries]
            left = left[(self._low[entries] != low[left]) | (self._high[entries] != high[left])]
        return numbers

    def add(self, low: Array, high: Array, numbers: Sequence[int]) -> None:
        """Add distinct new words."""
        start, self._count = self._count, self._count + len(low)
        if 2 * self._count > len(self._slots):
            self._grow(start)
        self._low[start : self._count] = low
        self._high[start : self._count] = high
        self._numbers[start : self._count] = numbers
        self._place(np.arange(start, self._count, dtype=np.int32))

    def _grow(self, used: int) -> None:
        slots = 1 << (2 * self._count).bit_length()
        for name, column in (("_low", self._low), ("_high", self._high), ("_numbers", self._numbers)):
            longer = np.zeros(slots // 2, column.dtype)
            longer[:used] = column[:used]
            setattr(self, name, longer)
        self._slots = np.zeros(slots, np.int32)
        self._place(np.arange(1, used, dtype=np.int32))

    def _place(self, entries: Array) -> None:
        """Give each entry its own slot or the first free one behind."""
        slots = self._first_slots(self._low[entries], self._high[entries])
        while len(entries):
            free = self._slots[slots] == 0
            self._slots[slots[free]] = entries[free]
            left = self._slots[slots] != entries
            entries, slots = entries[left], (slots[left] + 1) & (len(self._slots) - 1)
