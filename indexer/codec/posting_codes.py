"""The code of a posting: one byte that says how often the word is in the document.

    bits 0-5   occurrences - 1, in title, body and keywords together; 63 stands for MAX_EXACT_FREQ and more
    bits 6-7   occurrences in the title, 3 for MAX_TITLE_FREQ and more; 0 in a document that is a title alone

Frequencies that do not fit into a code are kept beside the postings.
"""

from __future__ import annotations

from ..late import np
from ..typed import TYPE_CHECKING
from .container import Array

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Codes: TypeAlias = "npt.NDArray[np.uint8]"

MAX_EXACT_FREQ = 64
MAX_TITLE_FREQ = 3
# Empty positions between title, body and keywords of a document, and behind it. Neighbours are always in one of them.
POSITION_GAP = 100
# A longer posting list has blocks of this many postings. For each block, the number of tokens before it is stored.
BLOCK_POSTINGS = 32


def extents(title_lengths: Array, body_lengths: Array, keyword_lengths: Array) -> npt.NDArray[np.int64]:
    """How many positions documents of these lengths take, with the gap behind each part. No keywords have no gap."""
    found = title_lengths.astype(np.int64) + body_lengths + 2 * POSITION_GAP
    found += np.where(keyword_lengths > 0, keyword_lengths.astype(np.int64) + POSITION_GAP, 0)
    return np.asarray(found)


def position_starts(title_lengths: Array, body_lengths: Array, keyword_lengths: Array) -> npt.NDArray[np.int64]:
    """The first position of each document, if all lie one after another."""
    taken = extents(title_lengths, body_lengths, keyword_lengths)
    return np.asarray(np.cumsum(taken) - taken)


def posting_codes(freqs: Array, title_freqs: Array, has_more: Array) -> Codes:
    """The code of each posting.

    freqs: occurrences in title, body and keywords together, from 1.
    title_freqs: occurrences in the title.
    has_more: whether the document has more than a title.
    """
    titles = np.where(has_more, np.minimum(title_freqs, MAX_TITLE_FREQ), 0)
    return np.asarray(np.minimum(freqs, MAX_EXACT_FREQ) - 1 | titles << 6, np.uint8)


def freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences in title, body and keywords together, at most MAX_EXACT_FREQ."""
    return (codes & 63).astype(np.int64) + 1


def title_freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences in the title, at most MAX_TITLE_FREQ; 0 in a document that is a title alone."""
    return (codes >> 6).astype(np.int64)
