"""A state of an index whose documents are in a cluster: the implementation of `IndexState` for OpenSearch."""

from __future__ import annotations

from naidi.indexer.late import suppress
from naidi.indexer.opensearch.naming import document_key
from naidi.indexer.typed import TYPE_CHECKING, Any

from ..bridges.word_bridges import bridges_of
from ..budget import MAX_EXPLAINED, TimeUp, check
from ..hits import Shown, with_answer
from ..query.analysed import AmongIds, AnalysedNode, Combination, EveryDocument, Filter
from ..ranking.document_words import DocumentWord, words_of_text
from ..ranking.found_page import Page
from ..ranking.sort_keys import check_groups
from ..read_query import QueryReader
from .cluster_state import ClusterState
from .evaluation import ClusterEvaluation
from .page import cluster_page, sort_body
from .page_hits import page_hits
from .query_body import terms_of
from .term_weights import rows_to_count
from .word_rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from naidi.indexer.conditions import FacetRequest, FieldName

    from ..answer import Answer
    from ..explanation import Explanation
    from ..query.analysed import NearPhrase
    from ..question import Question
    from ..ranking.bm25 import RankingParameters
    from ..ranking.found_page import FoundDocument
    from ..ranking.page_cut import PageCut
    from ..ranking.recency import Recency
    from ..read_query import QueryReading
    from ..results import Facet
    from ..search_options import Only
    from ..stored_documents import StoredDocument
    from .fetched import FetchedDocument
    from .opened import OpenedCluster
    from .word_rows import Row
    from .words_collection import WordsCollection

# How often a query is read at most before its help is taken as it is: each time, what was guessed is asked of the cluster.
_READINGS = 3


