"""More for documents in which words that are neighbours in the query are neighbours too.

Only the best candidates are looked at, and a bonus is never negative: whoever stands below them stays below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexer.codec.ragged import row_bounds, value_indices
from indexer.codec.segment import Segment
from search.query.analysed import AnalysedNode, Combination, Compound, Term

Docs = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int64]


def neighbours(node: AnalysedNode) -> Iterator[tuple[Term, Term]]:
    """Pairs of terms that stand side by side in the query and are searched for in all fields."""
    if not isinstance(node, Combination):
        return
    for children in (node.must, node.should):
        for left, right in pairwise(_in_a_row(children)):
            if isinstance(left, Term) and isinstance(right, Term) and left.field is None and right.field is None:
                yield left, right
        for child in children:
            yield from neighbours(child)


def _in_a_row(children: Sequence[AnalysedNode]) -> Iterator[AnalysedNode]:
    """The children, compounds as their parts."""
    for child in children:
        if isinstance(child, Compound):
            yield from child.phrase.parts
        else:
            yield child


def positions_in(segment: Segment, term: Term, docs: Docs) -> Positions:
    """Where the term's forms stand in these documents (ascending), ascending."""
    starts = segment.doc_starts[docs].astype(np.int64)
    ends = segment.body_starts[docs].astype(np.int64) + segment.body_lengths[docs]
    found = []
    all_positions = segment.container["positions"]
    # The column is as narrow as its values allow; the end of a document may lie past the largest of them.
    if len(ends) and ends[-1] > np.iinfo(all_positions.dtype).max:
        all_positions = all_positions.astype(np.int64)
    for form in term.forms(segment).tolist():
        low, high = row_bounds(segment.position_ends, form)
        positions = all_positions[low:high]
        first = np.searchsorted(positions, starts.astype(positions.dtype))
        last = np.searchsorted(positions, ends.astype(positions.dtype))
        found.append(positions[value_indices(first, last - first)])
    return np.sort(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)


def pair_freqs(segment: Segment, left: Positions, right: Positions, docs: Docs) -> npt.NDArray[np.float64]:
    """How often in each of the documents a position of `left` is followed at once by one of `right`."""
    together = np.intersect1d(left + 1, right, assume_unique=True)
    owners = np.searchsorted(docs, segment.docs_of_positions(together))
    return np.asarray(np.bincount(owners, minlength=len(docs)), np.float64)


def nearness_bonus(
    segment: Segment,
    docs: Docs,
    norms: npt.NDArray[np.float64],
    pairs: Sequence[tuple[Term, Term, float]],
    k1: float,
) -> npt.NDArray[np.float64]:
    """What to add to the scores of `docs` (ascending): for each pair its weight * tf(freq), norms as BM25 has them for the text."""
    bonus = np.zeros(len(docs))
    positions: dict[tuple[object, ...], Positions] = {}
    for left, right, weight in pairs:
        for term in (left, right):
            if term.identity not in positions:
                positions[term.identity] = positions_in(segment, term, docs)
        freqs = pair_freqs(segment, positions[left.identity], positions[right.identity], docs)
        bonus += weight * freqs * (k1 + 1.0) / (freqs + norms)
    return bonus
