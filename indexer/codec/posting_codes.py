"""The code of a posting: one byte that says how often the word is in the document.

    bits 0-5   occurrences - 1, title and body together; 63 stands for MAX_EXACT_FREQ and more
    bits 6-7   occurrences in the title, 3 for MAX_TITLE_FREQ and more; 0 in a document without a body

Frequencies that do not fit into a code are kept beside the postings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .container import Array

Codes = npt.NDArray[np.uint8]

MAX_EXACT_FREQ = 64
MAX_TITLE_FREQ = 3
# Empty positions between title and body of a document: more than the largest slop of a near phrase.
POSITION_GAP = 100
# A longer posting list has blocks of this many postings. For each block, the number of tokens before it is stored.
BLOCK_POSTINGS = 32


def posting_codes(freqs: Array, title_freqs: Array, has_body: Array) -> Codes:
    """The code of each posting.

    freqs: occurrences in title and body together, from 1.
    title_freqs: occurrences in the title.
    has_body: whether the document has a body.
    """
    titles = np.where(has_body, np.minimum(title_freqs, MAX_TITLE_FREQ), 0)
    return np.asarray(np.minimum(freqs, MAX_EXACT_FREQ) - 1 | titles << 6, np.uint8)


def freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences in title and body together, at most MAX_EXACT_FREQ."""
    return (codes & 63).astype(np.int64) + 1


def title_freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences in the title, at most MAX_TITLE_FREQ; 0 in a document without a body."""
    return (codes >> 6).astype(np.int64)
