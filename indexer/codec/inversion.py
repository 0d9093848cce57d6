"""From the tokens of many documents to the postings of each form, in array operations.

Every token of a segment has a global position: documents lie one after another, title before body, with POSITION_GAP empty
positions after each, so that no phrase or near phrase reaches across. One sort of (form, position), packed in 64 bits, then
gives everything else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indexer.codec.container import Array

# Larger than the largest slop of a near phrase.
POSITION_GAP = 100
MAX_TERM_FREQ = 65_535


class Layout(NamedTuple):
    """Where documents lie in the position space of a segment; all uint32, one value a document.

    doc_starts: position of the first title token; body_starts: of the first body token. `end` is past the last position.
    """

    doc_starts: Array
    body_starts: Array
    end: int


class Postings(NamedTuple):
    """The postings of forms 0 .. F-1.

    posting_ends (F, uint64) bound each form's rows in docs (uint32, ascending), body_freqs and title_freqs (uint16: occurrences
    in the field, at most MAX_TERM_FREQ). position_ends (F, uint64) bound its rows in positions (uint32, ascending).
    """

    posting_ends: Array
    docs: Array
    body_freqs: Array
    title_freqs: Array
    position_ends: Array
    positions: Array


def lay_out(title_lengths: Array, body_lengths: Array) -> Layout:
    """Positions of documents with these field lengths (in tokens). Raises OverflowError past 2**32 positions."""
    extents = title_lengths.astype(np.int64) + body_lengths + 2 * POSITION_GAP
    ends = np.cumsum(extents)
    end = int(ends[-1]) if len(ends) else 0
    if end >= 2**32:
        raise OverflowError("a segment holds at most 2**32 positions")
    doc_starts = (ends - extents).astype(np.uint32)
    body_starts = (doc_starts + title_lengths + POSITION_GAP).astype(np.uint32)
    return Layout(doc_starts, body_starts, end)


def invert(tokens: Array, title_lengths: Array, body_lengths: Array, form_count: int) -> tuple[Layout, Postings]:
    """Postings of `tokens` (form numbers, uint32): of each document its title's tokens, then its body's."""
    layout = lay_out(title_lengths, body_lengths)
    # A run is the title or the body of a document; runs alternate: title 0, body 0, title 1, ...
    run_lengths = np.empty(2 * len(title_lengths), np.int64)
    run_lengths[0::2], run_lengths[1::2] = title_lengths, body_lengths
    run_starts = np.empty(2 * len(title_lengths), np.int64)
    run_starts[0::2], run_starts[1::2] = layout.doc_starts, layout.body_starts
    shift = run_starts - (np.cumsum(run_lengths) - run_lengths)
    packed = (np.arange(len(tokens), dtype=np.int64) + np.repeat(shift, run_lengths)).view(np.uint64)
    packed |= tokens.astype(np.uint64) << np.uint64(32)
    packed.sort()
    forms = (packed >> np.uint64(32)).astype(np.uint32)
    positions = packed.astype(np.uint32)
    del packed
    position_ends = np.cumsum(np.bincount(forms, minlength=form_count)).astype(np.uint64)

    runs = np.searchsorted(run_starts, positions, side="right") - 1
    # An empty run starts where no token stands, so a position is always in the last run that starts at or before it.
    docs = (runs >> 1).astype(np.uint32)
    in_body = (runs & 1).astype(np.int64)
    first = np.empty(len(tokens), bool)
    if len(tokens):
        first[0] = True
        np.not_equal(docs[1:], docs[:-1], out=first[1:])
        first[1:] |= forms[1:] != forms[:-1]
    heads = np.flatnonzero(first)
    total_freqs = np.diff(heads, append=len(tokens))
    body_freqs = np.add.reduceat(in_body, heads) if len(heads) else np.zeros(0, np.int64)
    posting_ends = np.cumsum(np.bincount(forms[heads], minlength=form_count)).astype(np.uint64)
    return layout, Postings(
        posting_ends,
        docs[heads],
        np.minimum(body_freqs, MAX_TERM_FREQ).astype(np.uint16),
        np.minimum(total_freqs - body_freqs, MAX_TERM_FREQ).astype(np.uint16),
        position_ends,
        positions,
    )
