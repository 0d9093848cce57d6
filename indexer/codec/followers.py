"""Finds the tokens of certain forms that stand directly behind given positions.

The forms are those of a beginning, so their stems are mostly neighbours in the table: their postings, and their tokens, are one
run. A run is read at once, in the documents that have any of the positions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..late import np
from .container import Array
from .form_tags import read_tags, tag_widths
from .positions import upper_halves
from .posting_codes import MAX_EXACT_FREQ, freqs_of
from .ragged import Indices, row_bounds, row_ranges, value_indices
from .segment import Segment
from .sorted_values import rows_in

if TYPE_CHECKING:
    import numpy.typing as npt

# Positions are first looked for in so many marks, a power of two: most that are not wanted end there.
_MARKS = 1 << 16


class Followers(NamedTuple):
    """Tokens behind given positions, in no order.

    forms: the form of each token.
    docs: its document.
    positions: its position in the segment.
    """

    forms: Indices
    docs: Indices
    positions: Indices


def token_count(segment: Segment, forms: Array) -> int:
    """How many tokens the stems of these forms have: a bound for what `followers` reads in all documents."""
    ends = segment.container.items("places.ends")
    return sum(ends[run.stop - 1] - row_bounds(ends, run.start)[0] for run in _runs(segment, forms))


def followers(segment: Segment, positions: Indices, docs: Array, forms: Array) -> Followers:
    """The tokens of some forms that stand directly behind some positions.

    Parameters:
      segment: the segment.
      positions: positions in it, ascending.
      docs: the documents that they are in.
      forms: the numbers of the forms, ascending.
    """
    wanted = np.zeros(segment.doc_count, bool)
    wanted[docs] = True
    following = positions + 1
    marks = np.zeros(_MARKS, bool)
    marks[following & (_MARKS - 1)] = True
    parts = [_of_run(segment, run, wanted, marks, following) for run in _runs(segment, forms)]
    if not parts:
        none = np.zeros(0, np.int64)
        return Followers(none, none, none)
    own, owners, found = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = rows_in(forms, own)[1]
    return Followers(own[kept], owners[kept], found[kept])


def _runs(segment: Segment, forms: Array) -> list[range]:
    """The stems of the forms, as runs of neighbouring numbers, ascending."""
    if not len(forms):
        return []
    there = np.zeros(len(segment.stems) + 2, np.int8)  # with none before the first stem, and none behind the last
    there[segment.form_stems[forms] + 1] = 1
    changes = np.flatnonzero(np.diff(there)).tolist()
    return [range(start, stop) for start, stop in zip(changes[::2], changes[1::2], strict=True)]


def _of_run(
    segment: Segment,
    run: range,
    wanted: npt.NDArray[np.bool_],
    marks: npt.NDArray[np.bool_],
    positions: Indices,
) -> tuple[Indices, Indices, Indices]:
    """(forms, documents, positions) of the tokens of some stems at these positions (ascending)."""
    container = segment.container
    lists = container.items("lists.ends")
    first, last = row_bounds(lists, run.start)[0], lists[run.stop - 1]
    docs = segment.list_docs[first:last]
    there = np.flatnonzero(wanted.take(docs))
    if not len(there):
        return there, there, there
    before, counts = _token_offsets(segment, first, last, there)
    tokens = value_indices(before + row_bounds(container.items("places.ends"), run.start)[0], counts)
    owners = docs.take(there).astype(np.int64).repeat(counts)
    found = segment.doc_starts.take(owners).astype(np.int64)
    found += container["positions"].take(tokens)
    if len(segment.long_docs):
        far = np.flatnonzero(rows_in(segment.long_docs, owners)[1])
        if len(far):
            found[far] += upper_halves(segment, tokens[far])
    maybe = np.flatnonzero(marks.take(found & (_MARKS - 1)))
    kept = maybe[rows_in(positions, found[maybe])[1]]
    return _forms_of(segment, run, tokens[kept]), owners[kept], found[kept]


def _token_offsets(segment: Segment, first: int, last: int, rows: Indices) -> tuple[Indices, Indices]:
    """(tokens from the posting `first` to each of these, tokens of each). rows: ascending, counted from `first`."""
    codes = segment.list_codes[first:last]
    container = segment.container
    hard = container["exact.rows"]
    lo, hi = hard.searchsorted(np.array((first, last), hard.dtype)).tolist()
    # Codes hold frequencies less one.
    lesser = codes & np.uint8(63)
    before = lesser.cumsum(dtype=np.int64 if last - first > 1 << 25 else np.int32).take(rows).astype(np.int64)
    counts = lesser.take(rows).astype(np.int64)
    before += rows
    before -= counts
    counts += 1
    if lo < hi:
        own = hard[lo:hi].astype(np.int64) - first
        left_out = container["exact.freqs"][lo:hi].astype(np.int64) - freqs_of(codes.take(own))
        totals = np.concatenate(([0], left_out.cumsum()))
        before += totals.take(own.searchsorted(rows))
        full = np.flatnonzero(counts == MAX_EXACT_FREQ)
        if len(full):
            at, there = rows_in(own, rows[full])
            counts[full[there]] += left_out[at[there]]
    return before, counts


def _forms_of(segment: Segment, run: range, tokens: Indices) -> Indices:
    """The form of each token. run: the stems that they are of."""
    container = segment.container
    ends = container["places.ends"][run.start : run.stop]
    stems = ends.searchsorted(tokens.astype(ends.dtype), side="right") + run.start
    slots, counts = row_ranges(container["stem_forms.ends"], stems)
    widths = tag_widths(counts)
    tagged = np.flatnonzero(widths)
    if len(tagged):
        own, widths = stems[tagged], widths[tagged]
        starts = row_ranges(container["tags.ends"], own)[0]
        starts += (tokens[tagged] - row_ranges(container["places.ends"], own)[0]) * widths
        slots[tagged] += read_tags(container["tags"], starts, widths)
    return container["stem_forms"].take(slots).astype(np.int64)
