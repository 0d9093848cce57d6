"""How good a ranking is, given judgements: nDCG@10, MRR@10 and recall@100 of one query, and their means over queries.

A ranking is a list of document ids, best first. Judgements are a mapping from document id to a score: 0 or less is not
relevant, more is better; a document without a score is not relevant. A query is judged if at least one of its documents
is relevant; means are taken over the judged queries, and a judged query that finds nothing counts as 0.

StemRows. nDCG: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002, in the
form of trec_eval's `ndcg_cut` (linear gain, discount log2(rank + 1), ideal ranking from all judgements), which BEIR
reports. MRR@10: as in the MS MARCO passage task. recall@100: trec_eval's `recall`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import NamedTuple

Judgements = Mapping[str, int]


class Quality(NamedTuple):
    """Means over `queries` judged queries; each measure lies between 0 and 1."""

    ndcg_10: float
    mrr_10: float
    recall_100: float
    queries: int


def ndcg(ranking: Sequence[str], judgements: Judgements, depth: int = 10) -> float:
    """Discounted cumulative gain of the first `depth` documents, divided by that of the best possible ranking.

    The document at rank r (from 1) adds its score / log2(r + 1). 0 if nothing is relevant. Raises ValueError if a
    document is ranked twice.
    """
    _refuse_repeats(ranking)
    ideal = sorted((score for score in judgements.values() if score > 0), reverse=True)
    if not ideal:
        return 0.0
    return _dcg([max(judgements.get(doc, 0), 0) for doc in ranking[:depth]]) / _dcg(ideal[:depth])


def reciprocal_rank(ranking: Sequence[str], judgements: Judgements, depth: int = 10) -> float:
    """1 / rank of the first relevant document among the first `depth`; 0 if there is none."""
    _refuse_repeats(ranking)
    return next((1 / rank for rank, doc in enumerate(ranking[:depth], 1) if judgements.get(doc, 0) > 0), 0.0)


def recall(ranking: Sequence[str], judgements: Judgements, depth: int = 100) -> float:
    """Share of the relevant documents that stand among the first `depth`; 0 if nothing is relevant."""
    _refuse_repeats(ranking)
    relevant = {doc for doc, score in judgements.items() if score > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def quality(rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Judgements]) -> Quality:
    """The means over every judged query, by query id. A judged query without a ranking counts as an empty ranking.

    Raises ValueError if no query is judged or a document is ranked twice.
    """
    judged = {query: scores for query, scores in judgements.items() if any(score > 0 for score in scores.values())}
    if not judged:
        raise ValueError("no query has a relevant document")
    pairs = [(rankings.get(query, ()), scores) for query, scores in judged.items()]
    return Quality(
        sum(ndcg(*pair) for pair in pairs) / len(pairs),
        sum(reciprocal_rank(*pair) for pair in pairs) / len(pairs),
        sum(recall(*pair) for pair in pairs) / len(pairs),
        len(pairs),
    )


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _refuse_repeats(ranking: Sequence[str]) -> None:
    if len(set(ranking)) != len(ranking):
        raise ValueError("a ranking names a document twice")
