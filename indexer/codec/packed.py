"""Columns of numbers packed into bits, any of which can be read by itself.

A column is in blocks of BLOCK numbers. A block has the difference of each number to the least of them, its base, all in as many
bits as the largest difference needs, its width, one behind another from the lowest bit on. So a block of width w takes 4 * w
bytes. The last block is filled up with its last number.

    blocks       4 * (sum of all widths) bytes
    8            zero bytes, so that 8 bytes may be read at any place
    directory    for each GROUP blocks: where the first of them begins, divided by 4 (u4); width (u1) and base (u4) of each

A column without bases takes 0 for all of them, and its directory has none. What the last group has no block for is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from .. import core

Array = npt.NDArray[Any]

BLOCK = 32
GROUP = 8
_PER_GROUP = BLOCK * GROUP
_PADDING = 8
_WIDEST = 32
_CHUNK = 1 << 18  # numbers that are unpacked at once, to save memory


def _directory_type(based: bool) -> np.dtype[Any]:
    fields: list[Any] = [("start", "<u4"), ("widths", "u1", GROUP)]
    return np.dtype([*fields, ("bases", "<u4", GROUP)] if based else fields)


class Packed(NamedTuple):
    """Whole blocks: their bytes, and width and base of each."""

    data: bytes
    widths: Array
    bases: Array


def pack_blocks(values: Array, based: bool) -> Packed:
    """Pack numbers below 2**32, as many as fill blocks."""
    rows = np.ascontiguousarray(values, np.uint32).reshape(-1, BLOCK)
    if core.is_used:
        from naidi._core import pack

        data, own_widths, own_bases = pack(rows.reshape(-1), based)
        return Packed(data, np.frombuffer(own_widths, np.uint8), np.frombuffer(own_bases, np.uint32))
    bases = rows.min(axis=1) if based and len(rows) else np.zeros(len(rows), np.uint32)
    rows = rows - bases[:, np.newaxis]
    # frexp gives the bits of a whole number: it lies between half of 2**exponent and all of it.
    widths = np.frexp(rows.max(axis=1).astype(np.float64))[1] if len(rows) else np.zeros(0, np.int64)
    ends = np.cumsum(widths.astype(np.int64))
    words = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint32)
    for width in np.unique(widths).tolist():
        blocks = np.flatnonzero(widths == width)
        first = ends[blocks] - width
        own = rows[blocks].astype(np.uint64)
        for number in range(BLOCK if width else 0):
            word, shift = divmod(number * width, 32)
            moved = own[:, number] << np.uint64(shift)
            words[first + word] |= moved.astype(np.uint32)
            if shift + width > 32:
                words[first + word + 1] |= (moved >> np.uint64(32)).astype(np.uint32)
    return Packed(words.tobytes(), widths.astype(np.uint8), bases.astype(np.uint32))


class Packer:
    """Packs a column that comes in parts."""

    def __init__(self, based: bool = True) -> None:
        self.count = 0
        self._based = based
        self._left = np.zeros(0, np.uint32)
        self._widths: list[Array] = [np.zeros(0, np.uint8)]
        self._bases: list[Array] = [np.zeros(0, np.uint32)]

    def add(self, values: Array) -> bytes:
        """The bytes of the blocks that are full. Raises ValueError for a number that is none of 32 bits."""
        if len(values) and (int(values.max()) >> 32 or int(values.min()) < 0):
            raise ValueError(f"numbers up to {values.max()} in a packed column")
        self.count += len(values)
        values = values.astype(np.uint32, copy=False)
        if len(self._left):
            values = np.concatenate((self._left, values))
        full = len(values) // BLOCK * BLOCK
        self._left = values[full:].copy()
        return self._packed(values[:full])

    def _packed(self, values: Array) -> bytes:
        packed = pack_blocks(values, self._based)
        self._widths.append(packed.widths)
        self._bases.append(packed.bases)
        return packed.data

    def finish(self) -> bytes:
        """The rest of the bytes."""
        data = b""
        if len(self._left):
            data = self._packed(np.pad(self._left, (0, -len(self._left) % BLOCK), "edge"))
        widths, bases = np.concatenate(self._widths), np.concatenate(self._bases)
        directory = np.zeros(-(-len(widths) // GROUP), _directory_type(self._based))
        filled = np.pad(widths, (0, -len(widths) % GROUP)).reshape(-1, GROUP)
        directory["widths"] = filled
        sums = filled.sum(axis=1, dtype=np.int64)
        directory["start"] = np.cumsum(sums) - sums
        if self._based:
            directory["bases"] = np.pad(bases, (0, -len(bases) % GROUP)).reshape(-1, GROUP)
        return data + bytes(_PADDING) + directory.tobytes()


class PackedColumn(NDArrayOperatorsMixin):
    """A packed column of a mapped file. It is read as an array is: by a number, a slice or an array of numbers.

    Where an array is needed, numpy gets one of all numbers. Where the file is damaged, the error is raised that `damaged` gives.
    """

    dtype = np.dtype(np.uint32)

    def __init__(self, stored: Array, count: int, based: bool, damaged: Callable[[], Exception]) -> None:
        kind = _directory_type(based)
        groups = -(-count // _PER_GROUP)
        room = len(stored) - groups * kind.itemsize
        if room < _PADDING:
            raise damaged()
        self.stored, self.count, self.based = stored, count, based
        self._damaged = damaged
        self._room = room - _PADDING
        self._bytes = memoryview(stored)  # type: ignore[arg-type]
        self._entry = kind.itemsize
        self._directory = np.frombuffer(stored, kind, groups, room)
        # Eight bytes from any place on.
        self._words: Array = np.ndarray((room - 7,), np.dtype("<u8"), stored, 0, (1,))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            start, stop, step = key.indices(self.count)
            return self.take(np.arange(start, stop, step))
        if isinstance(key, (np.ndarray, list)):
            places = np.asarray(key)
            return self.take(np.flatnonzero(places) if places.dtype == bool else places)
        return self._number(key)

    def _number(self, index: int) -> int:
        index = int(index)
        if index < 0:
            index += self.count
        if not 0 <= index < self.count:
            raise IndexError(f"number {index} of {self.count}")
        group, block = index // _PER_GROUP, index // BLOCK % GROUP
        place = self._room + _PADDING + group * self._entry
        entry = self._bytes[place : place + self._entry]
        width = entry[4 + block]
        start = 4 * (int.from_bytes(entry[:4], "little") + sum(entry[4 : 4 + block]))
        if width > _WIDEST or start + 4 * width > self._room:
            raise self._damaged()
        bit = index % BLOCK * width
        place = start + (bit >> 3)
        found = int.from_bytes(self._bytes[place : place + 8], "little") >> (bit & 7) & ((1 << width) - 1)
        if self.based:
            place = 4 + GROUP + 4 * block
            found += int.from_bytes(entry[place : place + 4], "little")
        return found & 0xFFFFFFFF

    def take(self, indices: Any, mode: str = "raise") -> Array:
        """The numbers at some places (uint32). mode: "raise" gives IndexError for places that there are not, "clip" the nearest."""
        shape = np.shape(indices)
        indices = np.asarray(indices, np.int64).reshape(-1)
        if mode == "clip" and self.count:
            indices = np.clip(indices, 0, self.count - 1)
        if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= self.count):
            indices = np.where(indices < 0, indices + self.count, indices)
            if int(indices.min()) < 0 or int(indices.max()) >= self.count:
                raise IndexError(f"number {indices.max()} of {self.count}")
        found = np.empty(len(indices), np.uint32)
        if core.is_used:
            from naidi._core import unpack

            if not unpack(self.stored, self.count, self.based, np.ascontiguousarray(indices), found):
                raise self._damaged()
            return found.reshape(shape)
        for start in range(0, len(indices), _CHUNK):
            found[start : start + _CHUNK] = self._unpacked(indices[start : start + _CHUNK])
        return found.reshape(shape)

    def _unpacked(self, indices: Array) -> Array:
        group, block = indices // _PER_GROUP, indices // BLOCK % GROUP
        entries = self._directory[group]
        all_widths = entries["widths"].astype(np.int64)
        before = (all_widths * (np.arange(GROUP) < block[:, np.newaxis])).sum(axis=1)
        rows = np.arange(len(indices))
        widths = all_widths[rows, block]
        starts = (entries["start"] + before) * 4
        if len(widths) and (int(widths.max()) > _WIDEST or int((starts + 4 * widths).max()) > self._room):
            raise self._damaged()
        bits = indices % BLOCK * widths
        words = self._words[starts + (bits >> 3)] >> (bits & 7).astype(np.uint64)
        found = (words & ((np.uint64(1) << widths.astype(np.uint64)) - np.uint64(1))).astype(np.uint32)
        return np.asarray(found + entries["bases"][rows, block]) if self.based else found

    def tolist(self) -> list[int]:
        found: list[int] = self[:].tolist()
        return found

    def astype(self, kind: npt.DTypeLike, copy: bool = True) -> Array:
        return np.asarray(self[:].astype(kind, copy=copy))

    def copy(self) -> Array:
        return np.asarray(self[:])

    def max(self) -> Any:
        return self[:].max()

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        arrays = [value[:] if isinstance(value, PackedColumn) else value for value in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def searchsorted(self, wanted: Any, side: str = "left") -> Any:
        """As that of an array; the numbers must ascend."""
        values = np.atleast_1d(np.asarray(wanted))
        low, high = np.zeros(len(values), np.int64), np.full(len(values), self.count, np.int64)
        while len(left := np.flatnonzero(low < high)):
            middle = (low[left] + high[left]) // 2
            there = self.take(middle)
            is_before = there < values[left] if side == "left" else there <= values[left]
            low[left[is_before]] = middle[is_before] + 1
            high[left[~is_before]] = middle[~is_before]
        return low if np.ndim(wanted) else low[0]
