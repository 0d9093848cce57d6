"""Chooses the documents of a page: by the core if it can answer the query, else by `scored_page`, which is the definition."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING

from ..collection import Collection
from .core_page import core_page
from .evaluate import Evaluation
from .found_page import FoundDocument, Page
from .page_cut import PageCut

if TYPE_CHECKING:
    from .recency import Recency
    from .sort_keys import SortKeys


def best_page(
    collection: Collection,
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
    """Choose the documents of a page.

    Parameters:
      collection: the index.
      evaluation: of the query.
      cut: which places the page has.
      sort: in which order they are; None for that of their scores.
      count_all: count every document found. Otherwise the total may be a lower bound.
      recency: gives the factors of the scores; None for no factors.
      without: (number of its segment, doc id) of a document to leave out.
      shown: whether the documents will be shown. Then all words are matched first, since that is not done when the time is up.
      explained: whether the nearness of the best documents is needed.

    Raises TimeUp if the time ends before anything was found of documents that will be shown.
    """
    if sort is not None:
        from .sorted_page import sorted_page

        return sorted_page(
            collection, evaluation, cut, sort, recency=recency, without=without, shown=shown, explained=explained
        )
    plain = recency is None and without is None and not explained and cut.is_plain
    if plain and evaluation.plain_root is not None:
        quick = core_page(collection, evaluation.plain_root, evaluation.parameters, cut.limit, cut.offset)
        if quick is not None:
            evaluation.take(quick)
            return Page(quick.total, list(map(FoundDocument._make, quick.found)), None, offset=cut.offset)
    from .scored_page import scored_page

    return scored_page(collection, evaluation, cut, count_all=count_all, recency=recency, without=without, shown=shown)
