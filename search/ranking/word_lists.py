"""Scores documents that have any of some words by the posting lists of the words: all of them, or the best.

From the second query on that asks for a word, its best documents are kept, and also its scores if there are not too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias

from naidi.indexer.late import np

from ..cache import Attached, Cache
from ..collection import Floats, Integers, SegmentView
from ..query.analysed import AnalysedNode, AnyOf, Identity, Term
from .bm25 import most_of_posting
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
    size_of_champions,
    split_by_bound,
)
from .scored_sets import AT_ONCE, NOTHING, ScoredDocs, added_up, added_up_in_steps, concatenated

# The scores of a term are kept from its second query on, unless it has more postings than this.
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
    """Documents among which the best are.

    docs, scores: some of the documents found, in any order.
    total: the number of all documents found; a lower bound if not `exact`.
    exact: whether `total` is exact.
    """

    docs: Integers
    scores: Floats
    total: int
    exact: bool


class WordLists:
    """The weighted posting lists of the words of one query."""

    def __init__(self, reader: PostingReader, matched: Mapping[Identity, MatchedTerm]) -> None:
        """
        Parameters:
          reader: owns the caches.
          matched: the postings of the terms of the query, by identity.
        """
        self._reader = reader
        self._matched = matched
        self._lists: dict[tuple[int, tuple[object, ...]], list[tuple[float, Postings]]] = {}

    def best(self, view: SegmentView, root: AnalysedNode, any_of: AnyOf, k: int) -> Best | None:
        """The best k documents of a segment, with some others, without scoring all. None if it is faster to score all documents.

        Parameters:
          view: the segment.
          root: the query.
          any_of: the words of which the query asks for any.
          k: how many documents are wanted.
        """
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
        if found is None:  # a document with none of the first words might be among the best
            if sum(sizes) > _MOST_AT_ONCE:
                return None
            found, rest = self._best_of(view, [*first, *rest], k, 0.0), []
            assert found is not None
        docs, scores = found
        add_scores(docs, scores, rest)
        return Best(docs, scores * any_of.boost, max(sizes), False)

    def _champions(self, view: SegmentView, term: Term) -> Champions | None:
        """The champions of a term, scored without its boost. None in the first query for the term."""

        def choose() -> Champions:
            plain = term if term.boost == 1.0 else replace(term, boost=1.0)
            return champions_of(view, *self.any_of(view, (plain,), 1.0))

        kept, place = _CHAMPIONS.of(self._reader), (view.number, term.identity)
        return kept.get(place, choose) if kept.is_asked_again(place) else None

    def _bounded(self, view: SegmentView, term: Term, lists: WeightedLists, k: int) -> Bounded:
        """The lists of a term with the bounds of its score."""
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
        """The documents that have any of the terms, with their scores. All postings of all lists are added up at once.

        boost: a factor of all scores, besides the boosts of the terms.
        """
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
        # One term has two lists here, the stem's first. If they are nested, the stem's list is the whole set.
        nested = len(terms) == 1 and self._matched[terms[0].identity].nested[view.number]
        return added_up(view, docs, scores, lists[0][1].docs.astype(np.int64) if nested else None)

    def lists_of(self, view: SegmentView, term: Term) -> list[tuple[float, Postings]]:
        """(weight, postings) of the lists whose weighted impacts add up to the score of a term, boost included."""
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
        """The lists of a term as one list with given impacts: the scores of the term, without its boost."""
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
