"""An analysed query against a collection: which documents it finds, and their scores.

Every leaf is matched in every segment first, since its idf needs the count over all of them; then the tree is evaluated segment
by segment. A set of documents is an ascending array of them with a score each, so that the cost follows the postings of the
query's words and not the size of the index. Equal leaves are matched once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..collection import Bools, Collection, Floats, Integers, SegmentView
from ..query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    NearPhrase,
    NoDocument,
    Term,
    leaves,
)
from ..query.nodes import DateRange, EveryDocument, LanguageIs
from .bm25 import RankingParameters
from .bridge_weights import BridgeWeights
from .doc_sets import among, distinct, rows_in
from .matched_terms import MatchedTerm, matched_term
from .nearness import Nearness, neighbours
from .postings import Postings, reader_of
from .scored_sets import NOTHING, ScoredDocs, greatest, in_all, summed, unscored
from .word_lists import Best, WordLists


class Evaluation:
    """One query on one collection."""

    def __init__(self, collection: Collection, root: AnalysedNode, parameters: RankingParameters) -> None:
        self._collection = collection
        self._root = root
        self._parameters = parameters
        self.reader = reader_of(collection, parameters)
        self._words = WordLists(collection, self.reader, parameters, lambda: self.leaves)

    @cached_property
    def leaves(self) -> dict[tuple[object, ...], MatchedTerm]:
        """The postings of every term and phrase of the query, by identity."""
        found: dict[tuple[object, ...], MatchedTerm] = {}
        for leaf in (*(leaf for leaf, _ in leaves(self._root)), *compound_parts(self._root)):
            if leaf.identity not in found:
                found[leaf.identity] = matched_term(self.reader, leaf)
        return found

    def best_of_segment(self, number: int, k: int) -> Best | None:
        """Documents of a segment among which its best k are, as a rule not all that are found; None if it takes all to tell."""
        return self._words.best(self._collection.views[number], self._root, k)

    def may_find(self, number: int) -> bool:
        """Whether a segment can have a document that is found: false where words are needed and it has none of them."""
        return any(leaf.lists[number] for leaf in self.leaves.values()) or not _needs_words(self._root)

    def segment(self, number: int) -> ScoredDocs:
        """The documents of a segment that are found."""
        view = self._collection.views[number]
        root = self._root
        if (
            isinstance(root, Combination)
            and not root.must
            and not root.must_not
            and root.should
            and all(isinstance(child, Term) for child in root.should)
        ):
            terms = [child for child in root.should if isinstance(child, Term)]
            return self._words.any_of(view, terms, root.boost)
        return self._evaluate(view, root, scored=True)

    # -- the tree

    def _evaluate(self, view: SegmentView, node: AnalysedNode, *, scored: bool) -> ScoredDocs:
        """`scored`: by a stem alone a document is found only where it is wanted, and then it has a score; else scores are 0."""
        if isinstance(node, Term):
            return (
                self._words.any_of(view, (node,), 1.0)
                if scored
                else unscored(self.leaves[node.identity].own[view.number])
            )
        if isinstance(node, NearPhrase):
            postings = self.leaves[node.identity].own[view.number]
            return self._weighed(postings, node) if scored else unscored(postings)
        if isinstance(node, Compound):
            found = unscored(self.leaves[node.phrase.identity].own[view.number])
            if not scored:
                return found
            return ScoredDocs(found.docs, found.scores + self._compound_scores(view, node, found.docs))
        if isinstance(node, Combination):
            return self._combination(view, node, scored=scored)
        if isinstance(node, Bridged):
            return self._bridged(view, node, scored=scored)
        if isinstance(node, NoDocument):
            return NOTHING
        mask = self._mask(view, node)
        docs = np.arange(view.doc_count) if mask is None else np.flatnonzero(mask)
        return ScoredDocs(docs, np.zeros(len(docs)))

    def _bridged(self, view: SegmentView, node: Bridged, *, scored: bool) -> ScoredDocs:
        arms = [self._evaluate(view, node.own, scored=scored)]
        for alternative in node.alternatives:
            found = self._evaluate(view, alternative.node, scored=scored)
            if len(found.docs):
                arms.append(ScoredDocs(found.docs, found.scores * self.bridge_weights.of(node, alternative)))
        if len(arms) == 1 and not _adds_anywhere(node):
            return arms[0]
        found = greatest(np.concatenate([arm.docs for arm in arms]), np.concatenate([arm.scores for arm in arms]))
        if scored and len(found.docs) and _adds_anywhere(node):
            return ScoredDocs(found.docs, self._bridged_scores(view, node, found.docs))
        return found

    def _bridged_scores(self, view: SegmentView, node: Bridged, docs: Integers) -> Floats:
        """What the node adds to documents."""
        scores = self._scores_at(view, (node.own,), docs)
        for alternative in node.alternatives:
            weight = self.bridge_weights.of(node, alternative)
            np.maximum(scores, self._scores_at(view, (alternative.node,), docs) * weight, out=scores)
        return scores

    @cached_property
    def bridge_weights(self) -> BridgeWeights:
        """What the alternatives of the query weigh."""
        return BridgeWeights(self._collection, self._root, self._parameters, self.leaves)

    def best_arm(self, number: int, node: Bridged, doc: int) -> tuple[Alternative | None, float]:
        """(which alternative makes the score of a document, None for what was typed; what it is multiplied by)."""
        view = self._collection.views[number]
        at = np.array([doc])
        best: tuple[Alternative | None, float] = (None, 1.0)
        most = float(self._scores_at(view, (node.own,), at)[0])
        for alternative in node.alternatives:
            weight = self.bridge_weights.of(node, alternative)
            score = weight * float(self._scores_at(view, (alternative.node,), at)[0])
            if score > most:
                best, most = (alternative, weight), score
        return best

    def _weighed(self, postings: Postings, phrase: NearPhrase) -> ScoredDocs:
        docs, impacts = postings.whole()
        return ScoredDocs(docs, impacts * self._weight(phrase))

    def _weight(self, phrase: NearPhrase) -> float:
        return phrase.boost * sum(part.weight * part.idf for part in self.leaves[phrase.identity].parts)

    def _combination(self, view: SegmentView, node: Combination, *, scored: bool) -> ScoredDocs:
        if node.must:
            found = self._all_of(view, node.must, scored=scored)
            if len(found.docs) and node.should and scored:
                found = ScoredDocs(found.docs, found.scores + self._scores_at(view, node.should, found.docs))
        elif node.should:
            found = self._any_of(view, node.should, scored=scored)
        else:
            docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
            found = ScoredDocs(docs, np.zeros(len(docs)))
        for child in node.must_not:
            if not len(found.docs):
                break
            mask = self._mask(view, child) if isinstance(child, (DateRange, LanguageIs)) else None
            if mask is not None:
                kept = ~mask[found.docs]
            else:
                kept = ~among(view, self._evaluate(view, child, scored=False).docs, found.docs)
            found = ScoredDocs(found.docs[kept], found.scores[kept])
        return ScoredDocs(found.docs, found.scores * node.boost) if node.boost != 1.0 else found

    def _all_of(self, view: SegmentView, nodes: Sequence[AnalysedNode], *, scored: bool) -> ScoredDocs:
        """Words by their lists, whatever else there is as sets; filters on what is left."""
        terms = [node for node in nodes if _has_lists(node)]
        rest = [
            node
            for node in nodes
            if not _has_lists(node) and not isinstance(node, (DateRange, LanguageIs, EveryDocument))
        ]
        found: ScoredDocs | None = None
        if terms:
            found = self._all_terms(view, terms, scored=scored)
        for node in rest:
            if found is not None and not len(found.docs):
                return NOTHING
            other = self._evaluate(view, node, scored=scored)
            if found is None:
                found = other
            else:
                rows, there = rows_in(other.docs, found.docs)
                docs = found.docs[there]
                found = ScoredDocs(docs, found.scores[there] + other.scores[rows[there]])
        for narrowing in nodes:
            if isinstance(narrowing, (DateRange, LanguageIs)):
                mask = self._mask(view, narrowing)
                assert mask is not None
                if found is None:
                    docs = np.flatnonzero(mask)
                    found = ScoredDocs(docs, np.zeros(len(docs)))
                else:
                    kept = mask[found.docs]
                    found = ScoredDocs(found.docs[kept], found.scores[kept])
        if found is None:  # every document
            docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
            found = ScoredDocs(docs, np.zeros(len(docs)))
        return found

    def _all_terms(self, view: SegmentView, terms: Sequence[AnalysedNode], *, scored: bool) -> ScoredDocs:
        """The documents that have all words, found from the rarest on; scores of what is left alone are worked out."""
        docs: Integers | None = None
        if scored:
            # What is kept as one list with its scores needs no second look for these.
            of_terms = [self._words.lists_of(view, term) if isinstance(term, Term) else [] for term in terms]
            known = [lists[0] for lists in of_terms if len(lists) == 1 and lists[0][1].given is not None]
            if known:
                terms = [
                    term
                    for term, lists in zip(terms, of_terms, strict=True)
                    if len(lists) != 1 or lists[0][1].given is None
                ]
                docs, scores = in_all(known)
        for parts in self._whereabouts(view, terms, scored=scored):
            if docs is None:
                docs = np.asarray(parts[0].astype(np.int64))
                if len(parts) > 1:
                    docs = distinct(view, np.concatenate(parts).astype(np.int64))
                scores = np.zeros(len(docs))
                continue
            if not len(docs):
                return NOTHING
            there = among(view, parts[0], docs)
            for part in parts[1:]:
                there |= among(view, part, docs)
            docs, scores = docs[there], scores[there]
        assert docs is not None
        if scored and terms and len(docs):
            scores = scores + self._scores_at(view, terms, docs)
        return ScoredDocs(docs, scores)

    def _whereabouts(
        self, view: SegmentView, terms: Sequence[AnalysedNode], *, scored: bool
    ) -> list[list[npt.NDArray[np.integer]]]:
        """Of each word the lists that tell where it is: of its forms, of its stem, of what else may be meant; the rarest first."""
        lists: list[list[npt.NDArray[np.integer]]] = []
        for word in terms:
            arms = (word.own, *(other.node for other in word.alternatives)) if isinstance(word, Bridged) else (word,)
            parts: list[npt.NDArray[np.integer]] = []
            for arm in arms:
                assert isinstance(arm, (Term, NearPhrase))
                leaf = self.leaves[arm.identity]
                nested = scored and leaf.stem is not None and leaf.nested[view.number]
                if not nested:
                    parts.append(leaf.own[view.number].docs)
                if scored and leaf.stem is not None:
                    parts.append(leaf.stem[view.number].docs)
            lists.append(parts)
        return sorted(lists, key=lambda parts: sum(map(len, parts)))

    def _any_of(self, view: SegmentView, nodes: Sequence[AnalysedNode], *, scored: bool) -> ScoredDocs:
        terms = [node for node in nodes if isinstance(node, Term)] if scored else []
        sets = [self._evaluate(view, node, scored=scored) for node in nodes if not (scored and isinstance(node, Term))]
        if terms:
            sets.append(self._words.any_of(view, terms, 1.0))
        found = summed(np.concatenate([one.docs for one in sets]), np.concatenate([one.scores for one in sets]))
        if scored and len(nodes) > 1 and any(map(_adds_anywhere, nodes)):
            # A part of a compound counts wherever it stands in a document that is found by something else, too.
            found = ScoredDocs(found.docs, self._scores_at(view, nodes, found.docs))
        return found

    def _scores_at(self, view: SegmentView, nodes: Iterable[AnalysedNode], docs: Integers) -> Floats:
        """What the nodes add to documents, nothing where they do not find them."""
        scores = np.zeros(len(docs))
        lists: list[tuple[float, Postings]] = []
        for node in nodes:
            if isinstance(node, Term):
                lists += self._words.lists_of(view, node)
            elif isinstance(node, Compound):
                scores += self._compound_scores(view, node, docs)
            elif isinstance(node, Bridged):
                scores += self._bridged_scores(view, node, docs)
            else:
                found = self._evaluate(view, node, scored=True)
                rows, there = rows_in(found.docs, docs)
                scores[there] += found.scores[rows[there]]
        places, codes, weights = [], [], []
        for weight, postings in lists:
            rows, there = postings.rows_of(docs)
            at = there.nonzero()[0]
            if postings.given is not None:
                scores[at] += weight * postings.given.take(rows.take(at))
            elif len(at):
                places.append(at)
                codes.append(postings.codes.take(rows.take(at)))
                weights.append(weight)
        if places:
            # Worked out together, since each call of numpy costs as much as hundreds of postings.
            at = np.concatenate(places)
            impacts = lists[0][1].impacts.total(docs.take(at), np.concatenate(codes))
            impacts *= np.repeat(weights, [len(part) for part in places])
            np.add.at(scores, at, impacts)
        return scores

    def _compound_scores(self, view: SegmentView, node: Compound, docs: Integers) -> Floats:
        return node.phrase.boost * self._scores_at(view, node.phrase.parts, docs)

    def _mask(self, view: SegmentView, node: AnalysedNode) -> Bools | None:
        """The live documents that pass a filter; None for all."""
        if isinstance(node, (DateRange, LanguageIs)):
            mask = filter_mask(view, node)
            return mask if view.live is None else mask & view.live
        return view.live

    # -- what comes after

    @cached_property
    def pairs(self) -> list[tuple[Term, Term]]:
        """Different terms that are neighbours in the query, each pair once."""
        found = {(left.identity, right.identity): (left, right) for left, right in neighbours(self._root)}
        return [pair for identities, pair in found.items() if identities[0] != identities[1]]

    @property
    def rescored(self) -> int:
        """How many of the best documents are to be looked at for nearness: 0 if no two words of the query are neighbours."""
        return self._parameters.rescored if self._parameters.pair.weight and self.pairs else 0

    def nearness(self, candidates: Mapping[int, Integers]) -> Nearness:
        """What nearness adds to the candidates: ascending documents by number of the segment."""
        average = self._collection.fields["text"].average_length
        return Nearness(self.reader, self.leaves, candidates, average, self.pairs, self._parameters.pair)

    def finds(self, number: int, node: AnalysedNode, doc: int) -> bool:
        """Whether a part of the query finds a document."""
        return bool((self._evaluate(self._collection.views[number], node, scored=True).docs == doc).any())


def _adds_anywhere(node: AnalysedNode) -> bool:
    """Whether it may add to the score of a document that it does not find: parts of a compound do."""
    if isinstance(node, Bridged):
        return _adds_anywhere(node.own) or any(_adds_anywhere(other.node) for other in node.alternatives)
    return isinstance(node, Compound)


def _has_lists(node: AnalysedNode) -> bool:
    """Whether a part of the query is a word, with or without what else may be meant by it."""
    if isinstance(node, Bridged):
        return all(isinstance(arm, (Term, NearPhrase)) for arm in (node.own, *(one.node for one in node.alternatives)))
    return isinstance(node, Term)


def _needs_words(node: AnalysedNode) -> bool:
    """Whether a document must have some term or phrase of the tree to be found."""
    if isinstance(node, Combination):
        return any(map(_needs_words, node.must)) or bool(
            node.should and not node.must and all(map(_needs_words, node.should))
        )
    if isinstance(node, Bridged):
        return _needs_words(node.own) and all(_needs_words(other.node) for other in node.alternatives)
    return isinstance(node, (Term, NearPhrase, Compound, NoDocument))


def compound_parts(node: AnalysedNode) -> Iterator[Term]:
    """The terms that only add to scores."""
    if isinstance(node, Compound):
        yield from node.phrase.parts
    elif isinstance(node, Bridged):
        for child in (node.own, *(other.node for other in node.alternatives)):
            yield from compound_parts(child)
    elif isinstance(node, Combination):
        for child in (*node.must, *node.should):
            yield from compound_parts(child)


def filter_mask(view: SegmentView, node: DateRange | LanguageIs) -> Bools:
    """The documents that pass a filter. A document without a date passes no range of dates."""
    segment = view.segment
    if isinstance(node, LanguageIs):
        # en-GB is English: a filter names the language alone.
        codes = [code for code, name in enumerate(segment.language_names) if name.split("-")[0] == node.code]
        return np.asarray(np.isin(segment.languages, codes))
    dates: npt.NDArray[np.int32] = segment.dates
    mask = dates > 0
    if node.since is not None:
        mask &= dates >= node.since.toordinal()
    if node.until is not None:
        mask &= dates <= node.until.toordinal()
    return mask
