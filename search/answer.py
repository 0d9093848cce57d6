"""What does a query find, with the help that it needs? One question to one state of an index, from its string to a page.

What words may be misspellings of is searched for only where the query finds nothing without, or little; else it is offered.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass

from naidi.indexer.errors import DocumentMissing

from .bridges.word_bridges import bridges_of
from .cache import Attached
from .collection import Collection
from .query.analysed import AnalysedNode, Combination
from .query.nodes import DateRange, LanguageIs
from .ranking.bm25 import RankingParameters
from .ranking.evaluate import Evaluation
from .ranking.page import Page, best_page
from .ranking.recency import Recency, recency_of
from .read_query import QueryReader, corrections_of, finds_little, offers, respellings, respelt
from .results import Correction


@dataclass(frozen=True, slots=True)
class Question:
    """A question, as `Searcher.search` is question it. like: the query names a document, and others like it are wanted."""

    query: str
    limit: int
    offset: int
    mode: str
    filters: tuple[DateRange | LanguageIs, ...] = ()
    sort: str = "score"
    exact: bool = False
    recent: bool = False
    expand: bool = False
    like: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """root: what was searched for, with its evaluation; both None where nothing was question. turned: what was read as typed on the
    other keyboard; it is among the corrections too."""

    page: Page
    root: AnalysedNode | None = None
    evaluation: Evaluation | None = None
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    turned: tuple[Correction, ...] = ()
    recency: Recency | None = None


def answer_to(
    collection: Collection, parameters: RankingParameters, question: Question, *, exact_total: bool, offered: bool
) -> Answer:
    """offered: say also what was not searched for. Raises DocumentMissing if a document is named that is not there."""
    if question.like:
        return _like(collection, parameters, question)
    bridges = None if question.exact else bridges_of(collection)
    reader = QueryReader(collection, question.mode, question.filters, bridges)
    reading = reader.read(question.query)
    root = reading.root
    if root is None:
        return Answer(Page(0, [], None), warnings=reading.warnings)
    recency = _RECENCY.of(collection) if question.recent else None

    def page_of(evaluation: Evaluation) -> Page:
        return best_page(
            collection,
            evaluation,
            question.limit,
            question.offset,
            question.sort,
            exact_total=exact_total,
            recency=recency,
        )

    evaluation = Evaluation(collection, root, parameters)
    page = page_of(evaluation)
    if not page.total and not reading.turned:
        other = reader.read_by_dictionary(question.query)
        if other is not None and other.root is not None:
            reading, root = other, other.root
            evaluation = Evaluation(collection, root, parameters)
            page = page_of(evaluation)
    more: tuple[Correction, ...] = ()
    in_need = not page.total or (reading.has_unknown and finds_little(evaluation, root))
    if bridges is not None and (offered or in_need):
        found = respellings(collection, root)
        if found and in_need:
            root = respelt(collection, root, found)
            evaluation = Evaluation(collection, root, parameters)
            page = page_of(evaluation)
        else:
            more = tuple(offers(found))
    if question.expand:
        root, evaluation = _expanded(collection, parameters, question, root, page)
        page = page_of(evaluation)
    helps = corrections_of(evaluation, root) if bridges is not None and offered else ()
    corrections = tuple(dict.fromkeys((*reading.turned, *helps, *more)))
    warnings = reading.warnings if bridges is None else (*bridges.warnings, *reading.warnings)
    return Answer(page, root, evaluation, corrections, warnings, reading.turned, recency)


def _expanded(
    collection: Collection, parameters: RankingParameters, question: Question, root: AnalysedNode, page: Page
) -> tuple[AnalysedNode, Evaluation]:
    """The query with the telling words of its best documents. page: what it finds without them."""
    from .ranking.feedback import DOCUMENTS, expanded
    from .ranking.loose import LooseEvaluation

    best = page.found
    if question.offset or question.limit < DOCUMENTS or question.sort != "score" or question.recent:
        best = best_page(collection, Evaluation(collection, root, parameters), DOCUMENTS, 0, "score").found
    more = expanded(collection, root, best, parameters)
    return more, LooseEvaluation(collection, more, parameters, root)


def _recency(collection: Collection) -> Recency:
    return recency_of(
        [view.segment.dates if view.live is None else view.segment.dates[view.live] for view in collection.views]
    )


_RECENCY = Attached(_recency)


def _like(collection: Collection, parameters: RankingParameters, question: Question) -> Answer:
    """Documents like the one that the query names."""
    from .ranking.like_documents import similar_query
    from .ranking.loose import LooseEvaluation

    number, doc = find_document(collection, question.query)
    root: AnalysedNode = similar_query(collection, number, doc)
    if question.filters:
        root = Combination(must=(root, *question.filters))
    evaluation = LooseEvaluation(collection, root, parameters)
    page = best_page(
        collection, evaluation, question.limit, question.offset, "score", exact_total=True, without=(number, doc)
    )
    return Answer(page, root, evaluation)


def find_document(collection: Collection, name: str) -> tuple[int, int]:
    """(number of the segment, doc id there) of a live document, by its id or its path. Raises DocumentMissing.

    A path may be relative. That of a file in an indexed folder tells its id; any other is looked for in all records.
    """
    from pathlib import Path

    absolute = Path(name).absolute()
    paths = dict.fromkeys((absolute, Path(os.path.normpath(absolute)), Path(os.path.realpath(absolute))))
    ids = [
        f"{noted['prefix']}/{path.relative_to(root).as_posix()}"
        for path in paths
        for root, noted in collection.roots.items()
        if path.is_relative_to(root)
    ]
    for wanted in dict.fromkeys((name, *ids)):
        for view in collection.views:
            doc = view.segment.doc_of_id(wanted)
            if doc >= 0 and (view.live is None or view.live[doc]):
                return view.number, doc
    named = {name, *map(str, paths)}
    for view in collection.views:
        for doc in range(view.doc_count) if view.live is None else view.live.nonzero()[0].tolist():
            if view.segment.record(doc)["path"] in named:
                return view.number, doc
    raise DocumentMissing(
        f"{name}: no document of the index has this id or path; `naidi index` adds it if it is a file"
    )


def filters_of(
    language: str | None, since: datetime.date | None, until: datetime.date | None
) -> tuple[DateRange | LanguageIs, ...]:
    """What narrows a search by language and by days."""
    filters: list[DateRange | LanguageIs] = []
    if language is not None:
        filters.append(LanguageIs(language.lower()))
    if since is not None or until is not None:
        filters.append(DateRange(since, until))
    return tuple(filters)
