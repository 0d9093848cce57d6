"""Array operations on rows of unequal length. Two arrays hold the rows: `ends[i]` is where row i ends in `values`."""

from __future__ import annotations

from ..late import np
from ..typed import TYPE_CHECKING
from .container import Array

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Indices: TypeAlias = "npt.NDArray[np.int64]"


def row_bounds(ends: memoryview, row: int) -> tuple[int, int]:
    """Start and end of a row in the values."""
    return ends[row - 1] if row else 0, ends[row]


def row_ranges(ends: Array, rows: Array) -> tuple[Indices, Indices]:
    """(starts, lengths) of several rows."""
    wanted = rows.astype(np.int64)
    starts = np.where(wanted > 0, ends[wanted - 1].astype(np.int64), 0)
    return starts, np.asarray(ends[wanted].astype(np.int64) - starts)


def lengths_of(ends: Array) -> Indices:
    """How many values each row has."""
    lengths = ends.astype(np.int64)
    lengths[1:] -= lengths[:-1].copy()
    return lengths


def starts_of(ends: Array) -> Indices:
    """Where each row starts."""
    return np.concatenate(([0], ends[:-1].astype(np.int64))) if len(ends) else np.zeros(0, np.int64)


def value_indices(starts: Indices, lengths: Indices) -> Indices:
    """The indices start, start + 1, ... start + length - 1 of every row, one row after another."""
    ends = lengths.cumsum()
    indices = (starts - (ends - lengths)).repeat(lengths)
    indices += np.arange(len(indices))
    return np.asarray(indices, np.int64)


def invert_rows(ends: Array, values: Array, value_count: int) -> tuple[Array, Array]:
    """(ends, rows): for each value 0 .. value_count - 1, the numbers of the rows that hold it, ascending."""
    rows = np.repeat(np.arange(len(ends), dtype=np.uint32), lengths_of(ends))
    order = np.argsort(values, kind="stable")
    counts = np.bincount(values, minlength=value_count)
    return np.cumsum(counts).astype(np.uint64), rows[order]
