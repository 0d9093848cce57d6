"""Lets the compiled core answer queries of words and phrases.

`best_page` is the definition: the core finds the same documents in the same order. Queries with other parts are left to it.
"""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.late import cached_property, np
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from ..budget import TimeUp, check, is_limited
from ..cache import Attached, Cache
from ..collection import Collection, Floats, Integers
from ..query.analysed import (
    AnalysedNode,
    Bridged,
    Combination,
    Filter,
    FilterCombination,
    Identity,
    NearPhrase,
    Scored,
    Term,
)
from .allowed import allowed_docs
from .bm25 import FieldParameters, RankingParameters, most_of_posting
from .bridge_weights import BridgeWeights, least_of_posting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias, TypeGuard

    from naidi._core import Collection as CoreCollection
    from naidi._core import Word

    from .allowed import Allowed

    Slot: TypeAlias = "tuple[Word | float, ...]"

# Bytes for words, for the slots of parts of queries, and for those of known words.
_WORDS_BYTES = 4_000_000
_SLOTS_BYTES = 1_000_000
_KEPT_BYTES = 6_000_000
# A search in the core does not look at the time. With a limit, one of more postings is left to the modules that do.
_MOST_UNWATCHED = 2_000_000
# The core takes no more keys of a word. Only a table of synonyms made by hand could give one so many.
_MOST_KEYS = 64


class CoreWords:
    """The words of queries in one state of an index, as the core has them. Threads may share it."""

    def __init__(self, collection: Collection, parameters: RankingParameters) -> None:
        """Raises ValueError for parameters that the core does not take."""
        from naidi._core import Collection as CoreCollection

        self._collection = collection
        self._parameters = parameters
        fields = collection.fields
        self.core = CoreCollection(
            collection.core_lexicon,
            (collection.doc_count, fields["text"].average_length, fields["title"].average_length),
            _numbers(parameters.text),
            _numbers(parameters.title),
            (parameters.lemma_weight, parameters.stem_weight, parameters.idf_power, parameters.shared_lemmas),
            _numbers(parameters.pair),
        )
        self._words: Cache[tuple[tuple[str, ...], str | None], Word] = Cache(
            _WORDS_BYTES, lambda word: word.owned_bytes
        )
        # Nodes of words are kept for many queries. With the number of a node goes the node itself, so that no other one gets it.
        self._slots: Cache[tuple[int, bool], tuple[AnalysedNode, Slot | None]] = Cache(
            _SLOTS_BYTES, lambda kept: 500 + bytes_of(kept[1])
        )
        self._kept: Cache[int, tuple[AnalysedNode, Slot, Slot]] = Cache(
            _KEPT_BYTES, lambda kept: 500 + bytes_of(kept[1])
        )

    def word(self, term: Term) -> Word:
        """A plain word in all fields."""
        return self._words.get((term.keys, term.stem), lambda: self.core.word(term.keys, term.stem))

    @cached_property
    def least(self) -> float:
        """The least that a posting adds to a score, by the most."""
        return least_of_posting(self._collection, self._parameters) / most_of_posting(self._parameters)

    def scored(self, node: Scored) -> Word:
        """A word, or what a phrase finds. See `_is_scored`."""
        return (
            self.word(node)
            if isinstance(node, Term)
            else self.core.phrase(tuple(map(self.word, node.parts)), node.slop)
        )

    def slot(self, node: AnalysedNode, weights: BridgeWeights, is_all: bool) -> Slot | None:
        """The slot of a part of a query; None if the core cannot match it. is_all: whether there are no other words."""
        if isinstance(node, NearPhrase):  # what it finds is not kept
            return self._slot(node, weights)
        kept = self._kept.kept(id(node))
        if kept is not None:
            return kept[1] if is_all else kept[2]
        return self._slots.get((id(node), is_all), lambda: (node, self._slot(node, weights)))[1]

    def keep(self, node: AnalysedNode, alone: Slot, among_others: Slot) -> None:
        """Keep the slots of a node, as the whole query and beside other words."""
        self._kept.get(id(node), lambda: (node, alone, among_others))

    def slot_in(self, node: AnalysedNode, root: AnalysedNode) -> Slot | None:
        """The slot of a part of a query `root`; None if the core cannot match it."""
        return self._slot(node, BridgeWeights(self._collection, root, self._parameters, self.scored))

    def rescored(self, slots: int) -> int:
        """How many of the best documents of a query may get a bonus for nearness."""
        return self._parameters.rescored if self._parameters.pair.weight and slots > 1 else 0

    def _slot(self, node: AnalysedNode, weights: BridgeWeights) -> Slot | None:
        own = node.own if isinstance(node, Bridged) else node
        if not _is_scored(own):
            return None
        slot: list[Word | float] = [self.scored(own), own.boost]
        if isinstance(node, Bridged):
            for other in node.alternatives:
                if not _is_scored(other.node):
                    return None
                slot += (self.scored(other.node), weights.of(node, other) * other.node.boost)
        return tuple(slot)


