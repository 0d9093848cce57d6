"""Scores candidates by the tree of a query: as `ranking.segment_match` does for the documents of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from naidi.indexer.late import OfThread

from ..cache import Owner
from ..collection import Bools, SegmentView
from ..query.analysed import AnalysedNode, Bridged, Combination, Filter, Identity, Scored, Term
from ..ranking.bridge_weights import BridgeWeights
from ..ranking.matched_terms import MatchedTerm
from ..ranking.postings import Postings
from ..ranking.segment_match import SegmentMatch
from ..ranking.word_lists import WordLists
from .candidates import Candidates
from .term_weights import TermWeights


class Uncertain(NamedTuple):
    """What a query does not ask of every document that it finds.

    terms: the terms and phrases that a document found may have, by identity. Those that none has are left out.
    filters: those that a document found may pass or not.
    certain: the filters that every document found passes.
    """

    terms: dict[Identity, Scored]
    filters: dict[Filter, None]
    certain: set[Filter]

    def add(self, node: AnalysedNode, *, certain: bool = True) -> None:
        """Add a part of the query. certain: whether every document found answers it."""
        if isinstance(node, Filter):
            if certain:
                self.certain.add(node)
            else:
                self.filters[node] = None
        elif isinstance(node, Combination):
            for child in node.must:
                self.add(child, certain=certain)
            for child in node.should:
                self.add(child, certain=False)
            if not certain:
                for child in node.must_not:
                    self.add(child, certain=False)
        elif isinstance(node, Bridged):
            for arm in node.arms:
                self.add(arm, certain=False)
        else:
            for term, _ in node.terms():
                self.terms[term.identity] = term
            for part in node.scoring_parts():
                self.terms[part.identity] = part


def uncertain(root: AnalysedNode) -> Uncertain:
    """What must be asked of the documents that a query finds, to score them."""
    found = Uncertain({}, {}, set())
    found.add(root)
    return found


class _View(SegmentView):
    """Candidates in the place of a segment: all of them are live, and they have no columns."""

    def __init__(self, doc_count: int) -> None:
        Owner.__init__(self)
        self.number = 0
        self.bitmap = None
        self.doc_count = doc_count
        self._scratch = OfThread()


class _WordLists(WordLists):
    """The weighted postings of the words among candidates. Nothing of them is kept for other queries."""

    def __init__(self, matched: Mapping[Identity, MatchedTerm]) -> None:
        self._matched = matched

    def lists_of(self, view: SegmentView, term: Term) -> list[tuple[float, Postings]]:
        lists = self._matched[term.identity].lists[view.number]
        return lists if term.boost == 1.0 else [(weight * term.boost, postings) for weight, postings in lists]


def candidate_match(
    candidates: Candidates,
    asked: Uncertain,
    terms: Mapping[Identity, Scored],
    weights: TermWeights,
    bridge_weights: BridgeWeights,
) -> SegmentMatch:
    """Matches a query in candidates. Their numbers are the doc ids.

    Parameters:
      candidates: the documents, with what was asked of them.
      asked: what that was.
      terms: all terms and phrases of the query, by identity.
      weights: of these.
      bridge_weights: the weights of the alternatives.
    """
    postings, none = candidates.postings(weights.parameters), candidates.no_postings
    matched = {identity: weights.with_postings(term, postings, none) for identity, term in terms.items()}

    def passing(node: Filter) -> Bools:
        known = candidates.passing.get(node)
        if known is not None:
            return known
        return np.full(len(candidates), node in asked.certain or not node.is_filter())

    return SegmentMatch(_View(len(candidates)), matched, _WordLists(matched), bridge_weights, passing)
