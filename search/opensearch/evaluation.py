"""Evaluates one query on an index in a cluster: what its words weigh, and the exact scores of some documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naidi.indexer.errors import NotSupported
from naidi.indexer.late import cached_property
from naidi.indexer.messages import message

from ..collection import Floats, Integers
from ..query.analysed import AnalysedNode, Identity, NearPhrase, Scored
from ..ranking.bm25 import RankingParameters
from ..ranking.bridge_weights import BridgeWeights, Weighed
from ..ranking.evaluate import Evaluation
from ..ranking.matched_terms import MatchedTerm
from ..ranking.nearness import Nearness, pairs_found
from .candidate_match import candidate_match, uncertain
from .candidates import Candidates, Wanted, ask
from .cluster_state import ClusterState
from .query_body import QueryBody, terms_of
from .row_queries import Body
from .term_weights import TermWeights
from .word_rows import Row, pair_row, rows_of

if TYPE_CHECKING:
    from ..ranking.segment_match import SegmentMatch


class _Loaded(NamedTuple):
    """Candidates with their match. places: id -> number among them."""

    candidates: Candidates
    match: SegmentMatch
    places: dict[str, int]


class ClusterEvaluation(Evaluation):
    """One query on an index in a cluster. Make a new one for each query.

    Its documents are those of `ClusterState.table`, in a segment with the number 0. `matched` has weights and no postings.
    """

    def __init__(
        self,
        state: ClusterState,
        root: AnalysedNode,
        parameters: RankingParameters,
        ordered: AnalysedNode | None = None,
    ) -> None:
        """
        Parameters:
          state: of the index.
          root, parameters, ordered: as for Evaluation.
        """
        super().__init__(state.words, root, parameters, ordered)
        self.state = state
        self._loaded: _Loaded | None = None

    @cached_property
    def _terms(self) -> Mapping[Identity, Scored]:
        return {term.identity: term for term in terms_of(self._root)}

    @cached_property
    def weights(self) -> TermWeights:
        """The weights of its terms and phrases. Their counts are asked for at the first use."""
        return TermWeights(self.state.words, self.state.counts, self.parameters, list(self._terms.values()))

    @cached_property
    def matched(self) -> dict[Identity, MatchedTerm]:
        """The weights of all terms and phrases of the query, by identity."""
        return self.weights.matched

    def weighed(self, scored: Scored) -> Weighed:
        """The weights of a term or phrase of the query."""
        return self.matched[scored.identity]

    @cached_property
    def bridge_weights(self) -> BridgeWeights:
        """The weights of the alternatives in the query."""
        matched, statistics, parameters = self.matched, self.state.counts.statistics, self.parameters
        return BridgeWeights(
            self.state.words,
            self._root,
            parameters,
            lambda scored: matched[scored.identity],
            lambda field: statistics.least_of_posting(parameters, field),
        )

    @property
    def _body(self) -> QueryBody:
        return QueryBody(self.weights, self.state.counts, self.bridge_weights, self.state.schema)

    @cached_property
    def _scored(self) -> tuple[Body, bool]:
        return self._body.scored(self._root)

    @property
    def scored_body(self) -> Body:
        """The query as the cluster takes it, with scores."""
        return self._scored[0]

    @property
    def is_exact(self) -> bool:
        """Whether the scores of `scored_body` are exact, but for single precision."""
        return self._scored[1]

    @property
    def has_bridges(self) -> bool:
        """Whether it has alternatives, of which `best_arms` tells those that count."""
        return next(self._root.bridges(), None) is not None

    @cached_property
    def found_body(self) -> Body:
        """The query as the cluster takes it, without scores."""
        return self._body.found(self._root)

    def found_ids(self) -> Iterator[str]:
        """The ids of all documents found, ascending, as they are at one moment."""
        cluster = self.state.cluster
        for hit in cluster.scan(cluster.documents, {"bool": {"filter": [self.found_body]}}, source=False):
            yield hit["sort"][0]

    def phrase_freq(self, phrase: NearPhrase) -> int:
        """How many documents have a phrase, which need not be of the query."""
        row = rows_of(self.state.words, phrase).own
        return self.state.counts.of([row])[row]

    @cached_property
    def _pair_rows(self) -> list[Row]:
        return [pair_row(self.state.words, left, right) for left, right in self.pairs]

    def load_neighbours(self, ids: Sequence[str], fields: Sequence[str] = ()) -> Candidates:
        """Ask for the neighbours in documents alone. The parameters are those of `load`."""
        return ask(self.state.counts, Wanted(self._pair_rows, (), fields), ids, self.state.schema)

    def load(self, ids: Sequence[str], *, near: bool = False, fields: Sequence[str] = ()) -> Candidates:
        """Ask for what documents have of the query. Those that are gone are left out.

        Parameters:
          ids: of the documents.
          near: whether to ask for the neighbours in them, too.
          fields: other fields whose values are wanted.
        """
        asked = uncertain(self._root)
        rows: list[Row] = []
        for term in asked.terms.values():
            rows += [row for row in self.weights.rows(term) if row is not None]
        if near and self.rescored:
            rows += self._pair_rows
        candidates = ask(self.state.counts, Wanted(rows, list(asked.filters), fields), ids, self.state.schema)
        match = candidate_match(candidates, asked, self._terms, self.weights, self.bridge_weights)
        self._loaded = _Loaded(candidates, match, {one: place for place, one in enumerate(candidates.ids)})
        return candidates

    def scores(self) -> Floats:
        """The exact score of each of the loaded candidates, in their order, without nearness."""
        assert self._loaded is not None
        found = self._root.accept(self._loaded.match)
        scores = np.zeros(len(self._loaded.candidates))
        scores[found.docs] = found.scores
        return scores

    def nearness_of(self, candidates: Candidates, places: Integers) -> Nearness:
        """The nearness of some candidates, which were asked for their neighbours. places: their numbers."""
        numbers = np.array(self.numbers_at(candidates, places), np.int64)
        order = numbers.argsort()
        numbers, places = numbers[order], places[order]
        near = {0: numbers}
        freqs = []
        for row in self._pair_rows:
            counts = candidates.freqs(row)[places]
            freqs.append({0: counts} if counts.any() else {})
        lengths = (candidates.title_lengths + candidates.body_lengths)[places]

        def lengths_of(_: int, docs: Integers) -> Integers:
            return np.asarray(lengths[numbers.searchsorted(docs)])

        average = self.state.counts.statistics.average("text")
        return Nearness(near, pairs_found(self.pairs, freqs, near), lengths_of, average, self.parameters.pair)

    def numbers_at(self, candidates: Candidates, places: Integers) -> list[int]:
        """The numbers in the table of some candidates. places: their numbers."""
        return self.state.table.numbers_of(candidates.ids[place] for place in places.tolist())

    def _match_at(self, number: int, docs: Integers) -> tuple[SegmentMatch, Integers]:
        ids = [self.state.table.id_of(doc) for doc in docs.tolist()]
        if self._loaded is None or any(one not in self._loaded.places for one in ids):
            self.load(ids)
        assert self._loaded is not None
        places = [self._loaded.places[one] for one in ids if one in self._loaded.places]
        return self._loaded.match, np.array(sorted(places), np.int64)

    def _match(self, number: int) -> SegmentMatch:
        raise NotSupported(message("an index in a cluster has no segments whose documents could all be looked at"))