def bytes_of(slot: Slot | None) -> int:
    """Bytes of memory, about, as if its words were kept nowhere else."""
    if not slot:
        return 0
    first: Word = slot[0]  # type: ignore[assignment]
    return first.owned_bytes if len(slot) == 2 else sum([word.owned_bytes for word in words_in(slot)])


def words_in(slot: Slot) -> Sequence[Word]:
    """The words of a slot, what was typed first."""
    return slot[::2]  # type: ignore[return-value]


def _numbers(field: FieldParameters) -> tuple[float, float, float]:
    return field.k1, field.b, field.weight


def _is_scored(node: AnalysedNode) -> TypeGuard[Scored]:
    """Whether the core can match this word or phrase: plain words, in all fields."""
    if isinstance(node, Term):
        return node.kind == "lemma" and node.field is None and len(node.keys) <= _MOST_KEYS
    return isinstance(node, NearPhrase) and node.field is None and all(map(_is_scored, node.parts))


_WORDS: Attached[Collection, list[tuple[RankingParameters, CoreWords | None]]] = Attached(lambda _: [])


def core_words_of(collection: Collection, parameters: RankingParameters) -> CoreWords | None:
    """The words of a collection, made at the first request; None if the core does not take the parameters."""
    kept = _WORDS.of(collection)
    for known, words in kept:
        if known is parameters or known == parameters:
            return words
    try:
        words = CoreWords(collection, parameters)
    except ValueError:
        words = None
    kept.append((parameters, words))
    return words


class CorePage(NamedTuple):
    """What the core found.

    total: how many documents.
    found: (number of the segment, doc id, score) of those on the page.
    nodes, slots: the parts of the query, and for each its words.
    core: the collection to which the words belong.
    """

    total: int
    found: list[tuple[int, int, float]]
    nodes: Sequence[AnalysedNode]
    slots: list[Slot]
    core: CoreCollection

    def words(self) -> dict[Identity, Word]:
        """The words and phrases of the query, by identity."""
        found: dict[Identity, Word] = {}
        for node, slot in zip(self.nodes, self.slots, strict=True):
            words = words_in(slot)
            own = node
            if isinstance(node, Bridged):
                own = node.own
                for other, word in zip(node.alternatives, words[1:], strict=True):
                    found[other.node.identity] = word  # type: ignore[attr-defined]
            found[own.identity] = words[0]  # type: ignore[attr-defined]
        return found


