"""The one facade: open an index, ask it, get hits."""

from __future__ import annotations

import datetime
import os
import threading
import time
from pathlib import Path
from types import TracebackType

from naidi.indexer.errors import IndexDamaged, IndexOutdated, InvalidQuery
from naidi.indexer.state.generations import Generation, open_generation

from .answer import Question, answer_to, filters_of
from .collection import Collection
from .hits import hits_of
from .ranking.bm25 import RankingParameters
from .results import Completion, Results

MODES = ("any", "all")
SORTS = ("score", "date", "-date")


class Searcher:
    """Answers queries on one state of an index; `refresh` moves on to a newer one. May be shared between threads."""

    def __init__(self, directory: str | Path, *, parameters: RankingParameters | None = None) -> None:
        """Raises IndexMissing, IndexDamaged or IndexOutdated; each says what to do."""
        self._directory = Path(directory)
        self._parameters = parameters or RankingParameters()
        self._lock = threading.Lock()
        self._state: tuple[Generation, Collection] | None = self._open()

    def _open(self) -> tuple[Generation, Collection]:
        from naidi.indexer.analysis.lemmatize.fingerprint import fingerprint

        generation = open_generation(self._directory)
        if generation.manifest.fingerprint != fingerprint():
            raise IndexOutdated(
                f"{self._directory}: made by another version of the analysis; `naidi index` brings it up to date"
            )
        return generation, Collection(generation)

    @property
    def generation(self) -> Generation:
        """The state that is searched."""
        return self._opened()[0]

    def _opened(self) -> tuple[Generation, Collection]:
        state = self._state
        if state is None:
            raise ValueError("this searcher is closed")
        return state

    @property
    def doc_count(self) -> int:
        """Documents that can be found."""
        return self._opened()[1].doc_count

    def refresh(self) -> bool:
        """Move on to the newest state; whether there was a newer one. Searches that run meanwhile finish on the old one."""
        with self._lock:
            old = self._opened()[0]
            new = self._open()
            if new[0].name == old.name:
                return False
            self._state = new
            return True

    def close(self) -> None:
        """Let go of the files."""
        self._state = None

    def __enter__(self) -> Searcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        offset: int = 0,
        mode: str = "any",
        language: str | None = None,
        since: datetime.date | None = None,
        until: datetime.date | None = None,
        sort: str = "score",
        snippets: int = 3,
        explain: bool = False,
        exact_total: bool = True,
        exact: bool = False,
        recent: bool = False,
        expand: bool = False,
    ) -> Results:
        """The documents that answer the query, best first.

        limit, offset: which of them. mode: whether any or all of the words must be there. language: an ISO 639-1 code.
        since, until: days, inclusive; documents without a date are left out.
        sort: "score", "date" (oldest first) or "-date" (newest first); undated documents come last in both.
        snippets: at most so many a hit; with 0 no text is read and no word marked.
        explain: say why each hit was found.
        exact_total: count every document found; else `total` may be a lower bound, which spares common words most of their time.
        exact: search for what was typed alone, without help by keyboard, alphabet, spelling, synonyms and related words.
        recent: newer documents score higher. expand: search also for the telling words of the best documents.

        Raises InvalidQuery for arguments without meaning. A malformed query gets the best reading, and a warning.
        """
        started = time.perf_counter()
        _check_arguments(query, limit, offset, mode, language, since, until, sort)
        question = Question(query, limit, offset, mode, filters_of(language, since, until), sort, exact, recent, expand)
        return self._answered(question, started, snippets, explain, exact_total=exact_total)

    def search_ids(
        self,
        query: str,
        limit: int = 10,
        *,
        offset: int = 0,
        mode: str = "any",
        language: str | None = None,
        since: datetime.date | None = None,
        until: datetime.date | None = None,
        sort: str = "score",
        exact: bool = False,
        recent: bool = False,
        expand: bool = False,
    ) -> list[tuple[str, float]]:
        """(id, score) of the documents that `search` would give for the same arguments, in its order, and nothing else of them."""
        _check_arguments(query, limit, offset, mode, language, since, until, sort)
        generation, collection = self._opened()
        question = Question(query, limit, offset, mode, filters_of(language, since, until), sort, exact, recent, expand)
        try:
            answer = answer_to(collection, self._parameters, question, exact_total=False, offered=False)
            segments = collection.segments
            return [(segments[number].doc_id(doc), score) for number, doc, score in answer.page.found]
        except _DAMAGE as error:
            raise _damaged(generation, collection, error) from error

    def similar(
        self,
        document: str,
        limit: int = 10,
        *,
        offset: int = 0,
        language: str | None = None,
        snippets: int = 3,
        explain: bool = False,
    ) -> Results:
        """The documents that have the telling words of one, best first, and never that one.

        document: its id, or the path it was read from, absolute or from here. The rest is as in `search`. Raises DocumentMissing
        if the index has no such document.
        """
        started = time.perf_counter()
        _check_arguments(document, limit, offset, "any", language, None, None, "score")
        question = Question(document, limit, offset, "any", filters_of(language, None, None), like=True)
        return self._answered(question, started, snippets, explain, exact_total=True)

    def suggest(self, text: str, limit: int = 8) -> list[Completion]:
        """Completions of the last word of a text by words of the index, best first."""
        from .suggest.suggest import suggest

        _check_arguments(text, limit, 0, "any", None, None, None, "score")
        generation, collection = self._opened()
        try:
            return suggest(collection, text, limit)
        except _DAMAGE as error:
            raise _damaged(generation, collection, error) from error

    def _answered(
        self, question: Question, started: float, snippets: int, explained: bool, *, exact_total: bool
    ) -> Results:
        generation, collection = self._opened()
        try:
            answer = answer_to(collection, self._parameters, question, exact_total=exact_total, offered=True)
            hits = hits_of(collection, answer, offset=question.offset, snippets=snippets, explained=explained)
        except _DAMAGE as error:
            raise _damaged(generation, collection, error) from error
        warnings = answer.warnings
        if generation.damage is not None:
            warnings = (f"answering from the state before: {generation.damage}", *warnings)
        took_ms = (time.perf_counter() - started) * 1000
        return Results(
            question.query,
            answer.page.total,
            took_ms,
            corrections=answer.corrections,
            warnings=warnings,
            hits=hits,
            offset=question.offset,
            total_is_exact=answer.page.exact,
        )


