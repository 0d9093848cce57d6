"""The best documents that have any of some words, without ordering all of them and without scoring all postings of common words.

MaxScore, list by list: words are taken from the weightiest on; as soon as the k-th best score among their documents is more than
all other words together can add, a document without any of the words taken cannot be among the best, and the others are looked up
in the documents that still can be. (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995.) Bounds by blocks of
a list were tried too: with the best hundred wanted for nearness, every block has to be looked at.

The champions of a word are the few documents that it scores best in. They are all that a query of one word takes, and they bound
what the word can add where there are others. (Manning, Raghavan and Schütze, "Introduction to information retrieval", 7.1.3.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..collection import Floats, Integers, SegmentView
from .bm25 import RankingParameters
from .doc_sets import first_of_runs, sums_at
from .postings import Postings
from .top_k import ranks_in, top_k

WeightedLists = Sequence[tuple[float, Postings]]  # (weight, postings)

# With fewer postings in all it is quicker to add up and order everything.
FEWEST_POSTINGS = 4_096
# To look a document up in a list takes as long as to score so many postings of it.
_POSTINGS_A_LOOKUP = 4
# With fewer postings to save it is quicker to score them all.
_FEWEST_SAVED = 4_096
# Sums in another order may differ in the last digits.
_SLACK = 1.0 + 1e-9
# Of so many values or more the greatest are found by a threshold from a sample.
_MANY = 4_096
_SAMPLE = 1_024
# The most champions of a word: no less than are looked at for nearness.
CHAMPIONS = 128


class Champions(NamedTuple):
    """The best documents of a word, best first, at most CHAMPIONS. scores: of each, greatest first. doc_freq: how many documents
    the word finds in all."""

    docs: Integers
    scores: Floats
    doc_freq: int

    def best(self, k: int, boost: float) -> tuple[Integers, Floats]:
        """The best k and their scores, k at most CHAMPIONS."""
        scores = self.scores[:k]
        return self.docs[:k], scores if boost == 1.0 else scores * boost

    def score_of(self, rank: int) -> float:
        """The score of the first, second ... at most the CHAMPIONS-th document; 0 if there are not so many."""
        return float(self.scores[rank - 1]) if rank <= len(self.scores) else 0.0


def champions_of(view: SegmentView, docs: Integers, scores: Floats) -> Champions:
    """The best of the documents that a word finds, each once."""
    order = top_k(scores, CHAMPIONS, partial(ranks_in, view.segment.id_ranks, docs))
    return Champions(docs.take(order), scores.take(order), len(docs))


def size_of_champions(champions: Champions) -> int:
    """Bytes of memory, about."""
    return 500 + champions.docs.nbytes + champions.scores.nbytes


def most_of_posting(parameters: RankingParameters) -> float:
    """No posting adds more than this before it is weighed."""
    return sum(field.weight * (field.k1 + 1.0) for field in (parameters.text, parameters.title))


class Bounded(NamedTuple):
    """lists: of a word. most: no document gets more from them. kth: so many documents as are wanted get no less; 0 if unknown."""

    lists: WeightedLists
    most: float
    kth: float


def split_by_bound(terms: Sequence[Bounded], k: int) -> tuple[list[WeightedLists], list[WeightedLists], float]:
    """(the terms that are scored first, weightiest first; the others, none if there is little to save; what these add at most).

    First come those without which no document can be among the best k, as far as that is known beforehand; else until there may be
    k documents.
    """
    order = sorted(terms, key=lambda term: -term.most)
    sizes = [sum([len(postings) for _, postings in term.lists]) for term in order]
    kth = max(term.kth for term in terms)
    taken, more = 0, sum([term.most for term in order])
    for place, size in enumerate(sizes[:-1], 1):
        taken += size
        more -= order[place - 1].most
        if taken < 2 * k or (kth and kth <= more * _SLACK):
            continue
        saved = sum(sizes[place:]) - _POSTINGS_A_LOOKUP * taken * sum([len(term.lists) for term in order[place:]])
        if saved >= _FEWEST_SAVED:
            return [term.lists for term in order[:place]], [term.lists for term in order[place:]], more
        break
    return [term.lists for term in order], [], 0.0


def best_documents(
    view: SegmentView, docs: Integers, scores: Floats, copies: int, k: int, more: float = 0.0
) -> tuple[Integers, Floats] | None:
    """(documents, ascending; scores) among which the best k are.

    docs, scores: postings of several lists, a document at most `copies` times. more: what may still be added to any score, and is
    the score of documents that are not here: None if they might then be among the best k.
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
    """Indices, ascending, of the `count` greatest values, of what equals the least of these, and maybe of some that are less."""
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
    """Add to the scores of documents (ascending) what the lists have for them."""
    for lists in rest:
        for weight, postings in lists:
            rows, there = postings.rows_of(docs)
            places = there.nonzero()[0]
            scores[places] += weight * postings.impacts_at(rows.take(places), docs.take(places))