class OpenSearchState:
    """A state of an index in a cluster, for one search.

    The words are those of the mirror. How many documents have a word is counted by the cluster; what is not known yet is guessed at
    first, and asked for all words at once.
    """

    def __init__(self, opened: OpenedCluster, parameters: RankingParameters, *, asks_twice: bool) -> None:
        """
        Parameters:
          opened: the index.
          parameters: of the ranking.
          asks_twice: whether the best documents are asked for once more, so that their scores are exact.
        """
        self._opened = opened
        self._asks_twice = asks_twice
        self._phrases: dict[Row, None] = {}  # of which it was guessed that no document has them
        self.parameters = parameters
        self.words: WordsCollection = opened.words
        self.generation = opened.generation
        self._shared: ClusterState | None = None

    @property
    def shared(self) -> ClusterState:
        """What evaluations and pages of this search share."""
        if self._shared is None or self._shared.words is not self.words:
            table = None if self._shared is None else self._shared.table
            self._shared = self._opened.state_of(self.words, asks_twice=self._asks_twice, table=table)
        return self._shared

    # -- before and after an answer

    def prepare(self, question: Question) -> None:
        """Have at hand what reading a question asks of documents, as far as its time lets. Raises what the cluster raises."""
        if not question.like:
            with suppress(TimeUp):
                self._prepare(question)

    def _prepare(self, question: Question) -> None:
        if question.is_about_dates:
            self._opened.count_dates()
            self.words = self._opened.words
        for reading in range(_READINGS):
            check()
            read = self._read(question)
            if read.has_unknown and not reading and self._opened.catch_up():
                self.words = self._opened.words
                read = self._read(question)
            rows = [] if read.root is None else rows_to_count(self.words, terms_of(read.root))
            if not self.learn(rows):
                return

    def _read(self, question: Question) -> QueryReading:
        """The query as it is read at first, with what mending it would ask."""
        bridges = None if question.exact else bridges_of(self.words, translate=question.translate)
        filters = question.filters(self.words, lambda _: None)
        reading = QueryReader(self.words, question.mode, filters, bridges, None).read(question.query)
        if bridges is not None and reading.tree is not None and (reading.has_unknown or reading.layout_corrections):
            from ..mending import Mender

            Mender(self.words, self.words, self._noted_phrase_freq, bridges).mends(reading.tree)
        return reading

    def learn(self, more: Iterable[Row] = ()) -> bool:
        """Ask the cluster for all that was guessed since the words were made anew. Returns whether a guess was wrong.

        more: rows that will be counted next.
        """
        before, phrases = self.words, list(self._phrases)
        self._phrases.clear()
        self.words = self._opened.learn(before, phrases, more)
        return self.words is not before

    def _noted_phrase_freq(self, phrase: NearPhrase) -> int:
        """How many documents have a phrase, if that is known; else 0, and it is asked for with the next guesses."""
        row = rows_of(self.words, phrase).own
        known = self._opened.counts.known(row)
        if known is None:
            self._phrases[row] = None
        return known or 0

    # -- IndexState

    def known_node(self, *, translate: bool) -> None:
        """None: the mirror has no lists of documents from which the core could read."""
        return

    def evaluation(self, root: AnalysedNode, ordered: AnalysedNode | None = None) -> ClusterEvaluation:
        """See `IndexState`."""
        return ClusterEvaluation(self.shared, root, self.parameters, ordered)

    def page(
        self,
        evaluation: ClusterEvaluation,
        cut: PageCut,
        sort: Any = None,
        *,
        count_all: bool = True,
        recency: Recency | None = None,
        without: tuple[int, int] | None = None,
        shown: bool = False,
        explained: bool = False,
    ) -> Page:
        """See `IndexState`."""
        try:
            return cluster_page(evaluation, cut, sort, count_all=count_all, recency=recency, without=without)
        except TimeUp:
            return Page(0, [], None, exact=False, partial=True, offset=cut.offset)

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """See `IndexState`."""
        return self._opened.phrase_freq(self.words, phrase)

    def sort_order(self, keys: Sequence[str]) -> Sequence[str]:
        """See `IndexState`."""
        sort_body(keys, self._opened.documents.schema)  # raises InvalidQuery
        return keys

    def check_groups(self, name: str) -> None:
        """See `IndexState`."""
        check_groups(self.words, name)

    def recency(self) -> Recency:
        """See `IndexState`."""
        return self._opened.recency()

    def narrowed(self, filters: tuple[Filter, ...], only: Only | None) -> OpenSearchState:
        """See `IndexState`. Words are counted in those documents alone."""
        if callable(only):
            filters = (*filters, self._passing(Combination(must=filters or (EveryDocument(),)), only))
        return OpenSearchState(self._opened.within(filters), self.parameters, asks_twice=self._asks_twice)

    def permitted(self, root: AnalysedNode, only: Only | None) -> AnalysedNode:
        """See `IndexState`. A function is asked of each document that the query finds, whose ids are all fetched."""
        return Combination(must=(root, self._passing(root, only))) if callable(only) else root

    def _passing(self, root: AnalysedNode, only: Callable[[str], bool]) -> AmongIds:
        """The documents that a query finds and a function lets pass."""
        return AmongIds(frozenset(doc_id for doc_id in self.evaluation(root).found_ids() if only(doc_id)))

    def expanded(self, root: AnalysedNode, best: Sequence[FoundDocument], *, careful: bool) -> AnalysedNode:
        """See `IndexState`."""
        from ..ranking.feedback import LETTERS, expanded

        def words_of(found: Sequence[FoundDocument]) -> list[list[DocumentWord]]:
            documents = self._fetched([(one.segment, one.doc) for one in found], texts=True)
            return [self._words_of(one, LETTERS) for one in documents if one is not None]

        return expanded(self.words, root, best, self.parameters, careful=careful, words_of=words_of)

    def similar_query(self, place: tuple[int, int]) -> AnalysedNode:
        """See `IndexState`."""
        from ..ranking.like_documents import query_of_words

        (document,) = self._fetched([place], texts=True)
        return query_of_words(self.words, [] if document is None else self._words_of(document, None))

    def _words_of(self, document: FetchedDocument, letters: int | None) -> list[DocumentWord]:
        """The words of a document, with counts of documents by the cluster."""
        texts = document.title, document.text[:letters]
        words_of_text(self.words, texts)
        self.learn()
        return words_of_text(self.words, texts)

    def place_of(self, doc_id: str) -> tuple[int, int] | None:
        """See `IndexState`."""
        return (0, self._number(doc_id)) if self._opened.named.has(doc_id) else None

    def find_document(self, name: str) -> tuple[int, int]:
        """See `IndexState`."""
        return 0, self._number(self._opened.named.find(name))

    def _number(self, doc_id: str) -> int:
        return self.shared.table.number_of(doc_id)

    def _keys(self, places: Iterable[tuple[int, int]]) -> list[str]:
        return list(map(document_key, self.doc_ids(places)))

    def doc_ids(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """See `IndexState`."""
        id_of = self.shared.table.id_of
        return [id_of(number) for _, number in places]

    def _fetched(self, places: Sequence[tuple[int, int]], *, texts: bool) -> list[FetchedDocument | None]:
        return self._opened.named.fetch(self._keys(places), texts=texts)

    def hits(self, answer: Answer, *, explained: bool, duplicates: bool, size: tuple[int, int]) -> Shown:
        """See `IndexState`."""
        if answer.evaluation is None or answer.root is None:
            return Shown()
        assert isinstance(answer.evaluation, ClusterEvaluation)
        found = answer.page.found
        try:
            documents = self._fetched([(one.segment, one.doc) for one in found], texts=size[0] > 0 or explained)
        except TimeUp:
            return Shown(partial=True)
        # A document that was deleted meanwhile is no hit any more.
        page = [(document, one.score) for document, one in zip(documents, found, strict=True) if document is not None]
        return page_hits(
            answer.root,
            answer.evaluation,
            page,
            self.words.roots,
            offset=answer.page.offset,
            size=size,
            duplicates=duplicates,
            explanations=self._explanations(answer, documents) if explained else (),
        )

    def _explanations(self, answer: Answer, documents: Sequence[FetchedDocument | None]) -> list[Explanation]:
        """The explanations of the first hits."""
        from .explained import explanations

        evaluation, page = answer.evaluation, answer.page
        assert isinstance(evaluation, ClusterEvaluation) and answer.root is not None
        most = max(MAX_EXPLAINED // max(evaluation.scored_count, 1), 1)
        there = [
            (document, one.doc, one.score)
            for document, one in zip(documents, page.found, strict=True)
            if document is not None
        ]
        return [
            with_answer(one, answer, document.ordinal)
            for one, (document, _, _) in zip(
                explanations(evaluation, answer.root, page.nearness, there[:most]), there, strict=False
            )
        ]

    def facets(self, answer: Answer, wanted: Sequence[str | FacetRequest | FieldName]) -> dict[str, Facet]:
        """See `IndexState`."""
        from .facets import cluster_facets

        evaluation = answer.evaluation
        assert evaluation is None or isinstance(evaluation, ClusterEvaluation)
        return cluster_facets(evaluation, self.words.schema, wanted, answer.without)

    def stored_document(self, doc_id: str) -> StoredDocument:
        """See `IndexState`."""
        return self._opened.named.stored(doc_id)

    def ids(self) -> Iterator[str]:
        """See `IndexState`."""
        return self._opened.named.ids()
