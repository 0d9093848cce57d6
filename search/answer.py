"""Answers one question from one state of an index: from the query string to a page of documents.

A query is tried in these ways, until one satisfies:

    as read         Words bring their alternatives (`bridges`). A word that only makes sense in the wrong keyboard layout is
                    read in the right one. In a query of several words, one that no document has gives way to the nearest word
                    (`mending`).
    by dictionary   If nothing was found and no layout was changed: the same, but a word also makes sense if a dictionary
                    has it.
    mended          If nothing was found, or only by guesses (`finds_little`): words that no document has, or hardly
                    any, also stand for the nearest words of the index.
    as typed        If a word was read in another layout and nothing was found: the query in its own layout, and mended.

If no words were mended, their nearest words are offered. Query expansion comes last, if it is asked for.
"""

from __future__ import annotations

import os

from naidi.indexer import core
from naidi.indexer.errors import DocumentMissing, InvalidQuery
from naidi.indexer.file_facts import PART
from naidi.indexer.late import cached_property, np
from naidi.indexer.record import replace
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.word_bridges import WordBridges, bridges_of
from .budget import MAX_HELPED, MAX_NAME, TimeUp, check
from .cache import Attached, Cache
from .collection import Collection, SegmentView
from .corrections import corrections_of, in_order, offers
from .known_words import known_words_of
from .query.analysed import AnalysedNode, Bridged, Combination, Filter, NoDocument
from .question import Question, narrowing_filters
from .ranking.bm25 import RankingParameters
from .ranking.evaluate import Evaluation
from .ranking.found_page import Page
from .ranking.page import best_page
from .ranking.page_cut import PageCut
from .read_query import QueryReader, QueryReading, Respelling, finds_little, respellings, respelt
from .results import Correction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from .ranking.allowed import Allowed
    from .ranking.recency import Recency
    from .ranking.sort_keys import SortKeys
    from .search_options import Only, Where


class Answer(NamedTuple):
    """What a question found.

    page: the documents.
    root: the query that was searched for; None if nothing was asked.
    evaluation: of root; None if nothing was asked.
    corrections: words that were searched for instead of typed ones or beside them, and words that are offered.
    warnings: about the query and about the user's synonyms.
    replaced: the corrections of words that others were read for, with nothing of them left in `root`; `corrections` has them too.
    recency: gives the factors of the scores; None if dates do not count.
    without: (number of its segment, doc id) of a document that is left out; None if there is none.
    """

    page: Page
    root: AnalysedNode | None = None
    evaluation: Evaluation | None = None
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    replaced: tuple[Correction, ...] = ()
    recency: Recency | None = None
    without: tuple[int, int] | None = None


_NARROWED_BYTES = 8_000  # 500 for each
# No index has so many documents.
_FARTHEST = 1 << 40


class _Attempt(NamedTuple):
    """One way to read the query, with what it found. mended: whether words also stand for the nearest words of the index."""

    reading: QueryReading
    root: AnalysedNode
    evaluation: Evaluation
    page: Page
    mended: bool = False

    @property
    def satisfies(self) -> bool:
        """Whether it found documents, and not only by doubtful names of the other alphabet."""
        return bool(self.page.total) and not (self.reading.has_unknown and finds_little(self.evaluation, self.root))


class _Told:
    """What was found of an answer so far."""

    attempt: _Attempt | None = None
    warnings: tuple[str, ...] = ()
    offered: tuple[Correction, ...] = ()
    added: tuple[Correction, ...] = ()
    partial: bool = False

    def take(self, attempt: _Attempt) -> None:
        """Take the page of an attempt for the best so far. Raises TimeUp if it is not whole."""
        if not attempt.page.partial or self.attempt is None or not self.attempt.page.total:
            self.attempt, self.warnings = attempt, attempt.reading.warnings
        if attempt.page.partial:
            raise TimeUp


def answer_to(
    collection: Collection,
    parameters: RankingParameters,
    question: Question,
    *,
    count_all: bool,
    tell: bool,
    explained: bool = False,
) -> Answer:
    """Answer a question.

    Parameters:
      count_all: count every document found. Otherwise the total may be a lower bound.
      tell: give all corrections. Otherwise only those for the wrong keyboard layout are given.
      explained: whether the scores of the page will be explained.

    Raises DocumentMissing if the question names a document that the index lacks.
    """
    search = _Search(collection, parameters, question, count_all, tell, explained)
    return search.like() if question.like else search.answer(tell=tell)


def prepare(collection: Collection, parameters: RankingParameters) -> None:
    """Make what every question needs, so that the first one need not wait for it."""
    from .ranking.postings import reader_of

    reader_of(collection, parameters)
    bridges_of(collection)


