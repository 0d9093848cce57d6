"""Weighs the alternatives of a query against the words that were typed."""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.typed import TYPE_CHECKING, Protocol

from ..cache import Attached
from ..collection import Collection, SegmentMemory
from ..query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    NearPhrase,
    Scored,
    Term,
    Visitor,
)
from .bm25 import RankingParameters, most_of_posting, tf_of_one

if TYPE_CHECKING:
    from collections.abc import Callable


class Weighed(Protocol):
    """The weights of a term or phrase, without its boost; 0 if no document has it.

    weight: the sum of weight * idf of the parts of its score.
    first_weight: that of the first part which any document has.
    idf: the greatest of its parts; 1 if no document has it.
    """

    @property
    def weight(self) -> float: ...
    @property
    def first_weight(self) -> float: ...
    @property
    def idf(self) -> float: ...


def least_of_posting(collection: Collection, parameters: RankingParameters, field: str = "text") -> float:
    """The least that any document adds to a score for a word of weight 1: it has it once in the longest text."""
    return least_impact(_LONGEST.of(collection)[field], collection.fields[field].average_length, parameters, field)


def least_impact(longest: int, average: float, parameters: RankingParameters, field: str) -> float:
    """The impact of a word that stands once in a field of the greatest length. average: of all lengths of the field, in tokens."""
    of_field = parameters.title if field == "title" else parameters.text
    return of_field.weight * tf_of_one(longest, average, of_field)


class BridgeWeights:
    """The weights of the alternatives of one query."""

    def __init__(
        self,
        collection: Collection,
        root: AnalysedNode,
        parameters: RankingParameters,
        weighed: Callable[[Scored], Weighed],
        least: Callable[[str], float] | None = None,
    ) -> None:
        """
        Parameters:
          collection: the index.
          root: the query.
          parameters: of the ranking.
          weighed: gives the weights of a term or phrase of the query.
          least: what `least_of_posting` gives for a field, if the texts are not in the collection.
        """
        self._least = least or (lambda field: least_of_posting(collection, parameters, field))
        self._root = root
        self._parameters = parameters
        self._weighed = weighed
        self._strengths = _Strength(weighed)

    def of(self, node: Bridged, alternative: Alternative) -> float:
        """The factor of the scores of an alternative of a node.

        It is the alternative's own weight, with two limits.
        1. An alternative has no greater strength than the typed words. If no document has these, the limit is the strength of the
           first alternative that some document has. Otherwise the idf of a rare alternative would lift it above the typed words.
        2. If the node is the whole query, derived words and translations score below every document with the word itself. The
           factor `least / (typed * most)` ensures it: such a word scores at most weight * typed * most, and any document with the
           word at least `least`.
        """
        typed = self._strength(node.own)
        most = typed or next(filter(None, (self._strength(other.node) for other in node.alternatives)), 0.0)
        strength = self._strength(alternative.node)
        weight = alternative.weight * min(1.0, most / strength) if strength else 0.0
        if typed and alternative.kind in ("derivation", "translation") and node is self._root.without_filters():
            weight *= self._least_of_word(node.own) / (typed * most_of_posting(self._parameters))
        return weight

    def is_anywhere(self, node: AnalysedNode) -> bool:
        """Whether any document has one of the terms or phrases of a part of the query."""
        return self._strength(node) > 0.0

    def _least_of_word(self, node: AnalysedNode) -> float:
        """A lower bound of the scores of documents with the word itself: its score if it stood once in the longest text."""
        field = (isinstance(node, (Term, NearPhrase)) and node.field) or "text"
        least = self._least(field)
        if isinstance(node, (Term, NearPhrase)):
            return node.boost * self._weighed(node).first_weight * least
        return self._strength(node) * least

    def _strength(self, node: AnalysedNode) -> float:
        """See `_Strength`."""
        return node.accept(self._strengths)


class _Strength(Visitor[float]):
    """The strength of a part of a query: boost * weight, summed over its words. 0 if no document has any of them."""

    def __init__(self, weighed: Callable[[Scored], Weighed]) -> None:
        self._weighed = weighed

    def term(self, node: Term) -> float:
        return node.boost * self._weighed(node).weight

    def near_phrase(self, node: NearPhrase) -> float:
        return node.boost * self._weighed(node).weight

    def compound(self, node: Compound) -> float:
        return self.near_phrase(node.phrase)

    def combination(self, node: Combination) -> float:
        return node.boost * sum(child.accept(self) for child in node.wanted)

    def bridged(self, node: Bridged) -> float:
        return node.own.accept(self) or max(other.node.accept(self) for other in node.alternatives)

    def other(self, node: AnalysedNode) -> float:
        return 0.0


def _longest_of_segment(memory: SegmentMemory) -> tuple[int, int]:
    """The most tokens that a document has in its title, and in its body."""
    if core.is_used:
        return memory.core.lengths(None)[1]
    segment = memory.segment
    return int(segment.title_lengths.max(initial=0)), int(segment.body_lengths.max(initial=0))


_LONGEST_OF_SEGMENT = Attached(_longest_of_segment)


def _longest(collection: Collection) -> dict[str, int]:
    """Upper bounds of the tokens that a document has in "title", in "body" and in "text", which is both together."""
    longest = [_LONGEST_OF_SEGMENT.of(view.memory) for view in collection.views]
    title, body = (max(column, default=0) for column in (zip(*longest, strict=True) if longest else ((), ())))
    return {"title": title or body, "body": body or title, "text": title + body}


_LONGEST = Attached(_longest)
