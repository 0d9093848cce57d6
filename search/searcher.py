"""The facade of search: opens an index and answers questions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from naidi.indexer.codec.check import verify_segment
from naidi.indexer.errors import NaidiError
from naidi.indexer.state.generations import Generation, open_generation
from naidi.indexer.state.manifest import UPGRADE

from .answer import answer_to
from .collection import Collection
from .hits import hits_of
from .question import Question, SearchOptions
from .ranking.bm25 import RankingParameters
from .results import Completion, Results

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Searcher:
    """Answers queries from one state of an index. `refresh` moves on to a newer state. Threads may share a searcher."""

    def __init__(self, directory: str | Path, *, parameters: RankingParameters | None = None) -> None:
        """
        Parameters:
          directory: of the index. An index of another analysis answers, with a warning in the results.
          parameters: of the ranking; None for the tuned ones.

        Raises IndexMissing, IndexDamaged or IndexOutdated. The message says what to do.
        """
        self._directory = Path(directory)
        self._parameters = parameters or RankingParameters()
        self._lock = threading.Lock()
        self._current: tuple[Generation, Collection] | None = self._open()

    def _open(self) -> tuple[Generation, Collection]:
        generation = open_generation(self._directory)
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
        """Number of documents that can be found."""
        return self._opened()[1].doc_count

    def refresh(self) -> bool:
        """Move on to the newest state. Searches that are running finish on the old one.

        Returns whether there was a newer state.
        Raises as the constructor does. The searcher then stays on the old state.
        """
        with self._lock:
            old = self._opened()[0]
            new = self._open()
            if new[0].name == old.name:
                return False
            self._current = new
            return True

    def close(self) -> None:
        """Let go of the files. A search on a closed searcher raises ValueError."""
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
        """The documents that answer the query, best first. Any string is a query; a malformed one brings a warning.

        Parameters:
          query: in the language of docs/query-language.md.
          limit: most hits on the page.
          snippets: most snippets of a hit; with 0 no text is read and no word marked.
          explain: give each hit its explanation.
          count_all: count every document found. Otherwise `total` may be a lower bound, which makes common words much faster.
          options: offset, mode, language, since, until, sort, exact, recent, expand; see SearchOptions.

        Raises InvalidQuery for an argument of the wrong type or out of range, TypeError for an unknown option, IndexDamaged if
        the files turn out to be damaged.
        """
        started = time.perf_counter()
        return self._answered(Question.of(query, limit, **options), started, snippets, explain, count_all=count_all)

    def search_ids(self, query: str, limit: int = 10, **options: Unpack[SearchOptions]) -> list[tuple[str, float]]:
        """The ids and scores of the documents that `search` gives for the same arguments, in the same order.

        Parameters:
          query: in the language of docs/query-language.md.
          limit: most documents.
          options: as in `search`.

        Returns (id, score) of each document.
        Raises InvalidQuery, TypeError and IndexDamaged as `search` does.
        """
        question = Question.of(query, limit, **options)
        with self._state() as collection:
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
    ) -> Results:
        """The documents that share the key terms of a document, best first. The document itself is left out.

        Parameters:
          document: its id or its path. A relative path starts at the working directory.
          limit: most hits on the page.
          offset: number of best hits to leave out.
          language: an ISO 639-1 code; only documents in this language.
          snippets: most snippets of a hit; with 0 no text is read and no word marked.
          explain: give each hit its explanation.

        Raises DocumentMissing if the index lacks the document; InvalidQuery and IndexDamaged as `search` does.
        """
        started = time.perf_counter()
        question = Question(document, limit, offset, language=language, like=True)
        return self._answered(question, started, snippets, explain, count_all=True)

    def suggest(self, text: str, limit: int = 8) -> list[Completion]:
        """Completions of the last word of a text by words of the index, best first.

        Parameters:
          text: as typed so far.
          limit: most completions.

        Raises InvalidQuery and IndexDamaged as `search` does.
        """
        from .suggest.suggest import suggest

        question = Question(text, limit)
        with self._state() as collection:
            return suggest(collection, question.query, question.limit)

    def _answered(
        self, question: Question, started: float, snippets: int, explained: bool, *, count_all: bool
    ) -> Results:
        generation = self.generation
        with self._state() as collection:
            answer = answer_to(collection, self._parameters, question, count_all=count_all, tell=True)
            hits = hits_of(collection, answer, offset=question.offset, snippets=snippets, explained=explained)
        warnings = (*_warnings_about(generation), *answer.warnings)
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

    @contextmanager
    def _state(self) -> Iterator[Collection]:
        """The state to search.

        An unexpected error in a search may come from damaged files or from a bug. So all segments are verified first. Only if one
        of them is damaged, the error becomes IndexDamaged; else it is raised as it is.
        """
        _, collection = self._opened()
        try:
            yield collection
        except BaseException as error:
            for view in collection.views:
                view.drop_scratch()  # the search may have stopped before it set its arrays back to zero
            if isinstance(error, Exception) and not isinstance(error, (NaidiError, OSError, MemoryError)):
                for segment in collection.segments:
                    verify_segment(segment)  # raises IndexDamaged
            raise


def _warnings_about(generation: Generation) -> Iterator[str]:
    """What whoever reads its answers should know of a state."""
    from naidi.indexer.analysis.lemmatize.fingerprint import fingerprint

    if generation.damage is not None:
        yield f"answering from the state before: {generation.damage}"
    if generation.manifest.fingerprint != fingerprint():
        # Most keys of two versions of a dictionary are the same, so the answers are nearly right.
        yield f"{generation.directory.parent}: made by another version of the analysis, some words may not be found; {UPGRADE}"


def open_index(directory: str | os.PathLike[str] = "index_data") -> Searcher:
    """A searcher for the index in a directory. Raises IndexMissing, IndexDamaged or IndexOutdated."""
    return Searcher(Path(directory))
