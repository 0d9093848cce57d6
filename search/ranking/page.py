"""Which documents make the page: the best of every segment in one order, the first of them rescored for nearness."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.collection import Collection
from search.ranking.evaluate import Evaluation
from search.ranking.nearness import Nearness
from search.ranking.top_k import top_k


class Found(NamedTuple):
    """A document on its way into the results: number of its segment, doc id there, score."""

    segment: int
    doc: int
    score: float


class _Candidates(NamedTuple):
    """The best documents in order, one value a document: sort keys falling; of equal ones `ties` rising, which follow the ids."""

    segments: npt.NDArray[np.int64]
    docs: npt.NDArray[np.int64]
    sort_keys: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]
    ties: npt.NDArray[np.int64]


def best_page(
    collection: Collection, evaluation: Evaluation, limit: int, offset: int, sort: str
) -> tuple[int, list[Found], Nearness | None]:
    """(documents found, those from offset to offset + limit in order, what nearness added to the best of them)."""
    total = 0
    depth = limit + offset
    rescored = evaluation.rescored if sort == "score" and depth else 0
    best: list[_Candidates] = []
    for number, segment, _ in collection.parts():
        if not evaluation.may_find(number):
            continue
        mask, scores = evaluation.segment(number)
        docs = np.flatnonzero(mask)
        total += len(docs)
        sort_keys = scores[docs]
        if sort != "score":
            dates = segment.dates[docs].astype(np.float64)
            sort_keys = np.where(dates > 0, dates if sort == "-date" else -dates, -np.inf)
        id_ranks = segment.id_ranks[docs]
        places = top_k(sort_keys, id_ranks, max(depth, rescored))
        docs = docs[places]
        best.append(_Candidates(np.full(len(docs), number), docs, sort_keys[places], scores[docs], id_ranks[places]))
    if not best:
        return 0, [], None
    candidates = best[0] if len(best) == 1 else _merged(collection, best)
    nearness = None
    if rescored:
        nearness, candidates = _rescored(candidates, rescored, evaluation)
    page = (column[offset:depth].tolist() for column in (candidates.segments, candidates.docs, candidates.scores))
    return total, [Found(*row) for row in zip(*page, strict=True)], nearness


def _merged(collection: Collection, parts: list[_Candidates]) -> _Candidates:
    """The candidates of several segments in one order; `ties` are the places of their ids among all of them."""
    segments, docs, sort_keys, scores, _ = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    ids = [
        collection.segments[number].ids[int(collection.segments[number].id_ranks[doc])]
        for number, doc in zip(segments.tolist(), docs.tolist(), strict=True)
    ]
    ties = np.empty(len(ids), np.int64)
    ties[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    order = np.lexsort((ties, -sort_keys))
    return _Candidates(segments[order], docs[order], sort_keys[order], scores[order], ties[order])


def _rescored(candidates: _Candidates, count: int, evaluation: Evaluation) -> tuple[Nearness, _Candidates]:
    """The candidates with what nearness adds to the first `count` of them, in order again."""
    segments, docs = candidates.segments[:count], candidates.docs[:count]
    scores = candidates.scores.copy()
    ascending = {number: np.sort(docs[segments == number]) for number in np.unique(segments).tolist()}
    nearness = evaluation.nearness(ascending)
    for number, members in ascending.items():
        places = np.flatnonzero(segments == number)
        scores[places] += nearness.bonus(number)[np.searchsorted(members, docs[places])]
    # A bonus is never negative: who is not looked at stays behind those who are.
    order = np.arange(len(scores))
    order[:count] = np.lexsort((candidates.ties[:count], -scores[:count]))
    return nearness, _Candidates(
        candidates.segments[order], candidates.docs[order], scores[order], scores[order], candidates.ties[order]
    )
