"""Answers queries of known words at once, without a tree.

A query of plain words, with AND between all of them or nothing, or of one phrase, near phrase or prefix, means the same each time:
its words with their alternatives. What a word means is kept. If the index has the word and it brings nothing but derived words, as
most do, no tree is needed to find that out either. The core does all that; it asks for what only Python knows. `answer` is the
definition. It gets every query that could mean more, and every one that finds nothing.
"""

from __future__ import annotations

from naidi.indexer.late import cached_property
from naidi.indexer.typed import TYPE_CHECKING

from .bridges.derivation import MOST, core_tables_for
from .bridges.function_words import FUNCTION_WORDS
from .bridges.synonyms import PREFIX, WordKeys
from .bridges.word_bridges import DERIVATION_WEIGHT, RARE, TRANSLATION_WEIGHT, WordBridges, bridges_of, derived_word
from .budget import FREE_CLAUSES, MAX_HELPED, MAX_NEAR, MAX_QUERY, MAX_STEPS
from .cache import Attached, Cache
from .collection import Collection
from .query.analysed import AnalysedNode, Bridged, Combination, Term
from .query.nodes import Word
from .query.plain import MAX_WORD, RESERVED
from .query.rewrite import Help, Rewriter, term_of_keys
from .ranking.bm25 import RankingParameters
from .ranking.bridge_weights import BridgeWeights
from .ranking.core_page import CoreWords, core_words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from naidi._core import Correspondences, Derivation, Skeletons
    from naidi._core import Word as CoreWord

    from .ranking.allowed import Allowed
    from .ranking.core_page import Slot

    # (text, keys, stem, its slot as the whole query, and beside other words, whether a name of several words may begin with it)
    KnownWord: TypeAlias = tuple[str, tuple[str, ...], str | None, Slot, Slot, bool]

# Bytes for known words, as many for those of phrases, and for nodes of words.
_WORDS_BYTES = 16_000_000
_NODES_BYTES = 3_000_000