class _Search:
    """One question on its way to an answer."""

    def __init__(
        self,
        collection: Collection,
        parameters: RankingParameters,
        question: Question,
        count_all: bool,
        shown: bool,
        explained: bool,
    ) -> None:
        self._collection = collection
        self._parameters = parameters
        self._question = question
        self._count_all = count_all
        self._shown = shown
        self._explained = explained
        self._bridges: WordBridges | None = None
        if not question.exact and not question.like:
            self._bridges = bridges_of(collection, translate=question.translate)
        self._warnings: list[str] = []
        self._filters = question.filters(collection, self._warnings.append)
        self._sort = None if question.is_by_score else _sort_keys(collection, question)
        known = None
        if core.is_used and self._bridges is not None:
            known = known_words_of(collection, parameters, translate=question.translate)
        self._reader = QueryReader(
            collection, question.mode, self._filters, self._bridges, None if known is None else known.node
        )
        self._recency = _RECENCY.of(collection) if question.recent else None
        self._cut = PageCut(question.limit, min(question.offset, _FARTHEST))
        if question.after is not None or question.collapse is not None:
            self._cut = _cut_of(collection, question)

    def answer(self, *, tell: bool) -> Answer:
        """The first attempt that satisfies, or else the last one. If the time runs out, the last one that was begun."""
        found = _Told()
        try:
            self._find(found, tell)
        except TimeUp:
            found.partial = True
        attempt = found.attempt
        told = self._bridges.warnings if self._bridges is not None else ()
        warnings = (*told, *self._warnings, *found.warnings)
        if self._question.strict:
            _refuse((*self._warnings, *found.warnings, *self._question.warnings))
        if attempt is None:
            return Answer(Page(0, [], None, not found.partial, found.partial), warnings=warnings)
        helps: Iterable[Correction] = self._helps(attempt) if tell and self._bridges is not None else ()
        page = attempt.page._replace(exact=False, partial=True) if found.partial else attempt.page
        return Answer(
            page,
            attempt.root,
            attempt.evaluation,
            in_order((*attempt.reading.corrections, *helps, *found.offered, *found.added)),
            warnings,
            attempt.reading.corrections,
            self._recency,
        )

    def _find(self, found: _Told, tell: bool) -> None:
        """Look for the answer, and say what there is of it as soon as it is there. Raises TimeUp."""
        reading = self._reader.read(self._question.query)
        found.warnings = reading.warnings
        reading = self._mended_reading(reading)
        if reading.root is None:
            return
        found.take(self._try(reading, reading.root))
        for next_attempt in self._further_attempts():
            if found.attempt is None or found.attempt.satisfies:
                break
            found.take(next_attempt(found.attempt) or found.attempt)
        attempt = found.attempt
        assert attempt is not None
        if tell and self._bridges is not None and not attempt.mended:
            found.offered = self._offered(attempt)
        if self._question.expand:
            if len(attempt.evaluation.matched) <= MAX_HELPED:
                more = self._expanded(attempt)
                found.take(more)
                found.added = self._added(attempt, more) if tell else ()
            elif self._question.expand is True:
                found.warnings += (f"the query has more than {MAX_HELPED} words: it is not expanded",)

    def _mended_reading(self, reading: QueryReading) -> QueryReading:
        """The query with the nearest words of the documents that may be found instead of words that no document has."""
        if self._bridges is None or reading.tree is None or not (reading.has_unknown or reading.layout_corrections):
            return reading
        from .mending import Mender
        from .ranking.postings import reader_of

        seen = self._visible if self._hides else self._collection
        mender = Mender(self._collection, seen, reader_of(seen, self._parameters), self._bridges)
        try:
            if reading.layout_corrections:
                typed = self._reader.read_as_typed(self._question.query)
                mends = {} if typed.tree is None else mender.mends(typed.tree)
                beside = {one.typed for one in mends.values() if one.is_beside}
                if all(one.original in beside for one in reading.layout_corrections):
                    return self._reader.mended(typed, mends)
            mends = mender.mends(reading.tree)
        except TimeUp:  # what is typed still finds something
            return reading
        return self._reader.mended(reading, mends) if mends else reading

    def _further_attempts(self) -> Iterable[Callable[[_Attempt], _Attempt | None]]:
        """The attempts after the first. Each takes the attempt before it, and gives None if it does not apply."""
        return () if self._bridges is None else (self._by_dictionary, self._mended, self._as_typed, self._mended)

    def _by_dictionary(self, last: _Attempt) -> _Attempt | None:
        if last.page.total or last.reading.layout_corrections:
            return None
        reading = self._reader.read_by_dictionary(self._question.query)
        return None if reading is None or reading.root is None else self._try(reading, reading.root)

    def _as_typed(self, last: _Attempt) -> _Attempt | None:
        """What was read in the other keyboard layout and finds nothing was hardly meant."""
        if last.page.total or not last.reading.layout_corrections:
            return None
        reading = self._mended_reading(self._reader.read_as_typed(self._question.query))
        return None if reading.root is None else self._try(reading, reading.root)

    def _mended(self, last: _Attempt) -> _Attempt | None:
        found = self._respellings(last)
        if not any(one.is_sure for one in found):
            return None
        return self._try(last.reading, respelt(self._collection, last.root, found), mended=True)

    def _try(self, reading: QueryReading, root: AnalysedNode, *, mended: bool = False) -> _Attempt:
        root = self._permitted(root)
        evaluation = Evaluation(self._collection, root, self._parameters)
        return _Attempt(reading, root, evaluation, self._page_of(evaluation), mended)

    @property
    def _hides(self) -> bool:
        """Whether the application lets only some documents be found. Words of others are not told, nor taken for misspelt ones."""
        return self._question.where is not None or self._question.only is not None

    def _respellings(self, attempt: _Attempt) -> Sequence[Respelling]:
        """The nearest words of the documents that may be found, for those that may be misspelt by all documents."""
        found = respellings(attempt.evaluation, attempt.root)
        if not found or not self._hides:
            return found
        misspelt = {one.term.identity for one in found}
        seen = respellings(self._seen(attempt.root), attempt.root)
        return tuple(one for one in seen if one.term.identity in misspelt)

    def _helps(self, attempt: _Attempt) -> tuple[Correction, ...]:
        """The alternatives that were searched for. Where words must be hidden, those alone that may be seen."""
        evaluation, found = attempt.evaluation, attempt.page.found

        def arms_of(node: Bridged) -> set[int]:
            try:
                return evaluation.best_arms(node, [(number, doc) for number, doc, _ in found])
            except TimeUp:
                return set(range(len(node.arms)))

        arms = arms_of if found else None
        helps = tuple(corrections_of(attempt.root, lambda node: evaluation.bridge_weights.is_anywhere(node), arms))
        if not helps or not self._hides:
            return helps
        seen = self._seen(attempt.root)
        return tuple(corrections_of(attempt.root, lambda node: seen.bridge_weights.is_anywhere(node), arms))

    def _offered(self, attempt: _Attempt) -> tuple[Correction, ...]:
        """The words that are offered. They are not told if the query with them shows the same documents."""
        found = self._respellings(attempt)
        if not found:
            return ()
        offered = tuple(offers(self._collection, attempt.root, found))
        if attempt.reading.root is None or not any(one.told for one in offered):
            return offered
        root = respelt(self._collection, attempt.reading.root, found, instead=True)
        try:
            page = self._try(attempt.reading, root).page
        except TimeUp:
            return offered
        if page.partial or (not page.found and page.total != attempt.page.total):
            return offered
        shown, others = ([(number, doc) for number, doc, _ in each.found] for each in (attempt.page, page))
        return tuple(replace(one, told=False) for one in offered) if shown == others else offered

    def _seen(self, root: AnalysedNode) -> Evaluation:
        """The evaluation of a query in the documents that may be found."""
        return Evaluation(self._visible, root, self._parameters)

    @cached_property
    def _visible(self) -> Collection:
        only, filters = self._question.only, self._filters
        if callable(only):
            return _narrowed(self._collection, filters, only)
        return _NARROWED.of(self._collection).get(filters, lambda: _narrowed(self._collection, filters, None))

    def _permitted(self, root: AnalysedNode) -> AnalysedNode:
        """The query, narrowed to the documents that the function of the application lets pass. It is asked of those found."""
        only = self._question.only
        if not callable(only):
            return root
        from .query.analysed import AmongDocs

        evaluation = Evaluation(self._collection, root, self._parameters)
        docs = []
        for view in self._collection.views:
            found = evaluation.found(view.number)
            doc_id = view.segment.doc_id
            of_segment = [] if found is None else found.docs.tolist()
            docs.append(np.array([doc for doc in of_segment if only(doc_id(doc))], np.int64))
        return Combination(must=(root, AmongDocs(docs)))

    def _page_of(self, evaluation: Evaluation) -> Page:
        return best_page(
            self._collection,
            evaluation,
            self._cut,
            self._sort,
            count_all=self._count_all,
            recency=self._recency,
            shown=self._shown,
            explained=self._explained,
        )

    def _expanded(self, attempt: _Attempt) -> _Attempt:
        """The query with key terms of its best documents."""
        from .ranking.feedback import DOCUMENTS, expanded

        question, best = self._question, attempt.page.found
        by_score = self._sort is None and self._cut.is_plain and not question.recent
        if question.offset or question.limit < DOCUMENTS or not by_score:
            plain = Evaluation(self._collection, attempt.root, self._parameters)
            best = best_page(self._collection, plain, PageCut(DOCUMENTS, 0)).found
        careful = question.expand == "auto"
        root = expanded(self._collection, attempt.root, best, self._parameters, careful=careful)
        if root is attempt.root:
            return attempt
        evaluation = Evaluation(self._collection, root, self._parameters, attempt.root)
        evaluation.match()
        return _Attempt(attempt.reading, root, evaluation, self._page_of(evaluation), attempt.mended)

    def _added(self, attempt: _Attempt, more: _Attempt) -> tuple[Correction, ...]:
        """The key terms that an expanded query has, as words beside the whole query."""
        from .ranking.feedback import added_words

        return tuple(
            Correction(self._question.query, word, "expansion", action="as well", confidence=weight)
            for word, weight in added_words(attempt.root, more.root)
        )

    def like(self) -> Answer:
        """The documents like the one that the query names."""
        from .ranking.like_documents import similar_query

        question = self._question
        try:
            number, doc = find_document(self._collection, question.query)
            root: AnalysedNode = similar_query(self._collection, number, doc)
            if self._filters:
                root = Combination(must=(root, *self._filters))
            root = self._permitted(root)
            evaluation = Evaluation(self._collection, root, self._parameters, NoDocument())
            evaluation.match()
        except TimeUp:
            return Answer(Page(0, [], None, exact=False, partial=True))
        page = best_page(self._collection, evaluation, self._cut, without=(number, doc))
        return Answer(page, root, evaluation, warnings=tuple(self._warnings), without=(number, doc))


