"""The one facade: open an index, ask it, get hits."""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from indexer.errors import IndexDamaged, IndexOutdated, InvalidQuery
from indexer.generations import Generation, open_generation
from search.collection import Collection
from search.highlight import MatchedWords
from search.long_texts import text_to_show
from search.query.analysed import AnalysedNode, Combination
from search.query.nodes import DateRange, LanguageIs
from search.query.parser import parse
from search.query.rewrite import MAX_TERMS, Rewriter
from search.ranking.bm25 import RankingParameters
from search.ranking.evaluate import Evaluation
from search.ranking.explain import explain
from search.ranking.page import Page, best_page
from search.results import Hit, Mark, Results, Snippet

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
        from indexer.analysis.lemmatize.fingerprint import fingerprint

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
    ) -> Results:
        """The documents that answer the query, best first.

        limit, offset: which of them. mode: whether any or all of the words must be there. language: an ISO 639-1 code.
        since, until: days, inclusive; documents without a date are left out.
        sort: "score", "date" (oldest first) or "-date" (newest first); undated documents come last in both.
        snippets: at most so many a hit; with 0 no text is read and no word marked.
        explain: say why each hit was found.
        exact_total: count every document found; else `total` may be a lower bound, which spares common words most of their time.

        Raises InvalidQuery for arguments without meaning. A malformed query gets the best reading, and a warning.
        """
        started = time.perf_counter()
        _check_arguments(query, limit, offset, mode, language, since, until, sort)
        generation, collection = self._opened()
        try:
            page, warnings, hits = self._search(
                collection,
                query,
                limit,
                offset,
                mode,
                _filters(language, since, until),
                sort,
                snippets,
                explain,
                exact_total,
            )
        except _DAMAGE as error:
            raise _damaged(generation, collection, error) from error
        if generation.damage is not None:
            warnings = (f"answering from the state before: {generation.damage}", *warnings)
        took_ms = (time.perf_counter() - started) * 1000
        return Results(
            query,
            page.total,
            took_ms,
            warnings=warnings,
            hits=tuple(hits),
            offset=offset,
            total_is_exact=page.exact,
        )

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
    ) -> list[tuple[str, float]]:
        """(id, score) of the documents that `search` would give for the same arguments, in its order, and nothing else of them."""
        _check_arguments(query, limit, offset, mode, language, since, until, sort)
        generation, collection = self._opened()
        try:
            root, _, _ = _analysed(collection, query, mode, _filters(language, since, until))
            if root is None:
                return []
            evaluation = Evaluation(collection, root, self._parameters)
            found = best_page(collection, evaluation, limit, offset, sort, exact_total=False).found
            segments = collection.segments
            return [(segments[number].doc_id(doc), score) for number, doc, score in found]
        except _DAMAGE as error:
            raise _damaged(generation, collection, error) from error

    def _search(
        self,
        collection: Collection,
        query: str,
        limit: int,
        offset: int,
        mode: str,
        filters: Sequence[DateRange | LanguageIs],
        sort: str,
        snippets: int,
        explained: bool,
        exact_total: bool,
    ) -> tuple[Page, tuple[str, ...], list[Hit]]:
        """(the page, warnings, hits)."""
        root, dropped, warnings = _analysed(collection, query, mode, filters)
        if root is None:
            return Page(0, [], None), warnings, []
        if dropped:
            warnings += (f"the query has {dropped} words more than {MAX_TERMS}: they were left out",)
        evaluation = Evaluation(collection, root, self._parameters)
        page = best_page(collection, evaluation, limit, offset, sort, exact_total=exact_total)
        nearness = page.nearness
        words = MatchedWords(collection, root, evaluation) if snippets else None
        hits = []
        for rank, (number, doc, score) in enumerate(page.found, offset + 1):
            segment = collection.segments[number]
            record = segment.record(doc)
            title = record["title"]
            shown: tuple[Snippet, ...] = ()
            title_marks: tuple[Mark, ...] = ()
            if words is not None:
                highlighter = words.highlighter(snippets)
                view = collection.views[number]
                shown = highlighter.snippets(text_to_show(evaluation, view, doc, words.leaves, snippets))
                title_marks = highlighter.marks(title)
            ordinal = int(segment.dates[doc])
            hits.append(
                Hit(
                    rank,
                    record["id"],
                    record["path"],
                    title,
                    datetime.date.fromordinal(ordinal) if ordinal else None,
                    segment.language_names[int(segment.languages[doc])],
                    score,
                    record["meta"],
                    shown,
                    title_marks,
                    explain(evaluation, root, collection, nearness, number, doc, score) if explained else None,
                )
            )
        return page, warnings, hits


# Bounds are checked by numpy; what lies outside them was not written by us.
_DAMAGE = (IndexError, UnicodeDecodeError)


def _damaged(generation: Generation, collection: Collection, error: Exception) -> IndexDamaged:
    for view in collection.views:
        view.drop_scratch()  # the search may have stopped between writing to it and making it zero again
    return IndexDamaged(
        f"{generation.directory}: damaged ({error}); see `naidi verify`, rebuild with `naidi index --rebuild`"
    )


def _analysed(
    collection: Collection, query: str, mode: str, filters: Sequence[DateRange | LanguageIs]
) -> tuple[AnalysedNode | None, int, tuple[str, ...]]:
    """(the query's tree, None where it asks for nothing; words left out; warnings)."""
    parsed = parse(query, mode="all" if mode == "all" else "any")
    if parsed.tree is None:
        return None, 0, parsed.warnings
    rewriter = Rewriter(collection)
    root: AnalysedNode = rewriter.rewrite(parsed.tree)
    if filters:
        root = Combination(must=(root, *filters))
    return root, rewriter.dropped, parsed.warnings


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


def _filters(
    language: str | None, since: datetime.date | None, until: datetime.date | None
) -> list[DateRange | LanguageIs]:
    filters: list[DateRange | LanguageIs] = []
    if language is not None:
        filters.append(LanguageIs(language.lower()))
    if since is not None or until is not None:
        filters.append(DateRange(since, until))
    return filters


def open_index(directory: str | os.PathLike[str] = "index_data") -> Searcher:
    """A searcher on the index in a directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    return Searcher(Path(directory))
