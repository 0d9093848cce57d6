"""Chooses the documents of a page that is not in the order of its scores: by date, title or fields of the application."""

from __future__ import annotations

import numpy as np

from ..budget import TimeUp, check
from ..collection import Collection, Floats, Integers
from .evaluate import Evaluation
from .found_page import FoundDocument, Page
from .page_cut import PageCut, id_ranks
from .recency import Recency
from .scored_sets import SomeFound
from .sort_keys import SortKeys
from .top_k import top_k


def sorted_page(
    collection: Collection,
    evaluation: Evaluation,
    cut: PageCut,
    sort: SortKeys,
    *,
    recency: Recency | None,
    without: tuple[int, int] | None,
    shown: bool,
    explained: bool,
) -> Page:
    """The page in the order of some sort keys. The other parameters are those of `page.best_page`. Scores have no nearness."""
    if shown and (explained or not evaluation.is_found_by_core):
        evaluation.match()
    parts: list[tuple[int, Integers, Floats]] = []
    cut_short = False
    for number, segment in enumerate(collection.segments):
        if cut_short:
            break
        try:
            check()
            found = evaluation.found(number)
            if found is None:
                continue
            docs, scores = found
        except SomeFound as some:
            (docs, scores), cut_short = some.found, True
        except TimeUp:
            cut_short = True
            break
        if without is not None and without[0] == number:
            kept = docs != without[1]
            docs, scores = docs[kept], scores[kept]
        if recency is not None:
            scores = scores * recency.factors(segment.dates[docs])
        if len(docs):
            parts.append((number, docs, scores))
    if not parts:
        return Page(0, [], None, not cut_short, cut_short, cut.offset)
    keys = sort.of(parts)
    numbers = np.repeat([number for number, _, _ in parts], [len(docs) for _, docs, _ in parts])
    docs = np.concatenate([docs for _, docs, _ in parts])
    scores = np.concatenate([scores for _, _, scores in parts])
    order = top_k(keys, cut.depth, lambda places: id_ranks(collection, numbers[places], docs[places]))
    order, start, count = cut.of(collection, order, numbers, 0, docs)
    page = zip(numbers[order].tolist(), docs[order].tolist(), scores[order].tolist(), strict=True)
    total = len(docs) if count is None else count
    return Page(total, list(map(FoundDocument._make, page)), None, not cut_short, cut_short, start)
