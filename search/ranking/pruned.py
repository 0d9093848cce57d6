"""Finds the best documents that have any of some words, without scoring all postings of common words.

The method is MaxScore, list by list (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995). Words are scored
from the weightiest on. At some point the k-th best score may exceed the sum of the bounds of all other words. Then a document
without any of the scored words cannot be among the best k. The other words are looked up only in the documents that still can be.

The champions of a word are the documents with its highest scores (Manning, Raghavan and Schütze, "Introduction to Information
Retrieval", 7.1.3). They answer a query of this word alone. In other queries they give the bounds of its score.

Tried and left out: bounds by blocks of a list. Nearness needs the best hundred documents, and every block holds one of them. See
"Leaving documents out" in docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from naidi.indexer.late import np

from ..collection import Floats, Integers, SegmentView
from .doc_sets import first_of_runs, sums_at
from .postings import Postings
from .top_k import ranks_in, top_k

WeightedLists = Sequence[tuple[float, Postings]]  # (weight, postings)

# With fewer postings in all it is faster to score and order everything.
FEWEST_POSTINGS = 4_096
# To look up a document in a list takes as long as to score this many postings.
_POSTINGS_A_LOOKUP = 4
# If fewer postings are saved, it is faster to score them all.
_FEWEST_SAVED = 4_096
# The factor of bounds. Sums in another order may differ in the last digits.
_SLACK = 1.0 + 1e-9
# Of at least _MANY values the greatest are found by a threshold from a sample of about _SAMPLE.
_MANY = 4_096
_SAMPLE = 1_024
# Most champions of a word. Nearness needs the best `RankingParameters.rescored` (100) documents, so there are no fewer.
CHAMPIONS = 128


class Champions(NamedTuple):
    """The best documents of a word, best first, at most CHAMPIONS.

    docs: the documents.
    scores: the score of each, without the boost of a query.
    doc_freq: how many documents the word finds in all.
    """

    docs: Integers
    scores: Floats
    doc_freq: int

    def best(self, k: int, boost: float) -> tuple[Integers, Floats]:
        """(the best k documents, their scores times `boost`). k: at most CHAMPIONS."""
        scores = self.scores[:k]
        return self.docs[:k], scores if boost == 1.0 else scores * boost

    def score_of(self, rank: int) -> float:
        """The score of the document with this rank, from 1 to CHAMPIONS; 0 if the word finds fewer documents."""
        return float(self.scores[rank - 1]) if rank <= len(self.scores) else 0.0


def champions_of(view: SegmentView, docs: Integers, scores: Floats) -> Champions:
    """The champions of a word. docs, scores: of all documents that the word finds, each once."""
    order = top_k(scores, CHAMPIONS, partial(ranks_in, view.segment.id_ranks, docs))
    return Champions(docs.take(order), scores.take(order), len(docs))


def size_of_champions(champions: Champions) -> int:
    """Bytes of memory, about."""
    return 500 + champions.docs.nbytes + champions.scores.nbytes


class Bounded(NamedTuple):
    """A word with bounds of its scores.

    lists: its weighted posting lists.
    most: an upper bound of its score in any document.
    kth: a lower bound of its k-th best score; 0 if none is known.
    """

    lists: WeightedLists
    most: float
    kth: float


def split_by_bound(terms: Sequence[Bounded], k: int) -> tuple[list[WeightedLists], list[WeightedLists], float]:
    """Choose the words to score first.

    Words are taken in the order of their upper bounds. If a lower bound of the k-th best score is known, enough of them are taken
    that no document without any of them can reach it. In any case as many are taken as may have k documents (3 k postings, since a
    word has up to three lists).

    Parameters:
      terms: the words of a query, at least one.
      k: how many documents are wanted.

    Returns (lists of the words to score first, greatest bound first; lists of the others; an upper bound of the others' score). If
    there is little to save, all words are scored first, and the bound is 0.
    """
    order = sorted(terms, key=lambda term: -term.most)
    sizes = [sum([len(postings) for _, postings in term.lists]) for term in order]
    kth = max(term.kth for term in terms)
    taken = 0
    for place, size in enumerate(sizes[:-1], 1):
        taken += size
        # Summed anew: what is left of a difference may be less than nothing, and then the k-th document would be left out.
        more = sum([term.most for term in order[place:]])
        if taken < 3 * k or (kth and kth <= more * _SLACK):
            continue
        saved = sum(sizes[place:]) - _POSTINGS_A_LOOKUP * taken * sum([len(term.lists) for term in order[place:]])
        if saved >= _FEWEST_SAVED:
            return [term.lists for term in order[:place]], [term.lists for term in order[place:]], more
        break
    return [term.lists for term in order], [], 0.0


def best_documents(
    view: SegmentView, docs: Integers, scores: Floats, copies: int, k: int, more: float = 0.0
) -> tuple[Integers, Floats] | None:
    """Add up the scores of postings, and drop documents that cannot be among the best k.

    Proof for `more` > 0: let kth be the k-th best sum. A document that is not here scores at most `more`; it stays below kth, or
    the result is None. A document here with a sum below kth - more ends below kth too.

    Parameters:
      view: the segment.
      docs: documents of several lists, one list after another.
      scores: of each posting.
      copies: how often a document may stand in `docs` at most. So the best k * copies postings have at least k documents.
      k: how many documents are wanted.
      more: an upper bound of what other lists add to a score.

    Returns (documents, ascending; their sums), or None if a document that is not here might be among the best k.
    """
    totals = sums_at(view, docs, scores, docs)
    found = _distinct_best(docs, totals, at_least(totals, k * copies))
    if not more:
        return found
    if len(found[1]) < k:
        return None
    last = len(found[1]) - k
    kth = float(np.partition(found[1], last)[last])
    if kth <= more * _SLACK:
        return None
    return _distinct_best(docs, totals, (totals >= kth - more * _SLACK).nonzero()[0])


def _distinct_best(docs: Integers, totals: Floats, places: Integers) -> tuple[Integers, Floats]:
    docs, totals = docs.take(places), totals.take(places)
    order = docs.argsort(kind="stable")
    docs = docs.take(order)
    heads = first_of_runs(docs).nonzero()[0]
    return docs.take(heads), totals.take(order.take(heads))


def at_least(values: Floats, count: int) -> Integers:
    """Indices of the `count` greatest values, ascending. Values equal to the least of these are included; lesser ones may be."""
    size = len(values)
    if size <= count:
        return np.arange(size)
    if size >= _MANY and size >= 8 * count:
        sample = values[:: size // _SAMPLE].copy()
        rank = len(sample) - min(len(sample), 8 + 2 * count * len(sample) // size)
        sample.partition(rank)
        places = (values >= sample[rank]).nonzero()[0]
        if len(places) >= count:
            return np.asarray(places)
    ordered = values.copy()
    ordered.partition(size - count)
    return np.asarray((values >= ordered[size - count]).nonzero()[0])


def add_scores(docs: Integers, scores: Floats, rest: Sequence[WeightedLists]) -> None:
    """Look up documents in the lists of other words, and add to their scores in place. docs: ascending."""
    for lists in rest:
        for weight, postings in lists:
            rows, there = postings.rows_of(docs)
            places = there.nonzero()[0]
            scores[places] += weight * postings.impacts_at(rows.take(places), docs.take(places))
