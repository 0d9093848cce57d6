"""An analysed query against a collection: which documents it finds and their scores, by the plainest means.

Every leaf is matched in every segment first, since its idf needs the count over all of them; then the tree is evaluated segment
by segment on dense arrays, one value a document. Equal leaves are matched once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.codec.segment import Segment
from search.collection import Collection
from search.query.analysed import AnalysedNode, Combination, Compound, NearPhrase, NoDocument, Scored, Term, leaves
from search.query.nodes import DateRange, EveryDocument, LanguageIs
from search.ranking.bm25 import FieldParameters, Floats, RankingParameters, idf, length_norm, tf
from search.ranking.matching import TEXT, Bools, Matches, match, match_stem
from search.ranking.nearness import Nearness, neighbours


class Part(NamedTuple):
    """One of the scores that add up to a leaf's: weight * tf of the matches of a tier ("lemma", "stem", ...) in a field."""

    tier: str
    field: str  # "body", "title" or TEXT
    doc_freq: int
    idf: float  # raised to idf_power
    weight: float  # without idf
    matches: list[Matches]  # by segment


@dataclass(frozen=True, slots=True)
class LeafMatches:
    """own: matches by the leaf's own forms, by segment. stem: by its stem, empty if that does not count. parts: of its score."""

    own: list[Matches]
    stem: list[Matches]
    parts: list[Part]


