"""The one facade: open an index, ask it, get hits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from naidi.indexer.codec.check import verify_segment
from naidi.indexer.errors import IndexOutdated, InvalidQuery, NaidiError
from naidi.indexer.state.generations import Generation, open_generation

from .answer import answer_to
from .budget import MAX_HITS, MAX_SUGGESTED, TimeUp, time_limit
from .collection import Collection
from .hits import hits_of
from .question import Question, SearchOptions
from .ranking.bm25 import RankingParameters
from .results import Completion, Results

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Searcher:
    """Answers queries on one state of an index; `refresh` moves on to a newer one. May be shared between threads."""

    def __init__(self, directory: str | Path, *, parameters: RankingParameters | None = None) -> None:
        """Raises IndexMissing, IndexDamaged or IndexOutdated; each says what to do."""
        self._directory = Path(directory)
        self._parameters = parameters or RankingParameters()
        self._lock = threading.Lock()
        self._current: tuple[Generation, Collection] | None = self._open()

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
        state = self._current
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
            self._current = new
            return True

    def close(self) -> None:
        """Let go of the files."""
        self._current = None

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
        snippets: int = 3,
        explain: bool = False,
        count_all: bool = True,
        **options: Unpack[SearchOptions],
    ) -> Results:
        """The documents that answer the query, best first. A malformed query gets the best reading, and a warning.

        Parameters:
          query: see docs/query-language.md.
          limit: at most so many hits.
          snippets: at most so many a hit; with 0 no text is read and no word marked.
          explain: say why each hit was found.
          count_all: count every document found; else `total` may be a lower bound, which spares common words most of their time.
          options: offset, mode, language, since, until, sort, exact, recent, expand, timeout; see SearchOptions.

        What a query may cost is limited, also without a timeout. What is left out is told in `warnings`; docs/query-language.md has
        the limits.
        Raises InvalidQuery for an argument that has no meaning, IndexDamaged if the index turns out to be damaged.
        """
        started = time.perf_counter()
        return self._answered(Question.of(query, limit, **options), started, snippets, explain, count_all=count_all)

    def search_ids(self, query: str, limit: int = 10, **options: Unpack[SearchOptions]) -> list[tuple[str, float]]:
        """The ids and scores of the documents that `search` would give for the same arguments, in its order.

        Parameters:
          query: see docs/query-language.md.
          limit: at most so many documents.
          options: as in `search`. When a timeout has passed, the documents found so far are given.

        Returns (id, score) of each document.
        Raises InvalidQuery, IndexDamaged.
        """
        started = time.perf_counter()
        question = Question.of(query, limit, **options)
        with self._state() as collection, time_limit(started, question.timeout):
            answer = answer_to(collection, self._parameters, question, count_all=False, tell=False)
            segments = collection.segments
            return [(segments[number].doc_id(doc), score) for number, doc, score in answer.page.found]

    def similar(
        self,
        document: str,
        limit: int = 10,
        *,
        offset: int = 0,
        language: str | None = None,
        snippets: int = 3,
        explain: bool = False,
        timeout: float | None = None,
    ) -> Results:
        """The documents that share the key terms of one document, best first, and never that one.

        Parameters:
          document: its id, or the path it was read from, absolute or from here.
          limit, offset, language, snippets, explain, timeout: as in `search`.

        Raises DocumentMissing if the index has no such document, InvalidQuery, IndexDamaged.
        """
        started = time.perf_counter()
        question = Question(document, limit, offset, language=language, timeout=timeout, like=True)
        return self._answered(question, started, snippets, explain, count_all=True)

    def suggest(self, text: str, limit: int = 8, *, timeout: float | None = None) -> list[Completion]:
        """Completions of the last word of a text by words of the index, best first.

        Parameters:
          text: what was typed so far.
          limit: at most so many, and at most 1,000.
          timeout: seconds after which the completions found so far are given.

        Raises InvalidQuery, IndexDamaged.
        """
        from .suggest.suggest import each_completion

        started = time.perf_counter()
        question = Question(text, limit, timeout=timeout)
        found: list[Completion] = []
        with self._state() as collection, time_limit(started, timeout), suppress(TimeUp):
            for completion in each_completion(collection, question.query, min(question.limit, MAX_SUGGESTED)):
                found.append(completion)
        return found

    def _answered(
        self, question: Question, started: float, snippets: int, explained: bool, *, count_all: bool
    ) -> Results:
        if type(snippets) is not int or snippets < 0:
            raise InvalidQuery(f"snippets must be a whole number from 0, not {snippets!r}")
        generation = self.generation
        limits: list[str] = []
        if question.limit > MAX_HITS:
            limits.append(f"a page has at most {MAX_HITS:,} hits: with an offset you get the ones behind them")
        with self._state() as collection, time_limit(started, question.timeout):
            asked = replace(question, limit=min(question.limit, MAX_HITS))
            answer = answer_to(collection, self._parameters, asked, count_all=count_all, tell=True)
            shown = hits_of(collection, answer, offset=question.offset, snippets=snippets, explained=explained)
        partial = answer.page.partial or shown.partial
        if partial:
            limits.append(f"the timeout of {question.timeout:g} s ran out: this is what was found so far")
        warnings = (*answer.warnings, *question.warnings, *shown.warnings, *limits)
        if generation.damage is not None:
            warnings = (f"answering from the state before: {generation.damage}", *warnings)
        took_ms = (time.perf_counter() - started) * 1000
        return Results(
            question.query,
            answer.page.total,
            took_ms,
            corrections=answer.corrections,
            warnings=warnings,
            hits=shown.hits,
            offset=question.offset,
            total_is_exact=answer.page.exact,
            partial=partial,
        )

    @contextmanager
    def _state(self) -> Iterator[Collection]:
        """The state to search. An error in the search is told as damage only if the files are not as they were written."""
        _, collection = self._opened()
        try:
            yield collection
        except BaseException as error:
            for view in collection.views:
                view.drop_scratch()  # the search may have stopped between writing to it and making it zero again
            if isinstance(error, Exception) and not isinstance(error, (NaidiError, OSError, MemoryError)):
                for segment in collection.segments:
                    verify_segment(segment)  # raises IndexDamaged
            raise


def open_index(directory: str | os.PathLike[str] = "index_data") -> Searcher:
    """A searcher on the index in a directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    return Searcher(Path(directory))