class KnownWords:
    """The words of one state of an index that were asked for. Threads may share it.

    Methods without an underscore are for the core, and tell what only Python knows, but for `ids`, `page`, `node`, `weights` and
    `best_arms`.
    """

    def __init__(
        self, collection: Collection, parameters: RankingParameters, words: CoreWords, bridges: WordBridges
    ) -> None:
        from naidi._core import PlainQueries

        self._collection = collection
        self._parameters = parameters
        self._bridges = bridges
        self._words = words
        # It gets this object at each call. If it held it, the two would wait for the garbage collector.
        self._queries = PlainQueries(
            words.core,
            (RARE, MOST, DERIVATION_WEIGHT, words.least),
            words.rescored(2),
            (MAX_QUERY, MAX_HELPED, FREE_CLAUSES, MAX_NEAR, MAX_WORD),
            RESERVED,
            FUNCTION_WORDS,
            (*self._bridges.beginnings, PREFIX, self._bridges.translates_known_words),
            _WORDS_BYTES,
        )
        self._nodes: Cache[str, tuple[AnalysedNode, Help] | None] = Cache(_NODES_BYTES)

    def ids(self, query: str, limit: int, allowed: Allowed | None = None) -> list[tuple[str, float]] | None:
        """(id, score) of the best documents for a query. None if it may mean more than its words, or finds nothing.

        allowed: the documents that may be found; None for all. With it, an empty list stands for words that find nothing. The index
          has all of them, but they may be misspelt.
        """
        return self._queries.ids(self, query, limit, allowed)

    def page(
        self, query: str, limit: int, allowed: Allowed | None = None
    ) -> tuple[int, list[tuple[int, int, float]], tuple[str, ...]] | None:
        """(number of all documents, the best of them, the words of which there may be something to tell). None as of `ids`.

        Nothing is told of phrases, of beginnings, and of plain words in RARE documents and more. A document is (number of the
        segment, doc id, score).
        """
        return self._queries.page(self, query, limit, allowed)

    def node(self, text: str) -> tuple[AnalysedNode, Help] | None:
        """A word as `Rewriter` analyses it.

        None if it is of several tokens, no live document has it, or it may have alternatives that are no derived words.
        """
        return self._nodes.get(text, lambda: self._node(text))

    def _node(self, text: str) -> tuple[AnalysedNode, Help] | None:
        found = self._queries.plain(self, text)
        if found is None:
            return None
        keys, stem, alone, among_others, derived, leads = found
        own = term_of_keys(text, keys, stem)
        alternatives = tuple([derived_word(key, similarity) for key, similarity in derived])
        if len(alone) // 2 > 1 + len(derived):  # it has other words, too
            alternatives = (*self._bridges.translated(own, known=True), *alternatives)
        node = Bridged(own, alternatives) if alternatives else own
        self._words.keep(node, alone, among_others)
        return node, Help(alternatives, True, leads)

    def weights(self, root: AnalysedNode) -> BridgeWeights:
        """The weights of the alternatives in a query of words."""
        return BridgeWeights(self._collection, root, self._parameters, self._words.scored)

    def best_arms(self, node: Bridged, places: Sequence[tuple[int, int]], *, alone: bool) -> set[int]:
        """As `Evaluation.best_arms`, of a word of a query that has a page. alone: whether it is the whole query."""
        root = node if alone else Combination(should=(node, node))
        slot = self._words.slot(node, self.weights(root), alone)
        assert slot is not None
        return self._words.core.best_arms(slot, list(places))

    def know(self, text: str) -> KnownWord | None:
        """A word that may have alternatives of any kind. None if it is of several tokens, or no live document has it."""
        rewriter = Rewriter(self._collection, self._bridges)
        node = rewriter.rewrite(Word(text))
        own = node.own if isinstance(node, Bridged) else node
        if rewriter.has_unknown or not isinstance(own, Term):
            return None
        alone = self._words.slot_in(node, node)
        among_others = self._words.slot_in(node, Combination(should=(node, node)))
        if alone is None or among_others is None:
            return None
        return own.text, own.keys, own.stem, alone, among_others, rewriter.leads

    def translations(self, text: str, keys: tuple[str, ...]) -> tuple[tuple[str, ...], float]:
        """(the key of each translation of a known word, their weight)."""
        return tuple([own[0][0] for _, own in self._bridges.translations(text, keys, known=True)]), TRANSLATION_WEIGHT

    def beginning_limits(self) -> tuple[int, int]:
        """(most letters of a beginning that an abbreviation may have, most letters that have a twin)."""
        from .query.expand import LONGEST_IN_CAPITALS, MOST_TWINS

        return LONGEST_IN_CAPITALS, MOST_TWINS

    def know_beginning(self, text: str) -> CoreWord | None:
        """All words with a beginning, as one. text: a star stands behind it. None for beginnings that have more to look for."""
        from .query.expand import prefix_spellings

        spellings = prefix_spellings(text[:-1])
        return None if spellings is None else self._words.core.beginning(spellings)

    def know_in_phrase(self, text: str) -> CoreWord | None:
        """A word of a phrase, which has no alternatives. None if it is of several tokens, or no live document has it."""
        term = Rewriter(self._collection).rewrite(Word(text))
        if not isinstance(term, Term) or not self._collection.knows_any(term.keys):
            return None
        return self._words.word(term)

    def leads_alone(self, text: str, keys: tuple[str, ...], is_common: bool) -> bool | None:
        """As `WordBridges.leads_alone`."""
        return self._bridges.leads_alone(WordKeys(text, keys), is_common)

    def has_name(self, words: Sequence[tuple[str, tuple[str, ...], str | None]]) -> bool:
        """Whether neighbours among known words are a name, or the long form of an acronym. words: text, keys and stem of each."""
        return bool(self._bridges.of_row([term_of_keys(*word) for word in words]))

    def takes_few_steps(self, lists: int) -> bool:
        """Whether no word is left out for what it costs, even if every document has all of them; see `Rewriter`.

        lists: of postings, those of the words that are counted.
        """
        return lists * self._documents <= MAX_STEPS

    @cached_property
    def _documents(self) -> int:
        return sum(view.doc_count for view in self._collection.views)

    def derivation_tables(self, text: str) -> Derivation:
        """The tables of derivation for a word."""
        return core_tables_for(text)

    def name_tables(self) -> tuple[Skeletons, Correspondences, int, int, int, float]:
        """As `romanisation.name_tables`."""
        from .bridges.romanisation import name_tables

        return name_tables()


_KNOWN: Attached[Collection, list[tuple[RankingParameters, WordBridges, KnownWords | None]]] = Attached(lambda _: [])


def known_words_of(
    collection: Collection, parameters: RankingParameters, *, translate: bool = True
) -> KnownWords | None:
    """The known words of a collection; None if the core does not take the parameters."""
    kept = _KNOWN.of(collection)
    bridges = bridges_of(collection, translate=translate)
    for own, bridges_of_known, known in kept:
        if own is parameters and bridges_of_known is bridges:
            return known
    words = core_words_of(collection, parameters)
    kept.append((parameters, bridges, None if words is None else KnownWords(collection, parameters, words, bridges)))
    return kept[-1][2]
