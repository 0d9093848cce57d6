"""Form tags: for each token, a small number that says which form of its stem it is.

A tag takes as few half bytes as the number of forms of the stem allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..late import np
from .container import Array
from .ragged import Indices

if TYPE_CHECKING:
    import numpy.typing as npt


def tag_widths(form_counts: Array) -> Indices:
    """How many half bytes a tag takes, for stems with these numbers of forms: 0 for one form, else 1, 2 or 4."""
    return np.array([0, 1, 2, 4])[np.searchsorted([1, 16, 256], form_counts)]


def tag_width(form_count: int) -> int:
    """How many half bytes a tag takes, for one stem."""
    return 0 if form_count == 1 else 1 if form_count <= 16 else 2 if form_count <= 256 else 4


def pack_tags(tags: Array, widths: Indices) -> npt.NDArray[np.uint8]:
    """The half bytes (0 to 15) of tags with these widths (from 1), the lowest half byte of a tag first."""
    ends = widths.cumsum()
    starts = ends - widths
    halves = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for place in range(4):
        wide = (widths > place).nonzero()[0]
        halves[starts[wide] + place] = (tags[wide] >> (4 * place)) & 15
    return halves


def pack_halves(halves: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """An even number of half bytes, two in a byte, the first in its lower half."""
    return np.asarray(halves[0::2] | halves[1::2] << 4)


def read_tags(packed: Array, starts: Indices, widths: Indices | int) -> Indices:
    """The tags that start at these half bytes and have these widths (from 1)."""
    tags = _half(packed, starts)
    widest = widths if isinstance(widths, int) else int(widths.max(initial=1))
    for place in range(1, widest):
        halves = _half(packed, starts + place, mode="clip") << (4 * place)
        tags |= halves if isinstance(widths, int) else np.where(widths > place, halves, 0)
    return tags


def _half(packed: Array, places: Indices, mode: Literal["raise", "clip"] = "raise") -> Indices:
    halves: Indices = packed.take(places >> 1, mode=mode).astype(np.int64)
    halves >>= (places & 1) << 2
    halves &= 15
    return halves
