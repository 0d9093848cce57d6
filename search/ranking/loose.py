"""The evaluation of a query some words of which nobody put in an order, so that there are no neighbours among them."""

from __future__ import annotations

from functools import cached_property

from ..collection import Collection
from ..query.analysed import AnalysedNode, NoDocument, Term
from .bm25 import RankingParameters
from .evaluate import Evaluation


class LooseEvaluation(Evaluation):
    """One query on one collection; only pairs of neighbours in `ordered`, a part of it, add to scores by their nearness."""

    def __init__(
        self,
        collection: Collection,
        root: AnalysedNode,
        parameters: RankingParameters,
        ordered: AnalysedNode | None = None,
    ) -> None:
        super().__init__(collection, root, parameters)
        self._ordered = Evaluation(collection, ordered or NoDocument(), parameters)

    @cached_property
    def pairs(self) -> list[tuple[Term, Term]]:
        return self._ordered.pairs
