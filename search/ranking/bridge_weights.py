"""How much does what else may be meant count beside what was typed?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..cache import Attached
from ..collection import Collection, SegmentMemory
from ..query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Identity,
    NearPhrase,
    Term,
    Visitor,
)
from .bm25 import RankingParameters, length_norm, tf
from .matched_terms import MatchedTerm
from .pruned import most_of_posting


class BridgeWeights:
    """The weights of the alternatives of one query. matched: the postings of its terms and phrases, by identity."""

    def __init__(
        self,
        collection: Collection,
        root: AnalysedNode,
        parameters: RankingParameters,
        matched: Mapping[Identity, MatchedTerm],
    ) -> None:
        self._collection = collection
        self._root = root
        self._parameters = parameters
        self._matched = matched
        self._strengths = _Strength(matched)

    def of(self, node: Bridged, alternative: Alternative) -> float:
        """What the scores of an alternative are multiplied by.

        It weighs no more than what was typed, or if nothing has that, than the first alternative that is anywhere. Where a word is
        all that is asked for, what is derived from it stays below every document that has the word.
        """
        typed = self._strength(node.own)
        most = typed or next(filter(None, (self._strength(other.node) for other in node.alternatives)), 0.0)
        strength = self._strength(alternative.node)
        weight = alternative.weight * min(1.0, most / strength) if strength else 0.0
        if typed and alternative.kind == "derivation" and node is self._root.without_filters():
            weight *= self._least_of_word(node.own) / (typed * most_of_posting(self._parameters))
        return weight

    def is_anywhere(self, node: AnalysedNode) -> bool:
        """Whether a document has a word of a part of the query, or the phrase that it is."""
        return self._strength(node) > 0.0

    def _least_of_word(self, node: AnalysedNode) -> float:
        """No document with the word itself has a lower score: as if it stood once in the longest text there is."""
        collection = self._collection
        field = (isinstance(node, (Term, NearPhrase)) and node.field) or "text"
        parameters = self._parameters.title if field == "title" else self._parameters.text
        longest = _longest(collection)[field]
        norms = length_norm(np.array([longest]), collection.fields[field].average_length, parameters)
        least = parameters.weight * float(tf(np.ones(1), norms, parameters)[0])
        if isinstance(node, (Term, NearPhrase)):
            first = self._matched[node.identity].parts[0]
            return node.boost * first.weight * first.idf * least
        return self._strength(node) * least

    def _strength(self, node: AnalysedNode) -> float:
        """What a part of the query weighs, all its words together; 0 if nothing has it."""
        return node.accept(self._strengths)


class _Strength(Visitor[float]):
    """What a part of a query weighs, all its words together; 0 if no document has it."""

    def __init__(self, matched: Mapping[Identity, MatchedTerm]) -> None:
        self._matched = matched

    def term(self, node: Term) -> float:
        return node.boost * self._matched[node.identity].weight

    def near_phrase(self, node: NearPhrase) -> float:
        return node.boost * self._matched[node.identity].weight

    def compound(self, node: Compound) -> float:
        return self.near_phrase(node.phrase)

    def combination(self, node: Combination) -> float:
        return node.boost * sum(child.accept(self) for child in node.wanted)

    def bridged(self, node: Bridged) -> float:
        return node.own.accept(self) or max(other.node.accept(self) for other in node.alternatives)

    def other(self, node: AnalysedNode) -> float:
        return 0.0


# Tokens that no document of a segment has more of, in its title and in its body.
_LONGEST: Attached[SegmentMemory, tuple[int, int]] = Attached(
    lambda memory: (
        int(memory.segment.title_lengths.max(initial=0)),
        int(memory.segment.body_lengths.max(initial=0)),
    )
)


def _longest(collection: Collection) -> dict[str, int]:
    """Tokens that no document has more of: in "title", in "body", and in "text", which is both together."""
    longest = [_LONGEST.of(view.memory) for view in collection.views]
    title, body = (max(column, default=0) for column in (zip(*longest, strict=True) if longest else ((), ())))
    return {"title": title or body, "body": body or title, "text": title + body}
