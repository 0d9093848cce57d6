"""Evaluates an analysed query in one segment: its documents and their scores.

A set of documents is an ascending array, with a score for each. So a query costs as much as its words have postings, not as much as
the index has documents.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np

from ..budget import check
from ..collection import Bools, Floats, Integers, SegmentView
from ..query.analysed import (
    AmongDocs,
    AmongIds,
    AnalysedNode,
    Bridged,
    ChangedRange,
    Combination,
    Compound,
    DateRange,
    EveryDocument,
    ExtensionIs,
    FieldFilter,
    Filter,
    FilterCombination,
    FolderIs,
    Identity,
    LanguageIs,
    NearPhrase,
    NoDocument,
    PathMatches,
    SizeRange,
    Term,
    Visitor,
)
from .bridge_weights import BridgeWeights
from .doc_sets import among, distinct
from .id_match import ids_mask
from .matched_terms import MatchedTerm
from .path_match import path_mask
from .postings import Postings
from .scored_sets import AT_ONCE, NOTHING, ScoredDocs, greatest, in_all, summed, unscored
from .word_lists import WordLists

if TYPE_CHECKING:
    import numpy.typing as npt

_SECONDS_A_DAY = 86_400
_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()


class SegmentMatch(Visitor[ScoredDocs]):
    """One query in one segment: `node.accept(match)` gives the documents that a node finds, with their scores."""

    def __init__(
        self,
        view: SegmentView,
        matched: Mapping[Identity, MatchedTerm],
        words: WordLists,
        bridge_weights: BridgeWeights,
        passing: Callable[[Filter], Bools] | None = None,
    ) -> None:
        """
        Parameters:
          view: the segment.
          matched: the postings of the terms and phrases of the query, by identity.
          words: the weighted posting lists of the terms.
          bridge_weights: the weights of the alternatives.
          passing: gives the documents that pass a filter, bool by doc id; None for what the columns of the segment say.
        """
        self._view = view
        self._matched = matched
        self._words = words
        self._bridge_weights = bridge_weights
        self._passing = passing

    def term(self, node: Term) -> ScoredDocs:
        return self._words.any_of(self._view, (node,), 1.0)

    def near_phrase(self, node: NearPhrase) -> ScoredDocs:
        matched = self._matched[node.identity]
        docs, impacts = matched.own[self._view.number].whole()
        return ScoredDocs(docs, impacts * (node.boost * matched.weight))

    def compound(self, node: Compound) -> ScoredDocs:
        found = unscored(self._matched[node.phrase.identity].own[self._view.number])
        return ScoredDocs(found.docs, found.scores + self._compound_scores(node, found.docs))

    def no_document(self, node: NoDocument) -> ScoredDocs:
        return NOTHING

    def filter(self, node: Filter) -> ScoredDocs:
        mask = self._mask(node)
        docs = np.arange(self._view.doc_count) if mask is None else np.flatnonzero(mask)
        return ScoredDocs(docs, np.zeros(len(docs)))

    def bridged(self, node: Bridged) -> ScoredDocs:
        found = self._any_arm(node)
        if len(found.docs) and node.adds_anywhere():
            return ScoredDocs(found.docs, self._bridged_scores(node, found.docs))
        return found

    def _any_arm(self, node: Bridged) -> ScoredDocs:
        """The documents that any of the arms finds, each with the greatest of its scores."""
        arms = [node.own.accept(self)]
        for alternative in node.alternatives:
            found = alternative.node.accept(self)
            if len(found.docs):
                arms.append(ScoredDocs(found.docs, found.scores * self._bridge_weights.of(node, alternative)))
        if len(arms) == 1:
            return arms[0]
        return greatest(np.concatenate([arm.docs for arm in arms]), np.concatenate([arm.scores for arm in arms]))

    def combination(self, node: Combination) -> ScoredDocs:
        any_of = node.any_of_terms()
        if any_of is not None:
            return self._words.any_of(self._view, any_of.terms, any_of.boost)
        return self._combined(node)

    def _combined(self, node: Combination) -> ScoredDocs:
        if node.must:
            found = self._all_of(node.must)
            if len(found.docs) and node.should:
                found = self._with_optional(found, node.should)
        elif node.should:
            found = self._any_of(node.should)
        else:
            found = self._every_document()
        for child in node.must_not:
            if not len(found.docs):
                break
            check()
            mask = self._mask(child) if isinstance(child, Filter) and child.is_filter() else None
            if mask is not None:
                kept = ~mask[found.docs]
            else:
                kept = ~among(self._view, child.accept(self._without_scores()).docs, found.docs)
            found = ScoredDocs(found.docs[kept], found.scores[kept])
        return ScoredDocs(found.docs, found.scores * node.boost) if node.boost != 1.0 else found

    def _without_scores(self) -> SegmentMatch:
        return _UnscoredMatch(self._view, self._matched, self._words, self._bridge_weights, self._passing)

    def _every_document(self) -> ScoredDocs:
        view = self._view
        docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
        return ScoredDocs(docs, np.zeros(len(docs)))

    def _with_optional(self, found: ScoredDocs, nodes: Sequence[AnalysedNode]) -> ScoredDocs:
        """The same documents, with the scores of the optional nodes added."""
        return ScoredDocs(found.docs, found.scores + self.scores_at(nodes, found.docs))

    def _all_of(self, nodes: Sequence[AnalysedNode]) -> ScoredDocs:
        """The documents that answer all nodes. Words are matched first, then the other nodes, filters last."""
        terms = [node for node in nodes if node.is_word()]
        rest = [node for node in nodes if not node.is_word() and not isinstance(node, Filter)]
        found: ScoredDocs | None = None
        if terms:
            found = self._all_terms(terms)
        for node in rest:
            check()
            if found is not None and not len(found.docs):
                return NOTHING
            other = node.accept(self)
            if found is None:
                found = other
            else:
                rows, there = rows_in(other.docs, found.docs)
                docs = found.docs[there]
                found = ScoredDocs(docs, found.scores[there] + other.scores[rows[there]])
        for narrowing in nodes:
            if isinstance(narrowing, Filter) and narrowing.is_filter():
                mask = self._mask(narrowing)
                assert mask is not None
                if found is None:
                    docs = np.flatnonzero(mask)
                    found = ScoredDocs(docs, np.zeros(len(docs)))
                else:
                    kept = mask[found.docs]
                    found = ScoredDocs(found.docs[kept], found.scores[kept])
        return self._every_document() if found is None else found

    def _all_terms(self, terms: Sequence[AnalysedNode]) -> ScoredDocs:
        """The documents that have all words. Words are matched from the rarest on. Only the remaining documents are scored."""
        # A word that is kept as one list with scores is matched and scored in one step.
        of_terms = [self._words.lists_of(self._view, term) if isinstance(term, Term) else [] for term in terms]
        known = [lists[0] for lists in of_terms if len(lists) == 1 and lists[0][1].given is not None]
        if not known:
            return self._scored_at(self._docs_with(terms, None), terms)
        docs, scores = in_all(known)
        rest = [
            term for term, lists in zip(terms, of_terms, strict=True) if len(lists) != 1 or lists[0][1].given is None
        ]
        if not rest:
            return ScoredDocs(docs, scores)
        found = self._docs_with(rest, docs)
        kept = rows_in(docs, found)[0]
        return ScoredDocs(found, scores[kept] + self.scores_at(rest, found))

    def _scored_at(self, docs: Integers, terms: Sequence[AnalysedNode]) -> ScoredDocs:
        return ScoredDocs(docs, self.scores_at(terms, docs)) if len(docs) else NOTHING

    def _docs_with(self, terms: Sequence[AnalysedNode], docs: Integers | None) -> Integers:
        """The documents that have every word, ascending. docs: only these are looked at; None for all."""
        for lists in self._whereabouts(terms):
            if docs is None:
                docs = np.asarray(lists[0].astype(np.int64))
                if len(lists) > 1:
                    docs = distinct(self._view, np.concatenate(lists).astype(np.int64))
                continue
            if not len(docs):
                break
            there = among(self._view, lists[0], docs)
            for more in lists[1:]:
                there |= among(self._view, more, docs)
            docs = docs[there]
        assert docs is not None
        return docs

    def _whereabouts(self, terms: Sequence[AnalysedNode]) -> list[list[npt.NDArray[np.integer]]]:
        """For each word, the documents of its forms, of its stem and of its alternatives; the rarest word first."""
        found = []
        for word in terms:
            arms = word.arms if isinstance(word, Bridged) else (word,)
            found.append([docs for arm in arms for docs in self._lists_of_arm(arm)])
        return sorted(found, key=lambda lists: sum(map(len, lists)))

    def _lists_of_arm(self, arm: AnalysedNode) -> Iterable[npt.NDArray[np.integer]]:
        assert isinstance(arm, (Term, NearPhrase))
        matched, number = self._matched[arm.identity], self._view.number
        if matched.stem is None or not matched.nested[number]:
            yield matched.own[number].docs
        if matched.stem is not None:
            yield matched.stem[number].docs

    def _any_of(self, nodes: Sequence[AnalysedNode]) -> ScoredDocs:
        terms = [node for node in nodes if isinstance(node, Term)]
        sets = self._sets(node for node in nodes if not isinstance(node, Term))
        if terms:
            sets.append(self._words.any_of(self._view, terms, 1.0))
        found = _joined(sets)
        if len(nodes) > 1 and any(node.adds_anywhere() for node in nodes):
            # A part of a compound also counts in documents that another node has found.
            found = ScoredDocs(found.docs, self.scores_at(nodes, found.docs))
        return found

    def _sets(self, nodes: Iterable[AnalysedNode]) -> list[ScoredDocs]:
        """What the nodes find; joined as soon as it is much, so that it does not take much memory."""
        sets: list[ScoredDocs] = []
        size = 0
        for node in nodes:
            check()
            sets.append(node.accept(self))
            size += len(sets[-1].docs)
            if size > AT_ONCE and len(sets) > 1:
                sets = [_joined(sets)]
                size = len(sets[0].docs)
        return sets

    def scores_at(self, nodes: Iterable[AnalysedNode], docs: Integers) -> Floats:
        """The scores that nodes give to documents, added up, float64; 0 for documents that they do not find.

        A compound scores a document by any of its parts.

        Parameters:
          nodes: parts of the query.
          docs: ascending.
        """
        scores = np.zeros(len(docs))
        lists: list[tuple[float, Postings]] = []
        others = _ScoresAt(self, docs)
        for node in nodes:
            check()
            if isinstance(node, Term):
                lists += self._words.lists_of(self._view, node)
            else:
                scores += node.accept(others)
        places, codes, weights = [], [], []
        size = 0
        for weight, postings in lists:
            rows, there = postings.rows_of(docs)
            at = there.nonzero()[0]
            if postings.given is not None:
                scores[at] += weight * postings.given.take(rows.take(at))
            elif len(at):
                places.append(at)
                codes.append(postings.codes.take(rows.take(at)))
                weights.append(weight)
                size += len(at)
                if size > AT_ONCE:
                    check()
                    _add_impacts(scores, docs, postings, places, codes, weights)
                    places, codes, weights, size = [], [], [], 0
        if places:
            _add_impacts(scores, docs, lists[0][1], places, codes, weights)
        return scores

    def _compound_scores(self, node: Compound, docs: Integers) -> Floats:
        return node.phrase.boost * self.scores_at(node.phrase.parts, docs)

    def _bridged_scores(self, node: Bridged, docs: Integers) -> Floats:
        """The scores that the node gives to documents: the greatest of its arms."""
        scores = self.scores_at((node.own,), docs)
        for alternative in node.alternatives:
            weight = self._bridge_weights.of(node, alternative)
            np.maximum(scores, self.scores_at((alternative.node,), docs) * weight, out=scores)
        return scores

    def _mask(self, node: Filter) -> Bools | None:
        """The live documents that pass a filter, bool by doc id; None for all documents."""
        view = self._view
        if isinstance(node, EveryDocument):
            return view.live
        mask = filter_mask(view, node) if self._passing is None else self._passing(node)
        return mask if view.live is None else mask & view.live


class _ScoresAt(Visitor[Floats]):
    """The scores that nodes other than terms give to documents."""

    def __init__(self, match: SegmentMatch, docs: Integers) -> None:
        self._match = match
        self._docs = docs

    def compound(self, node: Compound) -> Floats:
        return self._match._compound_scores(node, self._docs)

    def bridged(self, node: Bridged) -> Floats:
        return self._match._bridged_scores(node, self._docs)

    def other(self, node: AnalysedNode) -> Floats:
        found = node.accept(self._match)
        rows, there = rows_in(found.docs, self._docs)
        return np.where(there, found.scores.take(rows, mode="clip"), 0.0) if len(found.docs) else np.zeros(len(rows))


class _UnscoredMatch(SegmentMatch):
    """The same without scores, for excluded nodes. A word finds documents by its own forms alone, not by its stem."""

    def term(self, node: Term) -> ScoredDocs:
        return unscored(self._matched[node.identity].own[self._view.number])

    def near_phrase(self, node: NearPhrase) -> ScoredDocs:
        return unscored(self._matched[node.identity].own[self._view.number])

    def compound(self, node: Compound) -> ScoredDocs:
        return unscored(self._matched[node.phrase.identity].own[self._view.number])

    def bridged(self, node: Bridged) -> ScoredDocs:
        return self._any_arm(node)

    def combination(self, node: Combination) -> ScoredDocs:
        return self._combined(node)

    def _without_scores(self) -> SegmentMatch:
        return self

    def _with_optional(self, found: ScoredDocs, nodes: Sequence[AnalysedNode]) -> ScoredDocs:
        return found

    def _all_terms(self, terms: Sequence[AnalysedNode]) -> ScoredDocs:
        docs = self._docs_with(terms, None)
        return ScoredDocs(docs, np.zeros(len(docs)))

    def _lists_of_arm(self, arm: AnalysedNode) -> Iterable[npt.NDArray[np.integer]]:
        assert isinstance(arm, (Term, NearPhrase))
        yield self._matched[arm.identity].own[self._view.number].docs

    def _any_of(self, nodes: Sequence[AnalysedNode]) -> ScoredDocs:
        return _joined(self._sets(nodes))


def _add_impacts(
    scores: Floats,
    docs: Integers,
    like: Postings,
    places: Sequence[Integers],
    codes: Sequence[npt.NDArray[np.uint8]],
    weights: Sequence[float],
) -> None:
    """Add to scores of documents, at these places, what postings of these codes add; of lists like the given one.

    They are worked out together, since each call of numpy costs as much as hundreds of postings.
    """
    at = np.concatenate(places)
    impacts = like.impacts.total(docs.take(at), np.concatenate(codes))
    impacts *= np.repeat(weights, [len(part) for part in places])
    np.add.at(scores, at, impacts)


def _joined(sets: Sequence[ScoredDocs]) -> ScoredDocs:
    return summed(np.concatenate([one.docs for one in sets]), np.concatenate([one.scores for one in sets]))


def filter_mask(view: SegmentView, node: Filter) -> Bools:
    """The documents that pass a filter, bool by doc id. What is not known of a document passes no range. Raises TimeUp."""
    segment = view.segment
    if isinstance(node, FieldFilter):
        return view.fields.matching(node.condition)
    if isinstance(node, FilterCombination):
        return _combined_mask(view, node)
    if isinstance(node, EveryDocument):
        return np.ones(view.doc_count, bool)
    if isinstance(node, AmongIds):
        return ids_mask(view.memory, node.ids)
    if isinstance(node, AmongDocs):
        among_docs = np.zeros(view.doc_count, bool)
        among_docs[node.docs[view.number]] = True
        return among_docs
    if isinstance(node, (PathMatches, FolderIs, ExtensionIs)):
        return path_mask(view.memory, node)
    if isinstance(node, SizeRange):
        return _between(segment.file_sizes, node.least, node.most)
    if isinstance(node, ChangedRange):
        return _between(segment.mtimes, *changed_between(node))
    if isinstance(node, LanguageIs):
        # A filter names the language alone, and en-GB is English.
        codes = [code for code, name in enumerate(segment.language_names) if name.split("-")[0] == node.code]
        return np.asarray(np.isin(segment.languages, codes))
    assert isinstance(node, DateRange)
    dates: npt.NDArray[np.int32] = segment.dates
    mask = dates > 0
    if node.since is not None:
        mask &= dates >= node.since.toordinal()
    if node.until is not None:
        mask &= dates <= node.until.toordinal()
    return mask


def _combined_mask(view: SegmentView, node: FilterCombination) -> Bools:
    # The masks of some filters are kept for other queries, so that none is written to.
    found = np.full(view.doc_count, bool(node.must) or not node.should)
    for parts, join in ((node.must, np.logical_and), (() if node.must else node.should, np.logical_or)):
        for part in parts:
            check()
            join(found, filter_mask(view, part), out=found)
    for part in node.must_not:
        check()
        found &= ~filter_mask(view, part)
    return found


def _between(values: Integers, least: int | None, most: int | None) -> Bools:
    """Which values, -1 being unknown, lie between two others, both included."""
    mask = values >= (0 if least is None else max(least, 0))
    if most is not None:
        mask &= values <= most
    return np.asarray(mask)


def changed_between(node: ChangedRange) -> tuple[int | None, int | None]:
    """The first and the last second, since 1970, in which a file may have been changed; None for an open end."""
    since = None if node.since is None else _midnight(node.since)
    until = None if node.until is None else _midnight(node.until) + _SECONDS_A_DAY - 1
    return since, until


def _midnight(day: datetime.date) -> int:
    """When a day begins where this program runs, in seconds since 1970."""
    since_1970 = (day.toordinal() - _FIRST_DAY) * _SECONDS_A_DAY
    try:
        return int(time.mktime(day.timetuple()))
    except (OverflowError, ValueError, OSError):
        return since_1970