class Evaluation:
    """One query on one collection."""

    def __init__(self, collection: Collection, root: AnalysedNode, parameters: RankingParameters) -> None:
        self._collection = collection
        self._root = root
        self._parameters = parameters
        self._fields = {TEXT: parameters.text, "body": parameters.text, "title": parameters.title}
        self.leaves: dict[tuple[object, ...], LeafMatches] = {}
        for leaf in (*(leaf for leaf, _ in leaves(root)), *compound_parts(root)):
            if leaf.identity not in self.leaves:
                self.leaves[leaf.identity] = self._match(leaf)

    def _match(self, leaf: Scored) -> LeafMatches:
        parts = list(self._collection.parts())
        own = [match(segment, live, leaf) for _, segment, live in parts]
        by_stem = [found for _, segment, live in parts if (found := match_stem(segment, live, leaf)) is not None]
        tier = leaf.kind if isinstance(leaf, Term) else "phrase"
        scores = []
        lemma_weight, stem_weight = self._parameters.lemma_weight, self._parameters.stem_weight
        # What has no stem must not weigh less than a plain word for it.
        own_weight = lemma_weight if by_stem else lemma_weight + stem_weight
        for name, matches, tier_weight in ((tier, own, own_weight), ("stem", by_stem, stem_weight)):
            doc_freq = sum(len(found.docs) for found in matches)
            if not doc_freq:
                continue
            weight_of_word = self._idf(leaf, doc_freq)
            for field in (TEXT, "title") if leaf.field is None else (leaf.field,):
                weight = tier_weight * self._fields[field].weight
                scores.append(Part(name, field, doc_freq, weight_of_word, weight, matches))
        return LeafMatches(own, by_stem, scores)

    def _idf(self, leaf: Scored, doc_freq: int) -> float:
        doc_count = self._collection.doc_count
        power = self._parameters.idf_power
        if not isinstance(leaf, NearPhrase):
            return float(idf(doc_count, doc_freq) ** power)
        # As in Lucene, a phrase weighs what its words weigh together.
        total = 0.0
        for term in leaf.parts:
            freqs = [len(match(segment, live, term).docs) for _, segment, live in self._collection.parts()]
            total += idf(doc_count, sum(freqs)) ** power
        return total

    def norms(self, number: int, field: str) -> Floats:
        """length_norm of every document of a segment."""
        average = self._collection.fields[field].average_length
        parameters = self._fields[field]
        return self._collection.column(
            ("norms", number, field, parameters),
            lambda: length_norm(field_lengths(self._collection.segments[number], field), average, parameters),
        )

    def field_parameters(self, field: str) -> FieldParameters:
        return self._fields[field]

    def may_find(self, number: int) -> bool:
        """Whether a segment can have a document that is found: false where words are needed and it has none of them."""
        return not _needs_words(self._root) or any(
            len(found[number].docs) for leaf in self.leaves.values() for found in (leaf.own, leaf.stem) if found
        )

    def segment(self, number: int) -> tuple[Bools, Floats]:
        """(found, scores) of a segment's documents; a document that is not found may have any score."""
        segment, live = self._collection.segments[number], self._collection.live[number]
        found, scores = self._evaluate(number, segment, self._root, scored=True)
        return found & live, scores

    def title_share(self, number: int) -> Floats:
        """By what the score of the title is multiplied: the body's share of the text of each document of a segment."""
        segment = self._collection.segments[number]
        return self._collection.column(
            ("title share", number), lambda: segment.body_lengths / np.maximum(field_lengths(segment, TEXT), 1)
        )

    @cached_property
    def pairs(self) -> list[tuple[Term, Term]]:
        """Different terms that are neighbours in the query, each pair once."""
        found = {(left.identity, right.identity): (left, right) for left, right in neighbours(self._root)}
        return [pair for identities, pair in found.items() if identities[0] != identities[1]]

    @property
    def rescored(self) -> int:
        """How many of the best documents are to be looked at for nearness: 0 if no two words of the query are neighbours."""
        return self._parameters.rescored if self._parameters.pair.weight and self.pairs else 0

    def nearness(self, candidates: Mapping[int, npt.NDArray[np.int64]]) -> Nearness:
        """What nearness adds to the candidates: ascending documents by number of the segment."""
        average = self._collection.fields[TEXT].average_length
        return Nearness(self._collection.segments, candidates, average, self.pairs, self._parameters.pair)

    def finds(self, number: int, node: AnalysedNode, doc: int) -> bool:
        """Whether a part of the query finds a document."""
        return bool(self._evaluate(number, self._collection.segments[number], node, scored=True)[0][doc])

    def _evaluate(self, number: int, segment: Segment, node: AnalysedNode, *, scored: bool) -> tuple[Bools, Floats]:
        doc_count = segment.doc_count
        if isinstance(node, (Term, NearPhrase)):
            return self._evaluate_leaf(number, doc_count, node, scored=scored)
        if isinstance(node, Compound):
            found, scores = self._evaluate_leaf(number, doc_count, node.phrase, scored=False)
            for part in node.phrase.parts if scored else ():
                scores += node.phrase.boost * self._evaluate_leaf(number, doc_count, part, scored=True)[1]
            return found, scores
        if isinstance(node, Combination):
            return self._evaluate_combination(number, segment, node, scored=scored)
        scores = np.zeros(doc_count)
        if isinstance(node, EveryDocument):
            return np.ones(doc_count, bool), scores
        if isinstance(node, NoDocument):
            return np.zeros(doc_count, bool), scores
        return filter_mask(segment, node), scores

    def _evaluate_leaf(self, number: int, doc_count: int, leaf: Scored, *, scored: bool) -> tuple[Bools, Floats]:
        matches = self.leaves[leaf.identity]
        found, scores = np.zeros(doc_count, bool), np.zeros(doc_count)
        # By its stem only what is wanted is found: what must not be there is excluded by its own forms.
        found[matches.own[number].docs] = True
        if not scored:
            return found, scores
        if matches.stem:
            found[matches.stem[number].docs] = True
        for part in matches.parts:
            there = part.matches[number]
            if len(there.docs):
                norms = self.norms(number, part.field)[there.docs]
                factor: float | Floats = leaf.boost * part.weight * part.idf
                if part.field == "title" and leaf.field is None:
                    factor = factor * self.title_share(number)[there.docs]
                scores[there.docs] += factor * tf(there.freqs_in(part.field), norms, self._fields[part.field])
        return found, scores

    def _evaluate_combination(
        self, number: int, segment: Segment, node: Combination, *, scored: bool
    ) -> tuple[Bools, Floats]:
        scores = np.zeros(segment.doc_count)
        found = np.full(segment.doc_count, bool(node.must) or not node.should)
        for place, child in enumerate((*node.must, *node.should)):
            mask, child_scores = self._evaluate(number, segment, child, scored=scored)
            np.add(scores, child_scores, out=scores, where=True if isinstance(child, Compound) else mask)
            if place < len(node.must):
                found &= mask
            elif not node.must:
                found |= mask
        for child in node.must_not:
            found &= ~self._evaluate(number, segment, child, scored=False)[0]
        return found, scores * node.boost


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


def field_lengths(segment: Segment, field: str) -> npt.NDArray[np.integer[Any]]:
    """Tokens of each document in "body", "title" or TEXT."""
    if field == TEXT:
        # The columns are as narrow as their values allow: a sum needs room.
        return np.asarray(segment.body_lengths.astype(np.int64) + segment.title_lengths)
    return segment.body_lengths if field == "body" else segment.title_lengths


def filter_mask(segment: Segment, node: DateRange | LanguageIs) -> Bools:
    """The documents that pass a filter. A document without a date passes no range of dates."""
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