def core_page(
    collection: Collection, root: AnalysedNode, parameters: RankingParameters, limit: int, offset: int
) -> CorePage | None:
    """The page of a query, in the order of its scores. None if the core is not there or cannot answer the query.

    Parameters:
      collection: the index.
      root: the query.
      parameters: of the ranking.
      limit, offset: number of documents on the page, and of better ones before it.
    """
    search = _search_of(collection, root, parameters)
    if search is None:
        return None
    words, nodes, slots, all_words, allowed = search
    rescored = words.rescored(len(slots))
    total, found = words.core.best(tuple(slots), all_words, limit + offset, rescored, allowed)
    return CorePage(total, found[offset:] if offset else found, nodes, slots, words.core)


class _Search(NamedTuple):
    """What the core is asked: see `CorePage`, and `Collection.best` of the core."""

    words: CoreWords
    nodes: Sequence[AnalysedNode]
    slots: list[Slot]
    all_words: bool
    allowed: Allowed | None


# As `Collection.found` of the core gives them.
_HIT = [("score", "<f8"), ("segment", "<u4"), ("doc", "<u4")]


def core_documents(
    collection: Collection, root: AnalysedNode, parameters: RankingParameters
) -> tuple[CorePage, list[tuple[Integers, Floats]]] | None:
    """All documents of a query. None as of `core_page`.

    Returns (an empty page with its words; for each segment the documents, ascending, and their scores without nearness).
    """
    search = _search_of(collection, root, parameters)
    if search is None:
        return None
    words, nodes, slots, all_words, allowed = search
    hits = np.frombuffer(words.core.found(tuple(slots), all_words, allowed), _HIT)
    ends = np.searchsorted(hits["segment"], np.arange(len(collection.views) + 1))
    docs, scores = hits["doc"].astype(np.int64), hits["score"]
    bounds = zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    of_segments = [(docs[start:end], scores[start:end]) for start, end in bounds]
    return CorePage(len(hits), [], nodes, slots, words.core), of_segments


def _search_of(collection: Collection, root: AnalysedNode, parameters: RankingParameters) -> _Search | None:
    """What the core is to be asked. None as of `core_page`."""
    query = _query_of(root) if core.is_used else None
    words = None if query is None else core_words_of(collection, parameters)
    if query is None or words is None:
        return None
    weights = BridgeWeights(collection, root, parameters, words.scored)
    nodes, all_words, filters = query
    slots: list[Slot] = []
    for node in nodes:
        try:
            check()
        except TimeUp:  # there is another way to tell what was found until now
            return None
        slot = words.slot(node, weights, len(nodes) == 1)
        if slot is None:
            return None
        slots.append(slot)
    if is_limited() and sum([word.postings for slot in slots for word in words_in(slot)]) > _MOST_UNWATCHED:
        return None
    allowed = None
    if filters:
        try:
            allowed = allowed_docs(collection, filters)
        except TimeUp:
            return None
    return _Search(words, nodes, slots, all_words, allowed)


_Query: TypeAlias = "tuple[Sequence[AnalysedNode], bool, tuple[Filter, ...]]"


def _query_of(root: AnalysedNode) -> _Query | None:
    """(words, whether all must be there, filters) of a query of nothing else, or None."""
    filters: tuple[Filter, ...] = ()
    while isinstance(root, Combination):
        if root.boost != 1.0 or bool(root.must) == bool(root.should):
            return None
        barred = tuple(filter(_narrows, root.must_not))
        if len(barred) != len(root.must_not):
            return None
        if barred:
            filters += (FilterCombination(must_not=barred),)
        if root.should:
            return root.should, False, filters
        own = tuple(filter(_narrows, root.must))
        if not own:
            return root.must, True, filters
        nodes = tuple([node for node in root.must if not _narrows(node)])
        first = root.must.index(nodes[0]) if nodes else 0
        if not nodes or any(map(_narrows, root.must[first : first + len(nodes)])):
            return None  # a filter between two words keeps them apart
        filters += own
        if len(nodes) > 1:
            return nodes, True, filters
        (root,) = nodes
    return (root,), False, filters


def _narrows(node: AnalysedNode) -> TypeGuard[Filter]:
    return isinstance(node, Filter) and node.is_filter()
