"""Answers plain queries whose documents are shown, without a tree; see `known_words`.

The page is told by the core. What may be told of a word is the same in each query, and kept. `answer` is the definition. It gets
every query that could mean more than its words, or has words for which others are offered.
"""

from __future__ import annotations

from naidi.indexer.late import partial
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.word_bridges import WordBridges, bridges_of
from .budget import MAX_UNKNOWN
from .cache import Cache
from .collection import Collection
from .corrections import corrections_of, in_order
from .known_words import KnownWords
from .query.analysed import NoDocument
from .query.nodes import Word
from .query.rewrite import Rewriter
from .ranking.evaluate import Evaluation
from .read_query import may_be_misspelt, respellings
from .results import Correction

if TYPE_CHECKING:
    from .query.analysed import AnalysedNode
    from .ranking.allowed import Allowed
    from .ranking.bm25 import RankingParameters

_TOLD_BYTES = 4_000_000


class PlainAnswer(NamedTuple):
    """What a plain query found: see `Answer` and `Page`. found: (number of the segment, doc id, score) of each document."""

    total: int
    found: list[tuple[int, int, float]]
    corrections: tuple[Correction, ...]
    warnings: tuple[str, ...]


class _Told(NamedTuple):
    """What is told of a word.

    node: it, with its alternatives. anywhere: `id` of those of its arms that some document has; none without alternatives.
    is_respelt: whether it may be misspelt for another. looked_up: whether that was sought.
    """

    node: AnalysedNode
    anywhere: frozenset[int]
    is_respelt: bool
    looked_up: bool


_NOTHING = _Told(NoDocument(), frozenset(), is_respelt=False, looked_up=False)


class PlainAnswers:
    """Answers plain queries to one state of an index. Threads may share it."""

    def __init__(self, collection: Collection, parameters: RankingParameters, known: KnownWords) -> None:
        self._collection = collection
        self._parameters = parameters
        self._known = known
        self._bridges: WordBridges = bridges_of(collection)
        self._told: Cache[str, _Told] = Cache(_TOLD_BYTES)

    def answer(self, query: str, limit: int, allowed: Allowed | None = None) -> PlainAnswer | None:
        """The best documents for a query. None if it may mean more than its words, has words to be offered, or finds nothing.

        allowed: the documents that may be found; None for all. With it, words that find nothing have an answer, unless they may be
          misspelt.
        """
        page = self._known.page(query, limit, allowed)
        if page is None:
            return None
        total, found, words = page
        told = [one for text in words if (one := self._told.get(text, partial(self._tell, text))) is not _NOTHING]
        if sum([one.looked_up for one in told]) > MAX_UNKNOWN or any(one.is_respelt for one in told):
            return None
        helped = [one for one in told if one.anywhere]
        if not helped:
            return PlainAnswer(total, found, (), self._bridges.warnings)
        if allowed is not None:
            return None  # the words of documents that may not be found must not be told
        places = [(number, doc) for number, doc, _ in found]
        alone = len(query.split()) == 1
        corrections: list[Correction] = []
        for one in helped:
            arms = partial(self._known.best_arms, places=places, alone=alone) if places else None
            corrections += corrections_of(one.node, lambda node: id(node) in one.anywhere, arms)  # noqa: B023 (called at once)
        return PlainAnswer(total, found, in_order(corrections), self._bridges.warnings)

    def _tell(self, text: str) -> _Told:
        known = self._known.node(text)
        node = Rewriter(self._collection, self._bridges).rewrite(Word(text)) if known is None else known[0]
        is_anywhere = self._known.weights(node).is_anywhere
        arms = [arm for bridged, other in node.bridges() for arm in (bridged.own, other.node)]
        anywhere = frozenset(id(arm) for arm in arms if is_anywhere(arm))
        looked_up = may_be_misspelt(self._collection, node)
        if not anywhere and not looked_up:
            return _NOTHING
        is_respelt = looked_up and bool(respellings(Evaluation(self._collection, node, self._parameters), node))
        return _Told(node, anywhere, is_respelt, looked_up)
