"""Chooses the documents of a page: puts the best of all segments in one order, and gives the first ones a bonus for nearness."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from ..budget import TimeUp, check
from ..collection import Collection, Floats, Integers
from .evaluate import Evaluation
from .found_page import FoundDocument, Page
from .nearness import Nearness
from .page_cut import PageCut, id_ranks
from .recency import Recency
from .scored_sets import SomeFound
from .top_k import RanksOf, ranks_in, top_k, top_set


class _Candidates(NamedTuple):
    """Documents of a segment, ascending, with their scores."""

    segment: int
    docs: Integers
    scores: Floats


def scored_page(
    collection: Collection,
    evaluation: Evaluation,
    cut: PageCut,
    *,
    count_all: bool,
    recency: Recency | None,
    without: tuple[int, int] | None,
    shown: bool,
) -> Page:
    """The page in the order of the scores. See `page.best_page`, which has the parameters."""
    if shown:
        evaluation.match()
    total, exact, cut_short = 0, True, False
    depth = cut.depth
    rescored = evaluation.rescored if depth else 0
    parts: list[_Candidates] = []
    for number, segment in enumerate(collection.segments):
        if cut_short:
            break
        if not evaluation.may_find(number):
            continue
        best = None
        try:
            check()
            if not count_all and depth and recency is None:
                best = evaluation.best_of_segment(number, max(depth, rescored))
            found = evaluation.segment(number) if best is None else None
        except SomeFound as some:
            found, cut_short = some.found, True
        except TimeUp:
            cut_short = True
            break
        if best is not None:
            docs, scores, count, counted = best
            total += count
            exact = exact and counted
        else:
            assert found is not None
            docs, scores = found
            if without is not None and without[0] == number:
                kept = docs != without[1]
                docs, scores = docs[kept], scores[kept]
            if recency is not None:
                scores = scores * recency.factors(segment.dates[docs])
            total += len(docs)
        if len(docs) > max(depth, rescored) and (rescored or len(collection.segments) > 1):
            # A document that is not among the best of its segment is not among the best of all, so it is not on the page.
            kept = top_set(scores, max(depth, rescored), partial(ranks_in, segment.id_ranks, docs))
            docs, scores = docs.take(kept), scores.take(kept)
        if len(docs):
            parts.append(_Candidates(number, docs, scores))
    exact = exact and not cut_short
    if not parts:
        return Page(total, [], None, exact, cut_short, cut.offset)
    # The segment of each candidate; None if all are of one segment.
    numbers: Integers | None = None
    only, docs, scores = parts[0]
    if len(parts) > 1:
        numbers = np.repeat([part.segment for part in parts], [len(part.docs) for part in parts])
        docs, scores = (np.concatenate([part[column] for part in parts]) for column in (1, 2))

    def ranks_of(places: Integers) -> Integers:
        of_places = np.full(len(places), only) if numbers is None else numbers[places]
        return id_ranks(collection, of_places, docs[places])

    nearness = None
    if rescored and not cut_short:
        try:
            nearness, first = _nearness(evaluation, parts, scores, rescored, ranks_of)
        except TimeUp:
            exact, cut_short = False, True
    if nearness is not None:
        bonuses = [nearness.bonus(number) for number in nearness.candidates]
        if recency is not None:
            near = nearness.candidates.items()
            factors = [recency.factors(collection.segments[number].dates[near_docs]) for number, near_docs in near]
            bonuses = [bonus * factor for bonus, factor in zip(bonuses, factors, strict=True)]
        scores = scores.copy()
        # A bonus is never negative, so documents without one stay behind those that could get one.
        scores[first] += bonuses[0] if len(bonuses) == 1 else np.concatenate(bonuses)
    order = top_k(scores, depth, ranks_of)
    order, start, hit_count = cut.of(collection, order, numbers, only, docs)
    page = zip(docs.take(order).tolist(), scores.take(order).tolist(), strict=True)
    total = total if hit_count is None else hit_count
    if numbers is None:
        return Page(total, [FoundDocument(only, doc, score) for doc, score in page], nearness, exact, cut_short, start)
    of_rows = zip(numbers.take(order).tolist(), page, strict=True)
    found_documents = [FoundDocument(number, doc, score) for number, (doc, score) in of_rows]
    return Page(total, found_documents, nearness, exact, cut_short, start)


def _nearness(
    evaluation: Evaluation, parts: Sequence[_Candidates], scores: Floats, rescored: int, ranks_of: RanksOf
) -> tuple[Nearness, Integers]:
    """(nearness of the best `rescored` candidates, their indices among all candidates, ascending)."""
    first = top_set(scores, rescored, ranks_of)
    if len(first) == len(scores):
        return evaluation.nearness({part.segment: part.docs for part in parts}), first
    ends = np.cumsum([len(part.docs) for part in parts]).tolist()
    cuts = first.searchsorted(ends).tolist()
    candidates, start, begin = {}, 0, 0
    for part, end, cut in zip(parts, ends, cuts, strict=True):
        if cut > start:
            candidates[part.segment] = part.docs[first[start:cut] - begin]
        start, begin = cut, end
    return evaluation.nearness(candidates), first
