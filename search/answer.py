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

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import cached_property
from naidi.indexer.messages import message
from naidi.indexer.record import replace
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.word_bridges import WordBridges, bridges_of
from .budget import MAX_HELPED, TimeUp
from .corrections import corrections_of, in_order, offers
from .query.analysed import AnalysedNode, Bridged, Combination, NoDocument
from .question import Question
from .ranking.found_page import Page
from .ranking.page_cut import PageCut
from .read_query import QueryReader, QueryReading, Respelling, finds_little, respellings, respelt
from .results import Correction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .index_state import IndexState, QueryEvaluation
    from .ranking.recency import Recency


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
    evaluation: QueryEvaluation | None = None
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    replaced: tuple[Correction, ...] = ()
    recency: Recency | None = None
    without: tuple[int, int] | None = None


# No index has so many documents.
_FARTHEST = 1 << 40


class _Attempt(NamedTuple):
    """One way to read the query, with what it found. mended: whether words also stand for the nearest words of the index."""

    reading: QueryReading
    root: AnalysedNode
    evaluation: QueryEvaluation
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
    state: IndexState,
    question: Question,
    *,
    count_all: bool,
    tell: bool,
    explained: bool = False,
) -> Answer:
    """Answer a question.

    Parameters:
      state: of the index.
      count_all: count every document found. Otherwise the total may be a lower bound.
      tell: give all corrections. Otherwise only those for the wrong keyboard layout are given.
      explained: whether the scores of the page will be explained.

    Raises DocumentMissing if the question names a document that the index lacks.
    """
    search = _Search(state, question, count_all, tell, explained)
    return search.like() if question.like else search.answer(tell=tell)


class _Search:
    """One question on its way to an answer."""

    def __init__(
        self,
        state: IndexState,
        question: Question,
        count_all: bool,
        shown: bool,
        explained: bool,
    ) -> None:
        self._state = state
        self._words = words = state.words
        self._question = question
        self._count_all = count_all
        self._shown = shown
        self._explained = explained
        self._bridges: WordBridges | None = None
        if not question.exact and not question.like:
            self._bridges = bridges_of(words, translate=question.translate)
        self._warnings: list[str] = []
        self._filters = question.filters(words, self._warnings.append)
        self._sort = None if question.is_by_score else state.sort_order(question.sort_keys)
        known = None if self._bridges is None else state.known_node(translate=question.translate)
        self._reader = QueryReader(words, question.mode, self._filters, self._bridges, known)
        self._recency = state.recency() if question.recent else None
        self._cut = PageCut(question.limit, min(question.offset, _FARTHEST))
        if question.after is not None or question.collapse is not None:
            self._cut = _cut_of(state, question)

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
            if attempt.evaluation.scored_count <= MAX_HELPED:
                more = self._expanded(attempt)
                found.take(more)
                found.added = self._added(attempt, more) if tell else ()
            elif self._question.expand is True:
                found.warnings += (
                    message("the query has more than {most} words: it is not expanded", most=MAX_HELPED),
                )

    def _mended_reading(self, reading: QueryReading) -> QueryReading:
        """The query with the nearest words of the documents that may be found instead of words that no document has."""
        if self._bridges is None or reading.tree is None or not (reading.has_unknown or reading.layout_corrections):
            return reading
        from .mending import Mender

        seen = self._visible if self._hides else self._state
        mender = Mender(self._words, seen.words, seen.phrase_freq, self._bridges)
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
        return self._try(last.reading, respelt(self._words, last.root, found), mended=True)

    def _try(self, reading: QueryReading, root: AnalysedNode, *, mended: bool = False) -> _Attempt:
        root = self._state.permitted(root, self._question.only)
        evaluation = self._state.evaluation(root)
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
        offered = tuple(offers(self._words, attempt.root, found))
        if attempt.reading.root is None or not any(one.told for one in offered):
            return offered
        root = respelt(self._words, attempt.reading.root, found, instead=True)
        try:
            page = self._try(attempt.reading, root).page
        except TimeUp:
            return offered
        if page.partial or (not page.found and page.total != attempt.page.total):
            return offered
        shown, others = ([(number, doc) for number, doc, _ in each.found] for each in (attempt.page, page))
        return tuple(replace(one, told=False) for one in offered) if shown == others else offered

    def _seen(self, root: AnalysedNode) -> QueryEvaluation:
        """The evaluation of a query in the documents that may be found."""
        return self._visible.evaluation(root)

    @cached_property
    def _visible(self) -> IndexState:
        return self._state.narrowed(self._filters, self._question.only)

    def _page_of(self, evaluation: QueryEvaluation) -> Page:
        return self._state.page(
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
        from .ranking.feedback import DOCUMENTS

        state, question, best = self._state, self._question, attempt.page.found
        by_score = self._sort is None and self._cut.is_plain and not question.recent
        if question.offset or question.limit < DOCUMENTS or not by_score:
            best = state.page(state.evaluation(attempt.root), PageCut(DOCUMENTS, 0)).found
        root = state.expanded(attempt.root, best, careful=question.expand == "auto")
        if root is attempt.root:
            return attempt
        evaluation = state.evaluation(root, attempt.root)
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
        state, question = self._state, self._question
        try:
            place = state.find_document(question.query)
            root = state.similar_query(place)
            if self._filters:
                root = Combination(must=(root, *self._filters))
            root = state.permitted(root, question.only)
            evaluation = state.evaluation(root, NoDocument())
            evaluation.match()
        except TimeUp:
            return Answer(Page(0, [], None, exact=False, partial=True))
        page = state.page(evaluation, self._cut, without=place)
        return Answer(page, root, evaluation, warnings=tuple(self._warnings), without=place)


def visible_to(state: IndexState, question: Question) -> IndexState:
    """The state with those documents alone that pass the filters of a question.

    Raises InvalidQuery for a field that the index lacks: there is nowhere to warn.
    """
    warnings: list[str] = []
    filters = question.filters(state.words, warnings.append)
    _refuse(warnings)
    return state.narrowed(filters, question.only)


def _cut_of(state: IndexState, question: Question) -> PageCut:
    """The page that a question asks for by a cursor, or of one hit for each value of a field."""
    offset, behind = min(question.offset, _FARTHEST), None
    if question.after is not None:
        from .cursor import Cursor

        cursor = Cursor.of(question.after, question.identity)
        offset = cursor.offset
        if cursor.generation != state.generation:
            behind = state.place_of(cursor.doc_id)
    if question.collapse is not None:
        state.check_groups(question.collapse)
    return PageCut(question.limit, offset, behind, question.collapse)


def _refuse(warnings: Sequence[str]) -> None:
    if warnings:
        raise InvalidQuery(warnings[0])