def allowed_by(collection: Collection, where: Where | None = None, only: Only | None = None) -> Allowed | None:
    """For each segment, which documents pass two options of a search.

    None where a search has more to say or to do: for a field that the index lacks, a function, and what can be read but once.

    Raises InvalidQuery as `Question.filters` does.
    """
    if callable(only) or hasattr(only, "__next__"):
        return None
    warnings: list[str] = []
    filters = narrowing_filters(collection, warnings.append, where, only)
    if warnings:
        return None
    from .ranking.allowed import allowed_docs

    return allowed_docs(collection, filters)


def visible_to(collection: Collection, question: Question) -> Collection:
    """The state with those documents alone that pass the filters of a question.

    Raises InvalidQuery for a field that the index lacks: there is nowhere to warn.
    """
    warnings: list[str] = []
    filters = question.filters(collection, warnings.append)
    _refuse(warnings)
    return _narrowed(collection, filters, question.only)


def _narrowed(collection: Collection, filters: tuple[Filter, ...], only: Only | None) -> Collection:
    """The state with those documents alone that pass filters, and `only` if that is a function."""
    from .ranking.allowed import allowed_docs

    everything = tuple([np.ones(view.doc_count, bool) for view in collection.views])
    allowed = allowed_docs(collection, filters) if filters else everything
    if not callable(only):
        return collection.narrowed(allowed)
    passing = []
    for view, mask in zip(collection.views, allowed, strict=True):
        docs = np.flatnonzero(mask if view.live is None else mask & view.live).tolist()
        passing.append(np.zeros(view.doc_count, bool))
        passing[-1][[doc for doc in docs if only(view.segment.doc_id(doc))]] = True
    return collection.narrowed(passing)


