"""An analysed query against a collection: which documents it finds, and their scores.

Every leaf is matched in every segment first, since its idf needs the count over all of them; then the tree is evaluated segment
by segment. A set of documents is an ascending array of them with a score each, so that the cost follows the postings of the
query's words and not the size of the index. Equal leaves are matched once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.collection import Bools, Collection, Floats, Integers, SegmentView
from search.query.analysed import AnalysedNode, Combination, Compound, NearPhrase, NoDocument, Scored, Term, leaves
from search.query.nodes import DateRange, EveryDocument, LanguageIs
from search.ranking.bm25 import RankingParameters
from search.ranking.doc_sets import among, distinct, first_of_runs, rows_in, sums_at
from search.ranking.leaves import LeafPostings, match_leaf, size_of
from search.ranking.nearness import Nearness, neighbours
from search.ranking.postings import PostingReader, Postings
from search.ranking.pruned import FEWEST_POSTINGS, Lists, add_scores, best_documents, most_of_posting, parted


class Found(NamedTuple):
    """docs: ascending, each once. scores: of each."""

    docs: Integers
    scores: Floats


class Evaluation:
    """One query on one collection."""

    def __init__(self, collection: Collection, root: AnalysedNode, parameters: RankingParameters) -> None:
        self._collection = collection
        self._root = root
        self._parameters = parameters
        self.reader: PostingReader = collection.remember(
            ("reader", parameters), lambda: PostingReader(collection, parameters)
        )
        self.leaves: dict[tuple[object, ...], LeafPostings] = {}
        for leaf in (*(leaf for leaf, _ in leaves(root)), *compound_parts(root)):
            if leaf.identity not in self.leaves:
                self.leaves[leaf.identity] = self._match(leaf)

    def _match(self, leaf: Scored) -> LeafPostings:
        if isinstance(leaf, Term):
            # Depends on the index alone. What was put together counts, the rest are views of what is mapped.
            return self._collection.remember(
                (self.reader, leaf.identity), lambda: match_leaf(self.reader, leaf), size_of
            )
        return match_leaf(self.reader, leaf)

    def best_of_segment(self, number: int, k: int) -> Found | None:
        """Documents of a segment among which its best k are, as a rule not all that are found; None if it takes all to tell."""
        root, view = self._root, self._collection.views[number]
        nodes = (root,) if isinstance(root, Term) else root.should if isinstance(root, Combination) else ()
        terms = [node for node in nodes if isinstance(node, Term)]
        if not terms or len(terms) < len(nodes) or (isinstance(root, Combination) and (root.must or root.must_not)):
            return None
        of_terms = [self._lists_of(view, term) for term in terms]
        if sum(len(postings) for lists in of_terms for _, postings in lists) < FEWEST_POSTINGS:
            return None
        first, rest = parted(of_terms, k)
        more = most_of_posting(self._parameters) * sum(weight for lists in rest for weight, _ in lists)
        found = self._best_of(view, first, k, more)
        if found is None:  # the rest might win
            found, rest = self._best_of(view, [*first, *rest], k, 0.0), []
            assert found is not None
        docs, scores = found
        add_scores(docs, scores, rest)
        return Found(docs, scores * root.boost if isinstance(root, Combination) else scores)

    def fewest_found(self, number: int) -> int:
        """How many documents of a segment any one word of the query finds at least, where all words are optional."""
        return max((len(postings) for leaf in self.leaves.values() for _, postings in leaf.lists[number]), default=0)

    def _best_of(
        self, view: SegmentView, terms: Sequence[Lists], k: int, more: float
    ) -> tuple[Integers, Floats] | None:
        lists = [weighted for term in terms for weighted in term]
        if not lists:
            return _NOTHING
        docs, scores = _joined(lists, 1.0)
        return best_documents(view, docs, scores, len(lists), k, more)

    def may_find(self, number: int) -> bool:
        """Whether a segment can have a document that is found: false where words are needed and it has none of them."""
        return any(leaf.lists[number] for leaf in self.leaves.values()) or not _needs_words(self._root)

    def segment(self, number: int) -> Found:
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
            return self._any_term(view, terms, root.boost)
        return self._evaluate(view, root, scored=True)

    # -- the tree

    def _evaluate(self, view: SegmentView, node: AnalysedNode, *, scored: bool) -> Found:
        """`scored`: by a stem alone a document is found only where it is wanted, and then it has a score; else scores are 0."""
        if isinstance(node, Term):
            return (
                self._any_term(view, (node,), 1.0) if scored else _unscored(self.leaves[node.identity].own[view.number])
            )
        if isinstance(node, NearPhrase):
            postings = self.leaves[node.identity].own[view.number]
            return self._weighed(postings, node) if scored else _unscored(postings)
        if isinstance(node, Compound):
            found = _unscored(self.leaves[node.phrase.identity].own[view.number])
            if not scored:
                return found
            return Found(found.docs, found.scores + self._compound_scores(view, node, found.docs))
        if isinstance(node, Combination):
            return self._combination(view, node, scored=scored)
        if isinstance(node, NoDocument):
            return _NOTHING
        mask = self._mask(view, node)
        docs = np.arange(view.doc_count) if mask is None else np.flatnonzero(mask)
        return Found(docs, np.zeros(len(docs)))

    def _weighed(self, postings: Postings, phrase: NearPhrase) -> Found:
        docs, factors = postings.whole()
        return Found(docs, factors * self._weight(phrase))

    def _weight(self, phrase: NearPhrase) -> float:
        return phrase.boost * sum(part.weight * part.idf for part in self.leaves[phrase.identity].parts)

    def _combination(self, view: SegmentView, node: Combination, *, scored: bool) -> Found:
        if node.must:
            found = self._all_of(view, node.must, scored=scored)
            if len(found.docs) and node.should and scored:
                found = Found(found.docs, found.scores + self._scores_at(view, node.should, found.docs))
        elif node.should:
            found = self._any_of(view, node.should, scored=scored)
        else:
            docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
            found = Found(docs, np.zeros(len(docs)))
        for child in node.must_not:
            if not len(found.docs):
                break
            mask = self._mask(view, child) if isinstance(child, (DateRange, LanguageIs)) else None
            if mask is not None:
                kept = ~mask[found.docs]
            else:
                kept = ~among(view, self._evaluate(view, child, scored=False).docs, found.docs)
            found = Found(found.docs[kept], found.scores[kept])
        return Found(found.docs, found.scores * node.boost) if node.boost != 1.0 else found

    def _all_of(self, view: SegmentView, nodes: Sequence[AnalysedNode], *, scored: bool) -> Found:
        """Terms by their lists, whatever else there is as sets; filters on what is left."""
        terms = [node for node in nodes if isinstance(node, Term)]
        rest = [node for node in nodes if not isinstance(node, (Term, DateRange, LanguageIs, EveryDocument))]
        found: Found | None = None
        if terms:
            found = self._all_terms(view, terms, scored=scored)
        for node in rest:
            if found is not None and not len(found.docs):
                return _NOTHING
            other = self._evaluate(view, node, scored=scored)
            if found is None:
                found = other
            else:
                rows, there = rows_in(other.docs, found.docs)
                docs = found.docs[there]
                found = Found(docs, found.scores[there] + other.scores[rows[there]])
        for narrowing in nodes:
            if isinstance(narrowing, (DateRange, LanguageIs)):
                mask = self._mask(view, narrowing)
                assert mask is not None
                if found is None:
                    docs = np.flatnonzero(mask)
                    found = Found(docs, np.zeros(len(docs)))
                else:
                    kept = mask[found.docs]
                    found = Found(found.docs[kept], found.scores[kept])
        if found is None:  # every document
            docs = np.arange(view.doc_count) if view.live is None else np.flatnonzero(view.live)
            found = Found(docs, np.zeros(len(docs)))
        return found

    def _all_terms(self, view: SegmentView, terms: Sequence[Term], *, scored: bool) -> Found:
        """The documents that have all terms, found from the rarest on; scores of what is left alone are worked out."""
        number = view.number
        # Of each term the lists that tell where it is: one, or those of its forms and of its stem.
        lists: list[list[npt.NDArray[np.integer]]] = []
        for term in terms:
            leaf = self.leaves[term.identity]
            own = leaf.own[number].docs
            if not scored or leaf.stem is None:
                lists.append([own])
            elif leaf.nested[number]:
                lists.append([leaf.stem[number].docs])
            else:
                lists.append([own, leaf.stem[number].docs])
        lists.sort(key=lambda parts: sum(map(len, parts)))
        rarest = lists[0]
        docs = (
            rarest[0].astype(np.int64) if len(rarest) == 1 else distinct(view, np.concatenate(rarest).astype(np.int64))
        )
        for parts in lists[1:]:
            if not len(docs):
                return _NOTHING
            there = among(view, parts[0], docs)
            for part in parts[1:]:
                there |= among(view, part, docs)
            docs = docs[there]
        scores = self._scores_at(view, terms, docs) if scored else np.zeros(len(docs))
        return Found(docs, scores)

    def _any_of(self, view: SegmentView, nodes: Sequence[AnalysedNode], *, scored: bool) -> Found:
        terms = [node for node in nodes if isinstance(node, Term)] if scored else []
        sets = [self._evaluate(view, node, scored=scored) for node in nodes if not (scored and isinstance(node, Term))]
        if terms:
            sets.append(self._any_term(view, terms, 1.0))
        found = _summed(np.concatenate([one.docs for one in sets]), np.concatenate([one.scores for one in sets]))
        if scored and len(nodes) > 1 and any(isinstance(node, Compound) for node in nodes):
            # A part of a compound counts wherever it stands in a document that is found by something else, too.
            found = Found(found.docs, self._scores_at(view, nodes, found.docs))
        return found

    def _any_term(self, view: SegmentView, terms: Sequence[Term], boost: float) -> Found:
        """The documents that have any of the terms: all postings of all lists, added up in one go."""
        lists = [weighted for term in terms for weighted in self._lists_of(view, term)]
        if not lists:
            return _NOTHING
        if len(lists) == 1:
            weight, postings = lists[0]
            docs, factors = postings.whole()
            return Found(docs, factors * (weight * boost))
        docs, scores = _joined(lists, boost)
        nested = len(terms) == 1 and self.leaves[terms[0].identity].nested[view.number]
        return _added_up(view, docs, scores, lists[0][1].docs.astype(np.int64) if nested else None)

    def _lists_of(self, view: SegmentView, term: Term) -> list[tuple[float, Postings]]:
        lists = self.leaves[term.identity].lists[view.number]
        return lists if term.boost == 1.0 else [(weight * term.boost, postings) for weight, postings in lists]

    def _scores_at(self, view: SegmentView, nodes: Iterable[AnalysedNode], docs: Integers) -> Floats:
        """What the nodes add to documents, nothing where they do not find them."""
        scores = np.zeros(len(docs))
        lists: list[tuple[float, Postings]] = []
        for node in nodes:
            if isinstance(node, Term):
                lists += self._lists_of(view, node)
            elif isinstance(node, Compound):
                scores += self._compound_scores(view, node, docs)
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
            factors = lists[0][1].factors.total(docs.take(at), np.concatenate(codes))
            factors *= np.repeat(weights, [len(part) for part in places])
            np.add.at(scores, at, factors)
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


_NOTHING = Found(np.zeros(0, np.int64), np.zeros(0))


def _summed(docs: Integers, scores: Floats) -> Found:
    """Sets joined: each document once, scores added up."""
    if not len(docs):
        return _NOTHING
    order = docs.argsort(kind="stable")
    docs = docs[order]
    heads = np.flatnonzero(first_of_runs(docs))
    return Found(docs[heads], np.add.reduceat(scores[order], heads))


def _joined(lists: Sequence[tuple[float, Postings]], boost: float) -> tuple[Integers, Floats]:
    """(docs, scores) of weighted lists, one after another: worked out together, since each call of numpy costs as much as
    hundreds of postings."""
    if any(postings.given is not None for _, postings in lists):
        wholes = [(weight, *postings.whole()) for weight, postings in lists]
        docs = np.concatenate([docs for _, docs, _ in wholes])
        return docs, np.concatenate([factors * (weight * boost) for weight, _, factors in wholes])
    docs = np.concatenate([postings.docs for _, postings in lists]).astype(np.int64)
    codes = np.concatenate([postings.codes for _, postings in lists])
    scores = lists[0][1].factors.total(docs, codes)
    start = 0
    for weight, postings in lists:
        end = start + len(postings.docs)
        scores[start:end] *= weight * boost
        start = end
    return docs, scores


def _added_up(view: SegmentView, docs: Integers, scores: Floats, every: Integers | None) -> Found:
    """The same through an array with a place for each document of the segment. every: all of `docs`, where that is known."""
    if every is None:
        every = distinct(view, docs)
    return Found(every, sums_at(view, docs, scores, every))


def _unscored(postings: Postings) -> Found:
    return Found(postings.docs.astype(np.int64), np.zeros(len(postings)))


def _needs_words(node: AnalysedNode) -> bool:
    """Whether a document must have some term or phrase of the tree to be found."""
    if isinstance(node, Combination):
        return any(map(_needs_words, node.must)) or bool(
            node.should and not node.must and all(map(_needs_words, node.should))
        )
    return isinstance(node, (Term, NearPhrase, Compound, NoDocument))


def compound_parts(node: AnalysedNode) -> Iterator[Term]:
    """The terms that only add to scores."""
    if isinstance(node, Compound):
        yield from node.phrase.parts
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
