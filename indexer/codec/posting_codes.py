"""What does the code of a posting say? How often the word is in the document.

    bits 0-5   occurrences - 1, title and body together; 63 stands for MAX_EXACT_FREQ and more
    bits 6-7   occurrences in the title, 3 for more; 0 in a document that is nothing but a title

Frequencies that a code cannot tell are kept beside the postings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .container import Array

Codes = npt.NDArray[np.uint8]

MAX_EXACT_FREQ = 64
MAX_TITLE_FREQ = 3
# Empty positions between the title and the body of a document; larger than the largest slop of a near phrase.
POSITION_GAP = 100
# Of a longer posting list it is stored how many tokens lie before every 32nd posting.
BLOCK_POSTINGS = 32


def posting_codes(freqs: Array, title_freqs: Array, has_body: Array) -> Codes:
    """The code of each posting: occurrences in all (from 1) and in the title, and whether its document is more than a title."""
    titles = np.where(has_body, np.minimum(title_freqs, MAX_TITLE_FREQ), 0)
    return np.asarray(np.minimum(freqs, MAX_EXACT_FREQ) - 1 | titles << 6, np.uint8)


def freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences, at most MAX_EXACT_FREQ."""
    return (codes & 63).astype(np.int64) + 1


def title_freqs_of(codes: Codes) -> npt.NDArray[np.int64]:
    """Occurrences in the title, at most MAX_TITLE_FREQ; 0 in a document that is nothing but a title."""
    return (codes >> 6).astype(np.int64)
