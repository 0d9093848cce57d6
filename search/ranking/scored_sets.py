"""Sets of documents with their scores, and how posting lists become one set.

All lists are computed together, since each call of numpy costs as much as hundreds of postings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np

from ..budget import TimeUp, is_up
from ..collection import Floats, Integers, SegmentView
from .doc_sets import distinct, first_of_runs, sums_at
from .postings import Postings


class ScoredDocs(NamedTuple):
    """A set of documents with their scores. docs: ascending, each once, int64. scores: of each, float64."""

    docs: Integers
    scores: Floats


class SomeFound(TimeUp):
    """The time ran out, but some of the words were looked up.

    found: the documents of these words, with what they add. Each of them has any of the words, so that it is found.
    """

    def __init__(self, found: ScoredDocs) -> None:
        super().__init__()
        self.found = found


NOTHING = ScoredDocs(np.zeros(0, np.int64), np.zeros(0))


def summed(docs: Integers, scores: Floats) -> ScoredDocs:
    """The union of concatenated sets, with the sum of the scores of each document."""
    return _united(docs, scores, np.add)


def greatest(docs: Integers, scores: Floats) -> ScoredDocs:
    """The union of concatenated sets, with the greatest score of each document."""
    return _united(docs, scores, np.maximum)


def _united(docs: Integers, scores: Floats, combine: np.ufunc) -> ScoredDocs:
    if not len(docs):
        return NOTHING
    order = docs.argsort(kind="stable")
    docs = docs[order]
    heads = np.flatnonzero(first_of_runs(docs))
    return ScoredDocs(docs[heads], combine.reduceat(scores[order], heads))


def concatenated(lists: Sequence[tuple[float, Postings]], boost: float) -> tuple[Integers, Floats]:
    """(docs, scores) of the postings of weighted lists, one list after another. boost: a factor of all scores."""
    if any(postings.given is not None for _, postings in lists):
        docs = np.concatenate([postings.docs for _, postings in lists]).astype(np.int64)
        wholes = [(weight * boost, postings.all_impacts()) for weight, postings in lists]
        return docs, np.concatenate([impacts if weight == 1.0 else impacts * weight for weight, impacts in wholes])
    docs = np.concatenate([postings.docs for _, postings in lists]).astype(np.int64)
    codes = np.concatenate([postings.codes for _, postings in lists])
    scores = lists[0][1].impacts.total(docs, codes)
    start = 0
    for weight, postings in lists:
        end = start + len(postings.docs)
        scores[start:end] *= weight * boost
        start = end
    return docs, scores


def in_all(lists: Sequence[tuple[float, Postings]]) -> tuple[Integers, Floats]:
    """(documents that are in all lists, ascending; their scores). All lists have given impacts."""
    (weight, rarest), *rest = sorted(lists, key=lambda weighted: len(weighted[1].docs))
    docs, scores = rarest.docs, rarest.all_impacts() * weight
    for weight, postings in rest:
        rows, there = rows_in(postings.docs, docs)
        kept = there.nonzero()[0]
        docs, scores = docs.take(kept), scores.take(kept)
        scores += postings.all_impacts().take(rows.take(kept)) * weight
    return docs.astype(np.int64), scores


def added_up(view: SegmentView, docs: Integers, scores: Floats, every: Integers | None) -> ScoredDocs:
    """The documents of some postings, with the sums of their scores.

    Parameters:
      view: the segment.
      docs: the documents of the postings, in any order, perhaps several times.
      scores: of each posting.
      every: the set of `docs` if it is known; else None.
    """
    if every is None:
        every = distinct(view, docs)
    return ScoredDocs(every, sums_at(view, docs, scores, every))


# Postings that are added up in one step. More would take much memory, and long.
AT_ONCE = 500_000


def added_up_in_steps(view: SegmentView, lists: Sequence[tuple[float, Postings]], boost: float) -> ScoredDocs:
    """What weighted lists find together, AT_ONCE postings or one list at a time. Raises SomeFound if the time runs out."""
    totals = np.zeros(view.doc_count)
    there = np.zeros(view.doc_count, bool)
    step: list[tuple[float, Postings]] = []
    size = 0
    stopped = False
    for number, (weight, postings) in enumerate(lists):
        step.append((weight, postings))
        size += len(postings)
        if size < AT_ONCE and number < len(lists) - 1:
            continue
        docs, scores = concatenated(step, boost)
        np.add.at(totals, docs, scores)
        there[docs] = True
        step, size = [], 0
        if is_up():
            stopped = number < len(lists) - 1
            break
    every = there.nonzero()[0]
    found = ScoredDocs(every, totals.take(every))
    if stopped:
        raise SomeFound(found)
    return found


def unscored(postings: Postings) -> ScoredDocs:
    """The documents of a list, each with the score 0."""
    return ScoredDocs(postings.docs.astype(np.int64), np.zeros(len(postings)))
