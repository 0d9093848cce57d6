"""Explains the scores of hits of a cluster.

The few documents that are explained are made a small index in a temporary folder, which knows their forms, keys and places. What is
said of all documents comes from the cluster: how many have a word, and how long they are.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from naidi.indexer.errors import NotSupported
from naidi.indexer.messages import message
from naidi.indexer.state.generations import open_generation
from naidi.indexer.typed import TYPE_CHECKING
from naidi.indexer.writing.writer import Writer

from ..collection import Collection
from ..query.analysed import NearPhrase
from ..ranking.evaluate import Evaluation
from ..ranking.explain import Explainer
from ..ranking.matched_terms import shared_postings
from ..ranking.postings import Postings, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..explanation import Explanation
    from ..query.analysed import Alternative, AnalysedNode, Bridged, Identity, Scored
    from ..ranking.matched_terms import MatchedTerm
    from ..ranking.nearness import Nearness, PairFreqs
    from ..ranking.postings import PostingReader
    from .evaluation import ClusterEvaluation
    from .fetched import FetchedDocument
    from .word_rows import Row


def explanations(
    evaluation: ClusterEvaluation,
    root: AnalysedNode,
    nearness: Nearness | None,
    found: Sequence[tuple[FetchedDocument, int, float]],
) -> list[Explanation]:
    """The explanations of documents, in their order.

    Parameters:
      evaluation, root: the query.
      nearness: the bonuses of the page; None if there are none.
      found: (document, its number in the table of the evaluation, its score).

    Raises NotSupported for an index that stores no texts, OSError if there can be no temporary folder.
    """
    if not found:
        return []
    if any(not document.text and document.size_in_tokens for document, _, _ in found):
        raise NotSupported(message("scores of an index in a cluster cannot be explained if it stores no texts"))
    with tempfile.TemporaryDirectory(prefix="naidi-", ignore_cleanup_errors=True) as name:
        place = Path(name, "index")
        with Writer(place, schema=evaluation.state.schema) as writer:
            writer.add_many(document.document() for document, _, _ in found)
        generation = open_generation(place)
        collection = Collection(generation)
        statistics = evaluation.state.counts.statistics
        collection.doc_count, collection.fields = statistics.doc_count, statistics.fields
        numbers, scores = {}, {}
        for document, number, score in found:
            at = collection.place_of(document.doc_id)
            assert at is not None
            numbers[at[0].number, at[1]] = number
            scores[document.doc_id] = at[0].number, at[1], score
        local = _ExplainedEvaluation(collection, root, evaluation, numbers)
        bonus = None if nearness is None else _Bonus(nearness, numbers)
        explainer = Explainer(local, root, collection, bonus)
        made = [explainer.explain(*scores[document.doc_id]) for document, _, _ in found]
        collection.forget()
        return made


class _ExplainedEvaluation(Evaluation):
    """The query on the small index: postings are its own, weights are those of the cluster."""

    def __init__(
        self,
        collection: Collection,
        root: AnalysedNode,
        whole: ClusterEvaluation,
        numbers: dict[tuple[int, int], int],
    ) -> None:
        """
        Parameters:
          collection: the small index.
          root: the query.
          whole: the query on the cluster.
          numbers: place in the small index -> number in the table of the cluster.
        """
        super().__init__(collection, root, whole.parameters)
        self._whole = whole
        self._numbers = numbers
        self.matched = dict(self._matched())

    def _matched(self) -> Iterator[tuple[Identity, MatchedTerm]]:
        reader = reader_of(self._collection, self.parameters)
        for term in (*(term for term, _ in self._root.terms()), *self._root.scoring_parts()):
            rows = self._whole.weights.rows(term)
            own, stem, shared = _postings(reader, term)
            known: dict[Row, Postings] = {rows.own: own}
            if rows.stem is not None and stem is not None:
                known[rows.stem] = stem
            if rows.shared is not None and shared is not None:
                known[rows.shared] = shared
            yield (
                term.identity,
                self._whole.weights.with_postings(term, known, Postings(own.docs[:0], own.codes[:0], own.impacts)),
            )

    def finds(self, number: int, node: AnalysedNode, doc: int) -> bool:
        return self._whole.finds(0, node, self._numbers[number, doc])

    def best_arm(self, number: int, node: Bridged, doc: int) -> tuple[Alternative | None, float]:
        return self._whole.best_arm(0, node, self._numbers[number, doc])


def _postings(reader: PostingReader, term: Scored) -> tuple[Postings, Postings | None, Postings | None]:
    """The postings of a term or phrase in the only segment: of its own forms, of its stem, of the forms with all of its keys."""
    (view,) = reader.collection.views
    if isinstance(term, NearPhrase):
        return reader.phrase(view, term), None, None
    word = reader.word(view, term)
    shared = shared_postings(reader, term) if len(term.keys) > 1 else None
    return word.own, word.stem, None if shared is None else shared[0]


class _Bonus:
    """The nearness of the page, by places in the small index."""

    def __init__(self, nearness: Nearness, numbers: dict[tuple[int, int], int]) -> None:
        self._nearness = nearness
        self._numbers = numbers

    def holds(self, number: int, doc: int) -> bool:
        return self._nearness.holds(0, self._numbers[number, doc])

    def of_document(self, number: int, doc: int) -> Iterator[tuple[PairFreqs, int, float]]:
        return self._nearness.of_document(0, self._numbers[number, doc])

    def weight(self, pair: PairFreqs) -> float:
        return self._nearness.weight(pair)