# Bounds are checked by numpy; what lies outside them was not written by us.
_DAMAGE = (IndexError, UnicodeDecodeError)


def _damaged(generation: Generation, collection: Collection, error: Exception) -> IndexDamaged:
    for view in collection.views:
        view.drop_scratch()  # the search may have stopped between writing to it and making it zero again
    return IndexDamaged(
        f"{generation.directory}: damaged ({error}); see `naidi verify`, rebuild with `naidi index --rebuild`"
    )


def _check_arguments(
    query: object,
    limit: object,
    offset: object,
    mode: str,
    language: object,
    since: object,
    until: object,
    sort: str,
) -> None:
    if not isinstance(query, str):
        raise InvalidQuery(f"the query must be a str, not {type(query).__name__}")
    for name, value in (("limit", limit), ("offset", offset)):
        if not isinstance(value, int) or value < 0:
            raise InvalidQuery(f"{name} must be a whole number from 0, not {value!r}")
    if mode not in MODES:
        raise InvalidQuery(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    if sort not in SORTS:
        raise InvalidQuery(f"sort must be one of {', '.join(SORTS)}, not {sort!r}")
    if language is not None and not isinstance(language, str):
        raise InvalidQuery(f"language must be a code such as 'en', not {language!r}")
    for name, value in (("since", since), ("until", until)):
        if value is not None and not isinstance(value, datetime.date):
            raise InvalidQuery(f"{name} must be a datetime.date, not {value!r}")


def open_index(directory: str | os.PathLike[str] = "index_data") -> Searcher:
    """A searcher on the index in a directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    return Searcher(Path(directory))
