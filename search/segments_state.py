"""A state of an index whose documents are in segments: the implementation of `IndexState` for the index in a folder."""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.late import np
from naidi.indexer.typed import TYPE_CHECKING

from .bridges.word_bridges import bridges_of
from .cache import Attached, Cache
from .collection import Collection
from .known_words import known_words_of
from .query.analysed import Combination
from .question import narrowing_filters
from .ranking.evaluate import Evaluation, phrase_freq
from .ranking.page import best_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from naidi.indexer.conditions import FacetRequest, FieldName

    from .answer import Answer
    from .hits import Shown
    from .query.analysed import AnalysedNode, Filter, NearPhrase
    from .query.rewrite import KnownNodes
    from .ranking.allowed import Allowed
    from .ranking.bm25 import RankingParameters
    from .ranking.found_page import FoundDocument, Page
    from .ranking.page_cut import PageCut
    from .ranking.recency import Recency
    from .ranking.sort_keys import SortKeys
    from .results import Facet
    from .search_options import Only, Where
    from .stored_documents import StoredDocument

_NARROWED_BYTES = 8_000  # 500 for each


class SegmentsState:
    """The state of a collection, with the parameters of its ranking. It holds nothing else; what is learnt hangs on the collection.

    words: the collection.
    parameters: of the ranking.
    """

    __slots__ = ("parameters", "words")

    def __init__(self, words: Collection, parameters: RankingParameters) -> None:
        self.words = words
        self.parameters = parameters

    @property
    def generation(self) -> int:
        """The number of the state."""
        return self.words.generation

    def prepare(self) -> None:
        """Make what every question needs, so that the first one need not wait for it."""
        from .ranking.postings import reader_of

        reader_of(self.words, self.parameters)
        bridges_of(self.words)

    def known_node(self, *, translate: bool) -> KnownNodes | None:
        """See `IndexState`. The core gives the nodes; None if it is not used."""
        if not core.is_used:
            return None
        known = known_words_of(self.words, self.parameters, translate=translate)
        return None if known is None else known.node

    def evaluation(self, root: AnalysedNode, ordered: AnalysedNode | None = None) -> Evaluation:
        """See `IndexState`."""
        return Evaluation(self.words, root, self.parameters, ordered)

    def page(
        self,
        evaluation: Evaluation,
        cut: PageCut,
        sort: SortKeys | None = None,
        *,
        count_all: bool = True,
        recency: Recency | None = None,
        without: tuple[int, int] | None = None,
        shown: bool = False,
        explained: bool = False,
    ) -> Page:
        """See `best_page`."""
        return best_page(
            self.words,
            evaluation,
            cut,
            sort,
            count_all=count_all,
            recency=recency,
            without=without,
            shown=shown,
            explained=explained,
        )

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """See `IndexState`."""
        from .ranking.postings import reader_of

        return phrase_freq(reader_of(self.words, self.parameters), phrase)

    def sort_order(self, keys: Sequence[str]) -> SortKeys:
        """See `SortKeys`."""
        from .ranking.sort_keys import SortKeys

        return SortKeys(self.words, keys)

    def check_groups(self, name: str) -> None:
        """See `sort_keys.check_groups`."""
        from .ranking.sort_keys import check_groups

        check_groups(self.words, name)

    def recency(self) -> Recency:
        """See `recency_of`."""
        return _RECENCY.of(self.words)

    def narrowed(self, filters: tuple[Filter, ...], only: Only | None) -> SegmentsState:
        """See `IndexState`. Those of filters alone are kept, since an application asks with the same ones again and again."""
        words = self.words
        if callable(only):
            return SegmentsState(_narrowed(words, filters, only), self.parameters)
        return SegmentsState(_NARROWED.of(words).get(filters, lambda: _narrowed(words, filters, None)), self.parameters)

    def permitted(self, root: AnalysedNode, only: Only | None) -> AnalysedNode:
        """See `IndexState`. The function is asked of the documents that the query finds."""
        if not callable(only):
            return root
        from .query.analysed import AmongDocs

        evaluation = self.evaluation(root)
        docs = []
        for view in self.words.views:
            found = evaluation.found(view.number)
            doc_id = view.segment.doc_id
            of_segment = [] if found is None else found.docs.tolist()
            docs.append(np.array([doc for doc in of_segment if only(doc_id(doc))], np.int64))
        return Combination(must=(root, AmongDocs(docs)))

    def expanded(self, root: AnalysedNode, best: Sequence[FoundDocument], *, careful: bool) -> AnalysedNode:
        """See `feedback.expanded`."""
        from .ranking.feedback import expanded

        return expanded(self.words, root, best, self.parameters, careful=careful)

    def similar_query(self, place: tuple[int, int]) -> AnalysedNode:
        """See `like_documents.similar_query`."""
        from .ranking.like_documents import similar_query

        return similar_query(self.words, *place)

    def place_of(self, doc_id: str) -> tuple[int, int] | None:
        """See `IndexState`."""
        place = self.words.place_of(doc_id)
        return None if place is None else (place[0].number, place[1])

    def find_document(self, name: str) -> tuple[int, int]:
        """See `named_documents.find_document`."""
        from .named_documents import find_document

        return find_document(self.words, name)

    def doc_ids(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """See `IndexState`."""
        segments = self.words.segments
        return [segments[number].doc_id(doc) for number, doc in places]

    def hits(self, answer: Answer, *, explained: bool, duplicates: bool, size: tuple[int, int]) -> Shown:
        """See `hits_of`."""
        from .hits import hits_of

        return hits_of(
            self.words,
            answer,
            offset=answer.page.offset,
            snippets=size[0],
            snippet_chars=size[1],
            explained=explained,
            duplicates=duplicates,
        )

    def facets(self, answer: Answer, wanted: Sequence[str | FacetRequest | FieldName]) -> dict[str, Facet]:
        """See `facets_of`."""
        from .facets import facets_of

        return facets_of(self.words, answer, wanted)

    def stored_document(self, doc_id: str) -> StoredDocument:
        """See `stored_documents.stored_document`."""
        from .stored_documents import stored_document

        return stored_document(self.words, doc_id)

    def ids(self) -> Iterator[str]:
        """See `stored_documents.ids_of`."""
        from .stored_documents import ids_of

        return ids_of(self.words)


def allowed_by(collection: Collection, where: Where | None = None, only: Only | None = None) -> Allowed | None:
    """For each segment, which documents pass two options of a search.

    None where a search has more to say or to do: for a field that the index lacks, a function, and what can be read but once.

    Raises InvalidQuery as `Question.filters` does.
    """
    if callable(only) or hasattr(only, "__next__"):
        return None
    warnings: list[str] = []
    filters = narrowing_filters(collection, warnings.append, where, only)
    if warnings:
        return None
    from .ranking.allowed import allowed_docs

    return allowed_docs(collection, filters)


def _narrowed(collection: Collection, filters: tuple[Filter, ...], only: Only | None) -> Collection:
    """The state with those documents alone that pass filters, and `only` if that is a function."""
    from .ranking.allowed import allowed_docs

    everything = tuple([np.ones(view.doc_count, bool) for view in collection.views])
    allowed = allowed_docs(collection, filters) if filters else everything
    if not callable(only):
        return collection.narrowed(allowed)
    passing = []
    for view, mask in zip(collection.views, allowed, strict=True):
        docs = np.flatnonzero(mask if view.live is None else mask & view.live).tolist()
        passing.append(np.zeros(view.doc_count, bool))
        passing[-1][[doc for doc in docs if only(view.segment.doc_id(doc))]] = True
    return collection.narrowed(passing)


def _recency(collection: Collection) -> Recency:
    from .ranking.recency import recency_of

    return recency_of(
        [view.segment.dates if view.live is None else view.segment.dates[view.live] for view in collection.views]
    )


_RECENCY = Attached(_recency)
# The documents that filters let pass, as a state of their own: for the filters used last.
_NARROWED: Attached[Collection, Cache[tuple[Filter, ...], Collection]] = Attached(lambda _: Cache(_NARROWED_BYTES))