def _sort_keys(collection: Collection, question: Question) -> SortKeys:
    from .ranking.sort_keys import SortKeys

    return SortKeys(collection, question.sort_keys)


def _cut_of(collection: Collection, question: Question) -> PageCut:
    """The page that a question asks for by a cursor, or of one hit for each value of a field."""
    offset, behind = min(question.offset, _FARTHEST), None
    if question.after is not None:
        from .cursor import Cursor

        cursor = Cursor.of(question.after, question.identity)
        offset = cursor.offset
        if cursor.generation != collection.generation:
            place = collection.place_of(cursor.doc_id)
            behind = None if place is None else (place[0].number, place[1])
    if question.collapse is not None:
        from .ranking.sort_keys import check_groups

        check_groups(collection, question.collapse)
    return PageCut(question.limit, offset, behind, question.collapse)


def _refuse(warnings: Sequence[str]) -> None:
    if warnings:
        raise InvalidQuery(warnings[0])


def _recency(collection: Collection) -> Recency:
    from .ranking.recency import recency_of

    return recency_of(
        [view.segment.dates if view.live is None else view.segment.dates[view.live] for view in collection.views]
    )


_RECENCY = Attached(_recency)
# The documents that filters let pass, as a state of their own: for the filters used last.
_NARROWED: Attached[Collection, Cache[tuple[Filter, ...], Collection]] = Attached(lambda _: Cache(_NARROWED_BYTES))


