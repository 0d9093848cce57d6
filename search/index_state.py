"""What an application asks of one state of an index, wherever its documents are: in the segments of a folder, or on a cluster.

Reading and bridges ask the words of the index, a `Collection`. All that needs documents goes through `IndexState` and
`QueryEvaluation`, which have an implementation for each home of documents. What a home cannot do it refuses with NotSupported.

A place of a document is a pair of numbers that mean something to its state alone: (number of its segment, number there).
"""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from naidi.indexer.conditions import FacetRequest, FieldName

    from .collection import Collection
    from .query.analysed import AnalysedNode, Bridged, Filter, NearPhrase, Scored
    from .query.rewrite import KnownNodes
    from .ranking.bm25 import RankingParameters
    from .ranking.bridge_weights import BridgeWeights, Weighed
    from .ranking.found_page import FoundDocument, Page
    from .ranking.page_cut import PageCut
    from .ranking.recency import Recency
    from .search_options import Only


class QueryEvaluation(Protocol):
    """One query on one state: what its words weigh, and which of them its documents have."""

    @property
    def collection(self) -> Collection:
        """The words of the index."""
        ...

    @property
    def parameters(self) -> RankingParameters:
        """Of the ranking."""
        ...

    @property
    def bridge_weights(self) -> BridgeWeights:
        """The weights of the alternatives in the query. Raises TimeUp."""
        ...

    @property
    def scored_count(self) -> int:
        """How many terms and phrases have been or will be looked up. Raises TimeUp."""
        ...

    def match(self) -> None:
        """Look up all terms and phrases now, and not when they are needed. Raises TimeUp."""
        ...

    def weighed(self, scored: Scored) -> Weighed:
        """The weights of a term or phrase of the query. Raises TimeUp."""
        ...

    def best_arms(self, node: Bridged, places: Sequence[tuple[int, int]]) -> set[int]:
        """The numbers of the arms of a node that give any of some documents its score; see `Evaluation.best_arms`."""
        ...

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """How many documents have a phrase, be it in the query or not."""
        ...


class IndexState(Protocol):
    """One state of an index, as questions are answered from it."""

    @property
    def words(self) -> Collection:
        """The words of the index, with the statistics and settings that reading and bridges ask."""
        ...

    @property
    def generation(self) -> int:
        """The number of the state, for cursors. Pages of one number fit together."""
        ...

    def known_node(self, *, translate: bool) -> KnownNodes | None:
        """Gives the node of a word at once, see `Rewriter`; None if there is no quicker way than reading."""
        ...

    def evaluation(self, root: AnalysedNode, ordered: AnalysedNode | None = None) -> QueryEvaluation:
        """A query on this state. ordered: the part whose words come in an order; all of the query by default."""
        ...

    def page(
        self,
        evaluation: Any,
        cut: PageCut,
        sort: Any = None,
        *,
        count_all: bool = True,
        recency: Recency | None = None,
        without: tuple[int, int] | None = None,
        shown: bool = False,
        explained: bool = False,
    ) -> Page:
        """The documents of a page; see `ranking.page.best_page`. evaluation, sort: from this state. Raises TimeUp."""
        ...

    def sort_order(self, keys: Sequence[str]) -> Any:
        """An order for `page`. keys: see `Question.sort_keys`. Raises InvalidQuery for a name that is no field."""
        ...

    def check_groups(self, name: str) -> None:
        """Raises InvalidQuery if hits cannot be collapsed by a field."""
        ...

    def recency(self) -> Recency:
        """The factors of scores by date."""
        ...

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """How many documents have a phrase."""
        ...

    def narrowed(self, filters: tuple[Filter, ...], only: Only | None) -> IndexState:
        """The state with those documents alone that pass filters, and `only` if that is a function."""
        ...

    def permitted(self, root: AnalysedNode, only: Only | None) -> AnalysedNode:
        """The query, narrowed to the documents for which `only` says so, if that is a function."""
        ...

    def expanded(self, root: AnalysedNode, best: Sequence[FoundDocument], *, careful: bool) -> AnalysedNode:
        """The query with key terms of its best documents; see `ranking.feedback.expanded`."""
        ...

    def similar_query(self, place: tuple[int, int]) -> AnalysedNode:
        """The query for documents like a given one."""
        ...

    def place_of(self, doc_id: str) -> tuple[int, int] | None:
        """The place of the document with an id; None if there is none."""
        ...

    def find_document(self, name: str) -> tuple[int, int]:
        """The place of a document by its id or path. Raises DocumentMissing."""
        ...

    def doc_ids(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """The ids of documents, in the order given."""
        ...

    def hits(self, answer: Any, *, explained: bool, duplicates: bool, size: tuple[int, int]) -> Any:
        """What is shown of the documents of an answer, a `Shown`. size: most snippets of a hit, most code points of a snippet."""
        ...

    def facets(self, answer: Any, wanted: Sequence[str | FacetRequest | FieldName]) -> Any:
        """The facets of all documents found, by name. Raises InvalidQuery and TimeUp."""
        ...

    def stored_document(self, doc_id: str) -> Any:
        """A document as it is stored, a `StoredDocument`. Raises DocumentMissing and InvalidQuery."""
        ...

    def ids(self) -> Iterator[str]:
        """The ids of all documents, ascending by code points."""
        ...
