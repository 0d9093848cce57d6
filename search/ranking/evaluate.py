"""Evaluates one query on one collection: finds its documents and their scores.

First every term is matched in all segments, since its idf needs the document frequency in the whole collection. Then the tree is
evaluated segment by segment (see `segment_match`). Equal terms are matched once. Where the core has found the
page, none of this is done, and none of it is loaded.
"""

from __future__ import annotations

from naidi.indexer.late import cached_property, np
from naidi.indexer.typed import TYPE_CHECKING

from ..budget import TimeUp, check
from ..collection import Collection, Floats, Integers
from ..query.analysed import Alternative, AnalysedNode, Bridged, Identity, NearPhrase, Scored, Term
from .bm25 import RankingParameters
from .bridge_weights import BridgeWeights, Weighed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naidi._core import Collection as CoreCollection
    from naidi._core import Word

    from .core_page import CorePage
    from .matched_terms import MatchedTerm
    from .nearness import Nearness
    from .postings import PostingReader
    from .scored_sets import ScoredDocs
    from .segment_match import SegmentMatch
    from .word_lists import Best, WordLists


# Scores as near as this are equal: they may come from sums in another order.
_EQUAL = 1 + 1e-9


def phrase_freq(reader: PostingReader, phrase: NearPhrase) -> int:
    """How many documents have a phrase."""
    return sum(len(reader.phrase(view, phrase)) for view in reader.collection.views)


