"""What do the codes of a posting and of a document say? How often the word is there, and how long the texts are, as scores need it.

    posting  bits 0-5   occurrences - 1, title and body together; 63 stands for MAX_EXACT_FREQ and more
             bits 6-7   occurrences in the title, 3 for more; 0 in a document that is nothing but a title
    document bits 0-5   class of its length (title and body, tokens)
             bits 6-7   class of the length of its title

Together they are 16 bits, document * 256 + posting, so that everything a score is made of comes out of one table. Frequencies
that a code cannot tell are kept beside the postings. Lengths up to EXACT_LENGTHS have a class of their own; above, a class is a
fifth wider than the one before. Lucene keeps lengths in one byte in the same manner.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from indexer.codec.container import Array

Codes = npt.NDArray[np.uint8]

CODE_COUNT = 1 << 16
MAX_EXACT_FREQ = 64
MAX_TITLE_FREQ = 3
EXACT_LENGTHS = 13
_LENGTH_CLASSES = 64
_LONGEST = 200_000
TITLE_LIMITS = np.array([3, 6, 11], np.int64)  # the first length of each class but the first
TITLE_LENGTHS = np.array([1.5, 4.0, 7.5, 15.0])  # what a class counts as


def _length_limits() -> npt.NDArray[np.int64]:
    """The first length of each class."""
    above = _LENGTH_CLASSES - EXACT_LENGTHS
    growth = math.log(_LONGEST / EXACT_LENGTHS) / (above - 1)
    # Rounded numbers of a fixed formula: part of the format, pinned by a test.
    geometric = [round(EXACT_LENGTHS * math.exp(growth * step)) for step in range(above)]
    return np.array([*range(EXACT_LENGTHS), *geometric], np.int64)


LENGTH_LIMITS = _length_limits()
# What a class counts as: the geometric middle of its lengths.
LENGTHS = np.concatenate(
    (
        LENGTH_LIMITS[:EXACT_LENGTHS].astype(np.float64),
        np.sqrt(
            LENGTH_LIMITS[EXACT_LENGTHS:].astype(np.float64) * np.append(LENGTH_LIMITS[EXACT_LENGTHS + 1 :], _LONGEST)
        ),
    )
)


def document_codes(title_lengths: Array, body_lengths: Array) -> Codes:
    """The code of each document."""
    titles = title_lengths.astype(np.int64)
    length_class = np.searchsorted(LENGTH_LIMITS, titles + body_lengths, side="right") - 1
    title_class = np.searchsorted(TITLE_LIMITS, titles, side="right")
    return np.asarray(length_class | title_class << 6, np.uint8)


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


def bound_codes(codes: Codes, documents: Codes, heads: Array) -> npt.NDArray[np.uint16]:
    """For each run of postings (by the index of its first) document * 256 + posting that scores at least as much as any of them.

    documents: the document's code of each posting. The bound takes the most occurrences, the shortest text, and the most
    occurrences in a title with the shortest title.
    """
    in_title = codes >> 6
    posting = np.maximum.reduceat(codes & 63, heads) | np.maximum.reduceat(in_title, heads) << 6
    shortest_title = np.minimum.reduceat(np.where(in_title > 0, documents >> 6, 3), heads)
    document = np.minimum.reduceat(documents & 63, heads) | shortest_title << 6
    return np.asarray(document.astype(np.uint16) << 8 | posting)
