"""More for documents in which words that are neighbours in the query are neighbours too.

Only the best candidates are looked at, and a bonus is never negative: whoever stands below them stays below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.codec.ragged import row_bounds, value_indices
from indexer.codec.segment import Segment
from search.query.analysed import AnalysedNode, Combination, Compound, Forms, Term
from search.ranking.bm25 import FieldParameters, Floats, idf, length_norm, tf

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


class PairFreqs(NamedTuple):
    """Two neighbouring terms of the query.

    freqs: how often the right one follows the left one at once, in each candidate, by number of the segment.
    doc_freq: in how many of all candidates it does. idf: of doc_freq among the candidates.
    """

    left: Term
    right: Term
    freqs: dict[int, npt.NDArray[np.float64]]
    doc_freq: int
    idf: float


class Nearness:
    """The bonus of each candidate: the sum over pairs of weight * idf * tf(freq, length of the text).

    The idf counts candidates, not all documents: that needs the positions of these few alone, and ranks as well. A word counts by
    its lemmas and by its stem.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        candidates: Mapping[int, Docs],
        average_length: float,
        pairs: Sequence[tuple[Term, Term]],
        parameters: FieldParameters,
    ) -> None:
        """candidates: by number of the segment, ascending documents. average_length: of a document, title and body."""
        self._candidates = candidates
        self.parameters = parameters
        self._norms = {}
        freqs: list[dict[int, npt.NDArray[np.float64]]] = [{} for _ in pairs]
        for number, docs in candidates.items():
            segment = segments[number]
            lengths = segment.title_lengths[docs].astype(np.int64) + segment.body_lengths[docs]
            self._norms[number] = length_norm(lengths, average_length, parameters)
            positions: dict[tuple[object, ...], Positions] = {}
            for place, pair in enumerate(pairs):
                for term in pair:
                    if term.identity not in positions:
                        positions[term.identity] = _positions_in(segment, term, docs)
                left, right = (positions[term.identity] for term in pair)
                freqs[place][number] = _pair_freqs(segment, left, right, docs)
        total = sum(len(docs) for docs in candidates.values())
        self.pairs = []
        for (first, second), by_segment in zip(pairs, freqs, strict=True):
            doc_freq = sum(int(np.count_nonzero(values)) for values in by_segment.values())
            if doc_freq:
                self.pairs.append(PairFreqs(first, second, by_segment, doc_freq, idf(total, doc_freq)))

    def bonus(self, number: int) -> Floats:
        """What to add to the scores of the candidates of a segment, in their order."""
        total = np.zeros(len(self._candidates[number]))
        for pair in self.pairs:
            total += self.weight(pair) * pair.idf * self._tf(pair, number)
        return total

    def holds(self, number: int, doc: int) -> bool:
        """Whether a document is a candidate."""
        return doc in self._candidates.get(number, ())

    def of_document(self, number: int, doc: int) -> Iterator[tuple[PairFreqs, int, float]]:
        """(pair, freq, what it adds) for each pair that a candidate has."""
        place = int(np.searchsorted(self._candidates[number], doc))
        for pair in self.pairs:
            freq = int(pair.freqs[number][place])
            if freq:
                yield pair, freq, float(self.weight(pair) * pair.idf * self._tf(pair, number)[place])

    def weight(self, pair: PairFreqs) -> float:
        """The weight of a pair, without its idf."""
        return self.parameters.weight * min(pair.left.boost, pair.right.boost)

    def _tf(self, pair: PairFreqs, number: int) -> Floats:
        return tf(pair.freqs[number], self._norms[number], self.parameters)


def _positions_in(segment: Segment, term: Term, docs: Docs) -> Positions:
    """Where the term's forms and those of its stem stand in these documents (ascending), ascending."""
    forms = term.forms(segment)
    if term.stem is not None:
        forms = np.union1d(forms, segment.forms_of_stem(term.stem))
    forms = _forms_in(segment, forms, docs)
    starts = segment.doc_starts[docs].astype(np.int64)
    ends = segment.body_starts[docs].astype(np.int64) + segment.body_lengths[docs]
    found = []
    all_positions = segment.container["positions"]
    # The column is as narrow as its values allow; the end of a document may lie past the largest of them.
    if len(ends) and ends[-1] > np.iinfo(all_positions.dtype).max:
        all_positions = all_positions.astype(np.int64)
    starts, ends = starts.astype(all_positions.dtype), ends.astype(all_positions.dtype)
    for form in forms.tolist():
        low, high = row_bounds(segment.position_ends, form)
        positions = all_positions[low:high]
        first, last = np.searchsorted(positions, starts), np.searchsorted(positions, ends)
        found.append(positions[value_indices(first, last - first)])
    return np.sort(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)


def _forms_in(segment: Segment, forms: Forms, docs: Docs) -> Forms:
    """Those of the forms that stand in any of the documents: most forms of a word do not."""
    if len(forms) < 2:
        return forms
    wanted = np.zeros(segment.doc_count, bool)
    wanted[docs] = True
    places = np.cumsum(segment.posting_counts(forms))
    there = np.concatenate(([0], np.cumsum(wanted[segment.postings_of(forms)[0]])))
    return forms[np.diff(there[places], prepend=0) > 0]


def _pair_freqs(segment: Segment, left: Positions, right: Positions, docs: Docs) -> npt.NDArray[np.float64]:
    """How often in each of the documents a position of `left` is followed at once by one of `right`."""
    together = np.intersect1d(left + 1, right, assume_unique=True)
    owners = np.searchsorted(docs, segment.docs_of_positions(together))
    return np.asarray(np.bincount(owners, minlength=len(docs)), np.float64)