class Evaluation:
    """One query on one collection. Make a new one for each query.

    parameters: of the ranking.
    """

    def __init__(
        self,
        collection: Collection,
        root: AnalysedNode,
        parameters: RankingParameters,
        ordered: AnalysedNode | None = None,
    ) -> None:
        """
        Parameters:
          collection: the index.
          root: the query.
          parameters: of the ranking.
          ordered: the part of the query whose words come in an order. Only its neighbours count for nearness. All of the query by
            default.
        """
        self._collection = collection
        self._root = root
        self.parameters = parameters
        self._ordered = root if ordered is None else ordered
        self._any_of = root.any_of_terms()
        self._by_core: CorePage | None = None

    @property
    def collection(self) -> Collection:
        """The index."""
        return self._collection

    @cached_property
    def reader(self) -> PostingReader:
        """Gives the postings of terms."""
        from .postings import reader_of

        return reader_of(self._collection, self.parameters)

    @property
    def scored_count(self) -> int:
        """How many terms and phrases the query has, for which postings were matched. Raises TimeUp."""
        return len(self.matched)

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """How many documents have a phrase, be it in the query or not."""
        return phrase_freq(self.reader, phrase)

    def match(self) -> None:
        """Match all terms and phrases of the query now, and not when they are needed. Raises TimeUp."""
        assert self.matched is not None

    @cached_property
    def matched(self) -> dict[Identity, MatchedTerm]:
        """The postings of all terms and phrases of the query, by identity. Raises TimeUp at the first use."""
        from .matched_terms import matched_term

        matched: dict[Identity, MatchedTerm] = {}
        for term, _ in self._root.terms():
            if term.identity not in matched:
                check()
                matched[term.identity] = matched_term(self.reader, term)
        for part in self._root.scoring_parts():
            if part.identity not in matched:
                matched[part.identity] = matched_term(self.reader, part)
        return matched

    def take(self, page: CorePage) -> None:
        """Take the words of the query from the core, which has found the page."""
        self._by_core = page

    @cached_property
    def core_words(self) -> dict[Identity, Word] | None:
        """All terms and phrases of the query, by identity, as the core has them; None if it has not found the page."""
        return None if self._by_core is None else self._by_core.words()

    @property
    def core(self) -> CoreCollection:
        """The collection to which `core_words` belong."""
        assert self._by_core is not None
        return self._by_core.core

    def weighed(self, scored: Scored) -> Weighed:
        """The weights of a term or phrase of the query. Raises TimeUp."""
        return self._weights[scored.identity]

    @property
    def _weights(self) -> Mapping[Identity, Weighed]:
        words = self.core_words
        return self.matched if words is None else words

    @cached_property
    def _words(self) -> WordLists:
        from .word_lists import WordLists

        return WordLists(self.reader, self.matched)

    @property
    def plain_root(self) -> AnalysedNode | None:
        """The query, if the order of all its words counts; else None."""
        return self._root if self._ordered is self._root else None

    def best_of_segment(self, number: int, k: int) -> Best | None:
        """The best k documents of a segment by score, with some others, without scoring all. None where that is not possible."""
        return (
            None
            if self._any_of is None
            else self._words.best(self._collection.views[number], self._root, self._any_of, k)
        )

    def may_find(self, number: int) -> bool:
        """Whether the query may find documents in a segment. False if it needs words and the segment has none of them."""
        for term in self.matched.values():
            if term.lists[number]:
                return True
        return not self._root.needs_words()

    def segment(self, number: int) -> ScoredDocs:
        """The documents of a segment that are found. Raises TimeUp; SomeFound where any of some words is enough."""
        from .scored_sets import SomeFound

        try:
            return self._root.accept(self._match(number))
        except SomeFound as some:
            if self._any_of is None:
                raise TimeUp from some
            raise

    def found(self, number: int) -> ScoredDocs | None:
        """The documents of a segment that are found, by the core if it can tell them; None if there are none. Raises as `segment`.

        The last bits of a score may be others than those of `segment`.
        """
        if self._core_documents is None:
            return self.segment(number) if self.may_find(number) else None
        from .scored_sets import ScoredDocs

        found = ScoredDocs(*self._core_documents[number])
        return found if len(found.docs) else None

    @property
    def is_found_by_core(self) -> bool:
        """Whether the core tells what is found. Then it has matched the words of the query, too."""
        return self._core_documents is not None

    @cached_property
    def _core_documents(self) -> list[tuple[Integers, Floats]] | None:
        from .core_page import core_documents

        found = core_documents(self._collection, self._root, self.parameters)
        if found is None:
            return None
        if self._by_core is None and "matched" not in self.__dict__:
            self._by_core = found[0]
        return found[1]

    def _match_at(self, number: int, docs: Integers) -> tuple[SegmentMatch, Integers]:
        """(the query in a segment, the documents as it numbers them). docs: of the segment, ascending."""
        return self._match(number), docs

    def _match(self, number: int) -> SegmentMatch:
        from .segment_match import SegmentMatch

        return SegmentMatch(self._collection.views[number], self.matched, self._words, self.bridge_weights)

    @cached_property
    def bridge_weights(self) -> BridgeWeights:
        """The weights of the alternatives in the query."""
        weights = self._weights  # a method would hold the evaluation in a circle
        return BridgeWeights(self._collection, self._root, self.parameters, lambda scored: weights[scored.identity])

    def best_arm(self, number: int, node: Bridged, doc: int) -> tuple[Alternative | None, float]:
        """The arm of a node that gives a document its score.

        Parameters:
          number: of the segment.
          node: a part of the query.
          doc: the doc id in the segment.

        Returns (the alternative, the factor of its scores), or (None, 1.0) for the typed words.
        """
        match, at = self._match_at(number, np.array([doc]))
        best: tuple[Alternative | None, float] = (None, 1.0)
        most = float(match.scores_at((node.own,), at)[0])
        for alternative in node.alternatives:
            weight = self.bridge_weights.of(node, alternative)
            score = weight * float(match.scores_at((alternative.node,), at)[0])
            if score > most:
                best, most = (alternative, weight), score
        return best

    def best_arms(self, node: Bridged, places: Sequence[tuple[int, int]]) -> set[int]:
        """The numbers of the arms of a node that give any of some documents its score, 0 for the typed words.

        Parameters:
          node: a part of the query.
          places: (number of the segment, doc id) of each document.

        If a number is not among them, the scores of these documents are the same without that alternative.
        """
        if self._by_core is not None:
            for part, slot in zip(self._by_core.nodes, self._by_core.slots, strict=True):
                if part is node:
                    return self.core.best_arms(slot, list(places))
        found: set[int] = set()
        weights = [self.bridge_weights.of(node, alternative) for alternative in node.alternatives]
        for number in sorted({number for number, _ in places}):
            match, docs = self._match_at(number, np.array(sorted(doc for segment, doc in places if segment == number)))
            greatest = match.scores_at((node.own,), docs)
            arms = np.zeros(len(docs), np.int64)
            for arm, (alternative, weight) in enumerate(zip(node.alternatives, weights, strict=True), 1):
                scores = weight * match.scores_at((alternative.node,), docs)
                greater = scores > greatest * _EQUAL
                greatest[greater], arms[greater] = scores[greater], arm
            found.update(arms[greatest > 0.0].tolist())
        return found

    @cached_property
    def pairs(self) -> list[tuple[Term, Term]]:
        """Different terms that are neighbours in the query, each pair once."""
        found = {(left.identity, right.identity): (left, right) for left, right in self._ordered.neighbours()}
        return [pair for identities, pair in found.items() if identities[0] != identities[1]]

    @property
    def rescored(self) -> int:
        """How many of the best documents may get a bonus for nearness. 0 if no two different terms of the query are neighbours."""
        return self.parameters.rescored if self.parameters.pair.weight and self.pairs else 0

    def nearness(self, candidates: Mapping[int, Integers]) -> Nearness:
        """The nearness of some documents. candidates: number of a segment -> ascending documents of it."""
        from .nearness import nearness_of

        average = self._collection.fields["text"].average_length
        return nearness_of(self.reader, self.matched, candidates, average, self.pairs, self.parameters.pair)

    def finds(self, number: int, node: AnalysedNode, doc: int) -> bool:
        """Whether a part of the query finds a document."""
        match, docs = self._match_at(number, np.array([doc]))
        return bool(np.isin(docs, node.accept(match).docs).any())