def find_document(collection: Collection, name: str) -> tuple[int, int]:
    """Find a live document by its id or its path.

    A file in an indexed folder is found by the id that its path makes. The paths of other documents are looked up in a table. It is
    made at the first name that is no id, and kept.

    Parameters:
      name: an id, or a path; relative paths start at the working directory. A part of a file, such as a row of a table, stands
        behind the path: `table.csv//3`.

    Returns (number of the segment, doc id there).
    Raises DocumentMissing if no live document has this id or path, or if the file has several documents.
    """
    paths: dict[Path, None] = {}
    ids = [name]
    if len(name) <= MAX_NAME and "\0" not in name:
        paths = _paths_of(name)
        ids += _ids_of(collection, paths)
        file, mark, part = name.partition(PART)
        if file and part:
            ids += [f"{doc_id}{mark}{part}" for doc_id in _ids_of(collection, _paths_of(file))]
    for wanted in dict.fromkeys(ids):
        place = collection.place_of(wanted)
        if place is not None:
            return place[0].number, place[1]
    if paths:
        for named in dict.fromkeys((name, *map(str, paths))):
            for view in collection.views:
                for doc in _PATHS.of(view).docs_of(named):
                    if (view.live is None or view.live[doc]) and view.segment.record(doc)["path"] == named:
                        return view.number, doc
    shown = name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"
    parts = [part for wanted in dict.fromkeys(ids) for part in _parts_of(collection, wanted)]
    if len(parts) == 1:
        return parts[0]
    if parts:
        names = ", ".join(collection.segments[number].doc_id(doc)[:_MOST_SHOWN] for number, doc in parts[:_PARTS_SHOWN])
        more = ", …" if len(parts) > _PARTS_SHOWN else ""
        raise DocumentMissing(f"{shown}: this file has {len(parts):,} documents; name one of them: {names}{more}")
    raise DocumentMissing(
        f"{shown}: no document of the index has this id or path; `naidi index` adds it if it is a file"
    )


def _paths_of(name: str) -> dict[Path, None]:
    from pathlib import Path

    absolute = Path(name).absolute()
    return dict.fromkeys((absolute, Path(os.path.normpath(absolute)), Path(os.path.realpath(absolute))))


def _ids_of(collection: Collection, paths: Iterable[Path]) -> list[str]:
    """The ids that the documents of files have, if the files lie in indexed folders."""
    return [
        f"{noted['prefix']}/{path.relative_to(root).as_posix()}"
        for path in paths
        for root, noted in collection.roots.items()
        if path.is_relative_to(root)
    ]


def _parts_of(collection: Collection, file_id: str) -> list[tuple[int, int]]:
    """The live documents that are parts of a file, in the order in which they were read."""
    found = []
    for view in collection.views:
        ranks = view.segment.ids.prefix_range(f"{file_id}{PART}")
        docs = np.sort(view.segment.id_docs[ranks.start : ranks.stop])
        found += [(view.number, doc) for doc in docs.tolist() if view.live is None or view.live[doc]]
    return found


class _Paths:
    """The paths of the documents of a segment that do not come from an indexed folder: those that an application has named.

    Kept are hashes, 16 bytes a path.
    """

    def __init__(self, view: SegmentView) -> None:
        segment = view.segment
        hashes: list[int] = []
        docs: list[int] = []
        for number, doc in enumerate((segment.synced == 0).nonzero()[0].tolist()):
            if not number % _RECORDS_A_CHECK:
                check()
            path = segment.record(doc)["path"]
            if path is not None:
                hashes.append(hash(path))
                docs.append(doc)
        self._hashes = np.array(hashes, np.int64)
        order = self._hashes.argsort(kind="stable")
        self._hashes, self._docs = self._hashes[order], np.array(docs, np.int64)[order]

    def docs_of(self, path: str) -> list[int]:
        """The documents that may have a path."""
        first, last = (int(self._hashes.searchsorted(hash(path), side=side)) for side in ("left", "right"))
        return list(map(int, self._docs[first:last]))


_PATHS = Attached(_Paths)
_RECORDS_A_CHECK = 500
_MOST_SHOWN = 200
_PARTS_SHOWN = 3
