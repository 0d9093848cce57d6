"""Plain words by their posting lists: the documents that have any of them, all or the best, with their scores.

What is asked for again is kept as far as there is room: of a word its best documents, and its scores if they are not too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from ..cache import Attached, Cache
from ..collection import Floats, Integers, SegmentView
from ..query.analysed import AnalysedNode, Identity, Term
from .matched_terms import MatchedTerm
from .postings import PostingReader, Postings
from .pruned import (
    CHAMPIONS,
    FEWEST_POSTINGS,
    Bounded,
    Champions,
    WeightedLists,
    add_scores,
    best_documents,
    champions_of,
    most_of_posting,
    size_of_champions,
    split_by_bound,
)
from .scored_sets import AT_ONCE, NOTHING, ScoredDocs, added_up, added_up_in_steps, concatenated

# Scores of all documents are kept of a term that is asked for again, unless it has more postings than this.
_MOST_SCORED = 8_192
# With more postings to be scored first, little is saved by skipping others, and all of them at once take much memory.
_MOST_AT_ONCE = 2_000_000
# Bytes for the best documents of words, and for their scores.
_CHAMPIONS_BYTES = 3_000_000
_SCORED_BYTES = 5_000_000
_Place: TypeAlias = "tuple[int, Identity]"  # number of the segment, identity of the term


_CHAMPIONS: Attached[PostingReader, Cache[_Place, Champions]] = Attached(
    lambda _: Cache(_CHAMPIONS_BYTES, size_of_champions)
)
_SCORED: Attached[PostingReader, Cache[_Place, Postings]] = Attached(
    lambda _: Cache(_SCORED_BYTES, lambda kept: 1000 + kept.owned_bytes)
)


class Best(NamedTuple):
    """docs, scores: some of the documents found, in any order. total: how many are found, or at least so many if not `exact`."""

    docs: Integers
    scores: Floats
    total: int
    exact: bool


class WordLists:
    """The lists of the words of one query. matched: the postings of its terms and phrases, by identity."""

    def __init__(self, reader: PostingReader, matched: Mapping[Identity, MatchedTerm]) -> None:
        self._reader = reader
        self._matched = matched
        self._lists: dict[tuple[int, tuple[object, ...]], list[tuple[float, Postings]]] = {}

    def best(self, view: SegmentView, root: AnalysedNode, k: int) -> Best | None:
        """Documents of a segment among which the best k of a query are, as a rule not all that are found; None if it takes all to
        tell, or it asks for more than any of some words."""
        any_of = root.any_of_terms()
        if any_of is None:
            return None
        terms = any_of.terms
        if len(terms) == 1 and terms[0] is root:
            champions = self._champions(view, terms[0]) if k <= CHAMPIONS else None
            return None if champions is None else Best(*champions.best(k, terms[0].boost), champions.doc_freq, True)
        of_terms = [self.lists_of(view, term) for term in terms]
        sizes = [len(postings) for lists in of_terms for _, postings in lists]
        if sum(sizes) < FEWEST_POSTINGS:
            return None
        bounded = [self._bounded(view, term, lists, k) for term, lists in zip(terms, of_terms, strict=True)]
        first, rest, more = split_by_bound(bounded, k)
        if sum([len(postings) for lists in first for _, postings in lists]) > _MOST_AT_ONCE:
            return None
        found = self._best_of(view, first, k, more)
        if found is None:  # the rest might win
            if sum(sizes) > _MOST_AT_ONCE:
                return None
            found, rest = self._best_of(view, [*first, *rest], k, 0.0), []
            assert found is not None
        docs, scores = found
        add_scores(docs, scores, rest)
        return Best(docs, scores * any_of.boost, max(sizes), False)

    def _champions(self, view: SegmentView, term: Term) -> Champions | None:
        """The best documents of a term, as if it had no boost; None if it is asked for the first time."""

        def choose() -> Champions:
            plain = term if term.boost == 1.0 else replace(term, boost=1.0)
            return champions_of(view, *self.any_of(view, (plain,), 1.0))

        kept, place = _CHAMPIONS.of(self._reader), (view.number, term.identity)
        return kept.get(place, choose) if kept.is_asked_again(place) else None

    def _bounded(self, view: SegmentView, term: Term, lists: WeightedLists, k: int) -> Bounded:
        """The lists of a term with what is known of their scores."""
        champions = self._champions(view, term) if k <= CHAMPIONS else None
        if champions is None:
            return Bounded(lists, most_of_posting(self._reader.parameters) * sum([weight for weight, _ in lists]), 0.0)
        return Bounded(lists, champions.score_of(1) * term.boost, champions.score_of(k) * term.boost)

    def _best_of(
        self, view: SegmentView, terms: Sequence[WeightedLists], k: int, more: float
    ) -> tuple[Integers, Floats] | None:
        lists = [weighted for term in terms for weighted in term]
        if not lists:
            return NOTHING
        docs, scores = concatenated(lists, 1.0)
        return best_documents(view, docs, scores, len(lists), k, more)

    def any_of(self, view: SegmentView, terms: Sequence[Term], boost: float) -> ScoredDocs:
        """The documents that have any of the terms: all postings of all lists, added up in one go."""
        lists = [weighted for term in terms for weighted in self.lists_of(view, term)]
        if not lists:
            return NOTHING
        if len(lists) == 1:
            weight, postings = lists[0]
            docs, impacts = postings.whole()
            return ScoredDocs(docs, impacts * (weight * boost))
        if len(lists) > 2 and sum([len(postings) for _, postings in lists]) > AT_ONCE:
            return added_up_in_steps(view, _each_once(lists), boost)
        docs, scores = concatenated(lists, boost)
        # Of one term there are two lists here, the stem's first.
        nested = len(terms) == 1 and self._matched[terms[0].identity].nested[view.number]
        return added_up(view, docs, scores, lists[0][1].docs.astype(np.int64) if nested else None)

    def lists_of(self, view: SegmentView, term: Term) -> list[tuple[float, Postings]]:
        """(weight, postings) of the lists whose impacts make the score of a term."""
        known = self._lists.get((view.number, term.identity))
        if known is not None:
            lists = known
        else:
            lists = self._matched[term.identity].lists[view.number]
            size = sum([len(postings) for _, postings in lists])
            if lists and size <= _MOST_SCORED:
                kept, place = _SCORED.of(self._reader), (view.number, term.identity)
                if kept.is_asked_again(place):
                    lists = [(1.0, kept.get(place, partial(self._scored, view, lists)))]
            self._lists[view.number, term.identity] = lists
        return lists if term.boost == 1.0 else [(weight * term.boost, postings) for weight, postings in lists]

    def _scored(self, view: SegmentView, lists: WeightedLists) -> Postings:
        """The lists as one, of what all together add to scores."""
        _, first = lists[0]
        docs, scores = concatenated(lists, 1.0)
        if len(lists) > 1:
            docs, scores = added_up(view, docs, scores, None)
        return Postings(docs.astype(first.docs.dtype), first.codes[:0], first.impacts, scores)


def _each_once(lists: Sequence[tuple[float, Postings]]) -> list[tuple[float, Postings]]:
    """The lists, those that come several times once, with the sum of their weights."""
    weights: dict[int, float] = {}
    for weight, postings in lists:
        weights[id(postings)] = weights.get(id(postings), 0.0) + weight
    postings_of = {id(postings): postings for _, postings in lists}
    return [(weight, postings_of[number]) for number, weight in weights.items()]
