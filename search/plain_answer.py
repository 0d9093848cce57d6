"""Answers plain queries whose documents are shown, without a tree; see `known_words`.

The page is told by the core. What is told of a word, its corrections, is the same in each query, and kept. `answer` is the
definition. It gets every query that could mean more than its words.
"""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.word_bridges import WordBridges, bridges_of
from .budget import MAX_UNKNOWN
from .cache import Cache
from .collection import Collection
from .known_words import KnownWords
from .query.nodes import Word
from .query.rewrite import Rewriter
from .ranking.evaluate import Evaluation
from .read_query import Respelling, corrections_of, may_be_misspelt, offers, respellings
from .results import Correction

if TYPE_CHECKING:
    from .query.analysed import Identity
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

    corrections: the alternatives that were searched for. respelt: what it may be misspelt for. looked_up: whether that was sought.
    """

    corrections: tuple[Correction, ...]
    respelt: tuple[Respelling, ...]
    looked_up: bool


_NOTHING = _Told((), (), looked_up=False)


class PlainAnswers:
    """Answers plain queries to one state of an index. Threads may share it."""

    def __init__(self, collection: Collection, parameters: RankingParameters, known: KnownWords) -> None:
        self._collection = collection
        self._parameters = parameters
        self._known = known
        self._bridges: WordBridges = bridges_of(collection)
        self._told: Cache[str, _Told] = Cache(_TOLD_BYTES)

    def answer(self, query: str, limit: int, allowed: Allowed | None = None) -> PlainAnswer | None:
        """The best documents for a query. None if it may mean more than its words, or finds nothing.

        allowed: the documents that may be found; None for all. With it, words that find nothing have an answer, unless they may be
          misspelt.
        """
        page = self._known.page(query, limit, allowed)
        if page is None:
            return None
        total, found, words = page
        corrections: list[Correction] = []
        respelt: dict[Identity, Respelling] = {}
        looked_up = 0
        for text in words:
            told = self._told.get(text, lambda: self._tell(text))  # noqa: B023 (called at once)
            if told is not _NOTHING:
                corrections += told.corrections
                respelt.update((one.term.identity, one) for one in told.respelt)
                looked_up += told.looked_up
        if looked_up > MAX_UNKNOWN or (respelt and not total):
            return None
        if allowed is not None and (corrections or respelt):
            return None  # the words of documents that may not be found must not be told
        if corrections or respelt:
            corrections = list(dict.fromkeys((*corrections, *offers(tuple(respelt.values())))))
        return PlainAnswer(total, found, tuple(corrections), self._bridges.warnings)

    def _tell(self, text: str) -> _Told:
        known = self._known.node(text)
        node = Rewriter(self._collection, self._bridges).rewrite(Word(text)) if known is None else known[0]
        corrections = tuple(corrections_of(node, self._known.weights(node).is_anywhere))
        looked_up = may_be_misspelt(self._collection, node)
        if not corrections and not looked_up:
            return _NOTHING
        respelt = tuple(respellings(Evaluation(self._collection, node, self._parameters), node)) if looked_up else ()
        return _Told(corrections, respelt, looked_up)
