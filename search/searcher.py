"""The facade of search: opens an index and answers questions."""

from __future__ import annotations

import os
import time

from naidi.indexer import core
from naidi.indexer.errors import IndexDamaged, InvalidQuery
from naidi.indexer.late import Lock, cached_property, path_text, suppress
from naidi.indexer.log import INFO, listener, warn
from naidi.indexer.messages import message, sentence
from naidi.indexer.record import replace
from naidi.indexer.state.generations import Generation, open_generation, read_current
from naidi.indexer.typed import TYPE_CHECKING

from .answer import answer_to
from .budget import MAX_HITS, MAX_SUGGESTED, TimeUp, is_up, time_limit
from .collection import Collection, FileState
from .hits import bare_hits
from .known_words import KnownWords, known_words_of
from .plain_answer import PlainAnswer, PlainAnswers
from .question import Question
from .ranking.bm25 import RankingParameters
from .results import Facet, Hit, Results, Snippet
from .segments_state import SegmentsState, allowed_by
from .snippets.highlighter import check_chars

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from naidi.indexer.conditions import FacetRequest
    from naidi.indexer.fields import Field

    from .answer import Answer
    from .hits import Shown
    from .index_state import IndexState
    from .search_options import Only, SearchOptions, Where
    from .stored_documents import StoredDocument
    from .suggest.suggest import Completion


_LOG = "naidi.search"
# A search that takes so long is logged, with so many characters of its query.
_SLOW_MS = 1000.0
_QUERY_TOLD = 200


class OpenState:
    """A state of an index that is open, wherever its documents are.

    collection: the words of the index.
    name: of the state, for who reads the log.
    known_words, plain_answers: what answers plain queries at once; None where nothing does.
    """

    known_words: KnownWords | None = None
    plain_answers: PlainAnswers | None = None

    def __init__(self, collection: Collection, name: str) -> None:
        self.collection = collection
        self.name = name


class _State(OpenState):
    """A state of an index in a folder. The searcher that stands on it holds it, and each search that runs.

    When the last of them lets go, what was learnt of the state is dropped, and the files go that no other state has: at once and
    without the garbage collector, since nothing else holds them in a circle. Nothing in a collection holds its state.
    """

    def __init__(self, generation: Generation, collection: Collection, parameters: RankingParameters) -> None:
        super().__init__(collection, generation.name)
        self.generation = generation
        self.index = SegmentsState(collection, parameters)
        self._parameters = parameters

    @cached_property
    def known_words(self) -> KnownWords | None:  # type: ignore[override]
        """See `known_words_of`."""
        return known_words_of(self.collection, self._parameters)

    @cached_property
    def plain_answers(self) -> PlainAnswers | None:  # type: ignore[override]
        """What answers plain queries; None if the core does not take the parameters."""
        known = self.known_words
        return None if known is None else PlainAnswers(self.collection, self._parameters, known)

    def __del__(self) -> None:
        self.collection.forget()


class _Searching:
    """One search of a state. An unexpected error in it becomes IndexDamaged if a segment is damaged.

    A generator would do, but it takes several microseconds, as long as a tenth of a small query.
    """

    __slots__ = ("_state",)

    def __init__(self, state: _State) -> None:
        self._state = state

    def __enter__(self) -> IndexState:
        return self._state.index

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            _blame(error, self._state.collection)


def _blame(error: BaseException, collection: Collection) -> None:
    """After an unexpected error in a search: raise IndexDamaged if a segment is damaged."""
    from naidi.indexer.codec.check import blame_damage

    for view in collection.views:
        view.drop_scratch()  # the search may have stopped before it set its arrays back to zero
    blame_damage(error, collection.checked_files)


class Searcher:
    """Answers queries from one state of an index. `refresh` moves on to a newer state. Threads may share a searcher."""

    def __init__(
        self,
        directory: str | Path,
        *,
        parameters: RankingParameters | None = None,
        refresh_every: float | None = None,
    ) -> None:
        """
        Parameters:
          directory: of the index. An index of another analysis answers, with a warning in the results.
          parameters: of the ranking; None for the tuned ones.
          refresh_every: seconds. When it is asked, it looks for a newer state, at most this often. See `open_index`.

        Raises IndexMissing, IndexDamaged or IndexOutdated. The message says what to do. Raises InvalidQuery for seconds below 0.
        """
        if refresh_every is not None and not is_interval(refresh_every):
            raise InvalidQuery(
                message(
                    "refresh_every must be a number of seconds from 0, not {refresh_every}",
                    refresh_every=repr(refresh_every),
                )
            )
        self._directory = path_text(directory)
        self._parameters = parameters or RankingParameters()
        self._lock = Lock()
        self._pid = os.getpid()
        self._refresh_every = refresh_every
        self._told_fault = ""
        self._look_at = 0.0  # the monotonic time of the next look for a newer state
        started = time.perf_counter()
        self._current: OpenState | None = self._open(None)
        self._tell("opened", self._current, started)
        self._looked()

    def _open(self, before: OpenState | None) -> OpenState:
        """The newest state, sharing with an earlier one what both have."""
        known = before if isinstance(before, _State) else None
        generation = open_generation(self._directory, known.generation if known is not None else None)
        collection = Collection(generation, known.collection if known is not None else None)
        return _State(generation, collection, self._parameters)

    def _tell(self, what: str, state: OpenState, started: float) -> None:
        logger = listener(_LOG, INFO)
        if logger is not None:
            seconds, count = time.perf_counter() - started, state.collection.doc_count
            logger.info("%s: %s %s, %d documents, %.3f s", self._directory, what, state.name, count, seconds)

    def _tell_slow(self, question: Question, took_ms: float, total: int) -> None:
        logger = listener(_LOG, INFO)
        if logger is not None:
            query = question.query[:_QUERY_TOLD]
            logger.info("%s: slow search, %.3f s, %d documents: %r", self._directory, took_ms / 1000, total, query)

    @property
    def directory(self) -> str | None:
        """The directory of the index. None for an index that is in none."""
        return self._directory

    @property
    def generation(self) -> Generation:
        """The state that is searched."""
        return self._of_folder(self._opened()).generation

    @property
    def state_mark(self) -> str | None:
        """Names the state that is searched: as long as it is the same, so are the answers. None where nothing says so, as of a
        cluster, whose documents may change at any time."""
        state = self._asked()
        if not isinstance(state, _State):
            return None
        beside = [file.noted for file in state.collection.beside]
        return f"{state.generation.name} {state.generation.manifest_digest} {beside}"

    @staticmethod
    def _of_folder(state: OpenState) -> _State:
        assert isinstance(state, _State)
        return state

    def _opened(self) -> OpenState:
        state = self._current
        if state is None:
            raise ValueError("this searcher is closed; open another one with `open_index`")
        return state

    def _asked(self) -> OpenState:
        """The state that answers a question. If it is time, a newer one is looked for first."""
        if self._refresh_every is not None and time.monotonic() >= self._look_at:
            self._look()
        return self._opened()

    def _searching(self, question: Question | None = None) -> AbstractContextManager[IndexState]:
        """The state that answers a question, for as long as it is answered. question: None for what is no search."""
        return _Searching(self._of_folder(self._asked()))

    def _answer(self, index: IndexState, question: Question, *, count_all: bool, tell: bool, explained: bool) -> Answer:
        """See `answer_to`."""
        return answer_to(index, question, count_all=count_all, tell=tell, explained=explained)

    def _look(self) -> None:
        """Move on to a newer state if there is one, unless another thread is doing so. What goes wrong is logged."""
        changing = self._changing()
        if not changing.acquire(blocking=False):
            return
        try:
            state = self._current
            if state is None or time.monotonic() < self._look_at:
                return
            fault = ""
            try:
                self._move_on(state, ())
            except Exception as error:
                fault = f"{type(error).__name__}: {error}"  # the error itself holds the frames, and with them the files
            self._looked()
            if fault and fault != self._told_fault:  # once, and not at each look
                name = state.name
                warn(_LOG, "%s: no newer state is taken, %s goes on to answer: %s", self._directory, name, fault)
            self._told_fault = fault
        finally:
            changing.release()

    def _looked(self) -> None:
        if self._refresh_every is not None:
            self._look_at = time.monotonic() + self._refresh_every

    @property
    def doc_count(self) -> int:
        """Number of documents that can be found."""
        return self._asked().collection.doc_count

    def __len__(self) -> int:
        """As `doc_count`."""
        return self.doc_count

    def __bool__(self) -> bool:
        """Whether it is open. Without this, one whose index has no document yet would be false, as an empty list is."""
        return self._current is not None

    def __contains__(self, doc_id: object) -> bool:
        """Whether there is a document with this id."""
        if not isinstance(doc_id, str):
            return False
        with self._searching() as index:
            return index.place_of(doc_id) is not None

    def get(self, doc_id: str) -> StoredDocument:
        """The document with an id, as it is stored. `doc_id in searcher` says whether there is one.

        Parameters:
          doc_id: the id that the application gave, or that of a hit.

        Raises DocumentMissing if there is none, InvalidQuery if the id is no str, and IndexDamaged as `search` does.
        """
        with self._searching() as index:
            document: StoredDocument = index.stored_document(doc_id)
            return document

    def ids(self) -> Iterator[str]:
        """The ids of all documents, ascending by code points, of the state that is searched at the call.

        They are read one by one, and take no memory. The state is held until the last id is read or the iterator is dropped.

        Raises IndexDamaged as `search` does, on the way.
        """
        return _each_id(self._of_folder(self._asked()))

    @property
    def schema(self) -> dict[str, Field]:
        """The fields of the application, by name."""
        return dict(self._opened().collection.schema)

    def refresh(self, *, warm: Iterable[str] = ()) -> bool:
        """Move on to the newest state, that of the index, of its synonyms.txt and of its dictionaries.

        Searches that are running finish on the old one. States share the segments that both have, and what was learnt of them.

        Parameters:
          warm: queries that the new state answers before it is taken, so that the first ones asked of it are as quick as later
            ones. Other threads go on with the old state until then.

        Returns whether there was a newer state.
        Raises as the constructor does, and as `search` does for `warm`. The searcher then stays on the old state.
        """
        queries = tuple(warm)
        if isinstance(warm, str) or not all(isinstance(query, str) for query in queries):
            raise InvalidQuery(message("warm must be a list of queries, each a str, not {warm}", warm=repr(warm)))
        with self._changing():
            moved = self._move_on(self._opened(), queries)
            self._looked()
            return moved

    def _move_on(self, old: OpenState, warm: Sequence[str]) -> bool:
        """Take the newest state if the old one is not. Returns whether there was a newer one."""
        old = self._of_folder(old)
        if self._is_newest(old):
            return False
        started = time.perf_counter()
        new = self._of_folder(self._open(old))
        damage = new.generation.damage
        if damage is not None and new.generation.manifest.generation < old.generation.manifest.generation:
            raise IndexDamaged(*damage.args)  # what is open is newer than what is left
        if old.collection.attached:  # it was asked questions, so the new state will be
            with suppress(Exception):  # the first question meets the same fault and tells it
                new.index.prepare()
        if warm:
            self._warm(new, warm)
        self._current = new
        self._tell("moved on to", new, started)
        return new.generation.manifest != old.generation.manifest or new.collection.beside != old.collection.beside

    def _warm(self, state: OpenState, queries: Sequence[str]) -> None:
        """Ask a state that is not yet current, as `search` would."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _current=state, _refresh_every=None)
        for query in queries:
            other.search(query)
            other.search_ids(query)

    def _is_newest(self, state: _State) -> bool:
        """Whether nothing has changed since a state was opened. Reads CURRENT alone."""
        generation, beside = state.generation, state.collection.beside
        live = read_current(self._directory)
        return live == (generation.name, generation.manifest_digest) and all(
            FileState.of(file.path) == file for file in beside
        )

    def _changing(self) -> threading.Lock:
        """What is held to move on or to close. In a forked process it is a new one: nobody there would release the old one."""
        if self._pid != os.getpid():
            self._pid, self._lock = os.getpid(), Lock()
        return self._lock

    def close(self) -> None:
        """Let go of the files: at once, or when the last running search ends. A search on a closed searcher raises ValueError."""
        with self._changing():
            self._current = None

    def __enter__(self) -> Self:
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
        snippet_chars: int = 200,
        explain: bool = False,
        count_all: bool = True,
        duplicates: bool = False,
        facets: Sequence[str | FacetRequest] = (),
        **options: Unpack[SearchOptions],
    ) -> Results:
        """The documents that answer the query, best first. Any string is a query; a malformed one brings a warning.

        Parameters:
          query: in the language of docs/query-language.md.
          limit: most hits on the page.
          snippets: most snippets of a hit; with 0 no text is read and no word marked.
          snippet_chars: most code points of a snippet, from 20 to 2,000.
          explain: give each hit its explanation.
          count_all: count every document found. Otherwise `total` may be a lower bound, which makes common words much faster.
          duplicates: let each hit name those farther down on the page whose texts are nearly the same. Needs snippets.
          facets: count all documents found by these: names of fields, "folder", "type", "language", "year", and ranges and steps as
            `field("price").ranges((None, 100), (100, None))`, `field("created").by("month")`.
          options: see SearchOptions.

        The cost of a query is limited, also without a timeout. `warnings` name what is left out; docs/query-language.md has the
        limits.

        Raises InvalidQuery for an argument of the wrong type or out of range, TypeError for an unknown option, IndexDamaged if
        the files turn out to be damaged.
        """
        started = time.perf_counter()
        if (
            core.is_used
            and snippets == 0
            and not explain
            and not _is_asked(facets)
            and type(snippets) is int
            and _only_narrow(options)
        ):
            plain = self._plainly_answered(query, limit, started, options)
            if plain is not None:
                return plain
        question = Question.of(query, limit, **options)
        return self._answered(
            question,
            started,
            (snippets, snippet_chars),
            explain,
            count_all=count_all or _is_asked(facets),
            duplicates=duplicates,
            facets=facets,
        )

    def search_ids(
        self, query: str, limit: int | None = 10, **options: Unpack[SearchOptions]
    ) -> list[tuple[str, float]]:
        """The ids and scores of the documents that `search` gives for the same arguments, in the same order.

        Parameters:
          query: in the language of docs/query-language.md.
          limit: most documents; None for all that are found.
          options: as in `search`. When a timeout has passed, the documents found so far are given.

        Returns (id, score) of each document.
        Raises InvalidQuery, TypeError and IndexDamaged as `search` does.
        """
        if limit is None:
            limit = self.doc_count
        if core.is_used and _only_narrow(options) and type(query) is str and type(limit) is int and limit >= 0:
            state = self._asked()  # held as long as the search runs; `_Searching` takes a microsecond more
            try:
                known = state.known_words
                if known is None:
                    found = None
                else:
                    found = _narrowed_ids(state, query, limit, options) if options else known.ids(query, limit)
            except BaseException as error:
                collection = state.collection
                del state  # whoever keeps the error keeps this frame
                _blame(error, collection)
                raise
            if found is not None:
                return found
            del state
        started = time.perf_counter()
        question = Question.of(query, limit, **options)
        with time_limit(started, question.timeout), self._searching(question) as index:
            answer = self._answer(index, question, count_all=False, tell=False, explained=False)
            page = answer.page.found
            given: list[tuple[str, float]] = []
            for start in range(0, len(page), MAX_HITS):
                if start and is_up():
                    break
                part = page[start : start + MAX_HITS]
                ids = index.doc_ids([(number, doc) for number, doc, _ in part])
                given += zip(ids, [score for _, _, score in part], strict=True)
            return given

    def similar(
        self,
        document: str,
        limit: int = 10,
        *,
        offset: int = 0,
        language: str | None = None,
        snippets: int = 3,
        snippet_chars: int = 200,
        explain: bool = False,
        duplicates: bool = False,
        facets: Sequence[str | FacetRequest] = (),
        timeout: float | None = None,
        where: Where | None = None,
        only: Only | None = None,
    ) -> Results:
        """The documents that share the key terms of a document, best first. The document itself is left out.

        Parameters:
          document: its id or its path. A relative path starts at the working directory.
          limit: most hits on the page.
          offset: number of best hits to leave out.
          language: an ISO 639-1 code; only documents in this language.
          snippets: most snippets of a hit; with 0 no text is read and no word marked.
          snippet_chars: most code points of a snippet, from 20 to 2,000.
          explain: give each hit its explanation.
          duplicates, facets: as in `search`.
          timeout: seconds after which the answer is what was found so far.
          where, only: as in SearchOptions.

        Raises DocumentMissing if the index lacks the document; InvalidQuery and IndexDamaged as `search` does.
        """
        started = time.perf_counter()
        question = Question(
            document, limit, offset, language=language, where=where, only=only, timeout=timeout, like=True
        )
        return self._answered(
            question, started, (snippets, snippet_chars), explain, count_all=True, duplicates=duplicates, facets=facets
        )

    def highlight(self, text: str, query: str, *, exact: bool = False, translate: bool = True) -> Snippet:
        """A text that the application has, with the words of a query marked as a hit would have them. The index need not know it.

        Every form of a word is marked, phrases as a whole, and what the index offers for a word: other spellings, the other
        alphabet, synonyms, translations. Time is linear in the length of the text.

        Parameters:
          text: any text. It stays as it is in the result, white space too, and the marks are places in it.
          query: in the language of docs/query-language.md. Filters mark nothing.
          exact: mark the words as typed, without corrections and related words.
          translate: as in a search: mark translations, too.

        Returns the whole text; `html()` of it is for a web page. `snippets` gives passages.
        Raises InvalidQuery for an argument of the wrong type, and IndexDamaged as `search` does.
        """
        from .snippets.given_text import Asked, marked

        with self._searching() as index:
            return marked(index, Asked(text, query, exact, translate))

    def snippets(
        self, text: str, query: str, limit: int = 3, *, chars: int = 200, exact: bool = False, translate: bool = True
    ) -> tuple[Snippet, ...]:
        """The passages of a text that show best that it answers a query, as a hit would. The index need not know the text.

        Parameters:
          text, query, exact, translate: as in `highlight`.
          limit: most passages.
          chars: most code points of each, from 20 to 2,000.

        Returns them in the order of the text; the beginning of the text if it has no word of the query.
        Raises InvalidQuery for an argument of the wrong type or out of range, and IndexDamaged as `search` does.
        """
        from .snippets.given_text import Asked, passages

        with self._searching() as index:
            return passages(index, Asked(text, query, exact, translate), limit, chars)

    def suggest(
        self,
        text: str,
        limit: int = 8,
        *,
        where: Where | None = None,
        only: Only | None = None,
        timeout: float | None = None,
    ) -> list[Completion]:
        """Completions of the last word of a text by words of the index, best first. The value of a filter has none.

        Parameters:
          text: as typed so far.
          limit: most completions, at most 1,000.
          where, only: count only the documents that pass, as in SearchOptions. Words that are in no other are not given.
          timeout: seconds after which the completions found so far are given.

        Raises InvalidQuery and IndexDamaged as `search` does.
        """
        started = time.perf_counter()
        question = Question(text, limit, where=where, only=only, timeout=timeout)
        found: list[Completion] = []
        with self._searching() as index, time_limit(started, timeout), suppress(TimeUp):
            if where is not None or only is not None:
                from .answer import visible_to

                index = visible_to(index, question)
            self._complete(index, question, found)
        return found

    def _complete(self, index: IndexState, question: Question, found: list[Completion]) -> None:
        """Add the completions of a text to `found`. Raises TimeUp."""
        from .suggest.suggest import each_completion

        for completion in each_completion(index.words, question.query, min(question.limit, MAX_SUGGESTED)):
            found.append(completion)

    def _plainly_answered(self, query: str, limit: int, started: float, options: SearchOptions) -> Results | None:
        """The results of a plain query without snippets. None for a query that may mean more than its words, or finds nothing.

        options: those that `_only_narrow` lets pass.
        """
        if type(query) is not str or type(limit) is not int or not 0 <= limit <= MAX_HITS:
            return None
        state = self._asked()
        if not isinstance(state, _State) or state.plain_answers is None:
            return None
        with _Searching(state):
            collection = state.collection
            plain = _plain_answer(state.plain_answers, state, query, limit, options)
            if plain is None:
                return None
            hits = bare_hits(collection, plain.found)
            warnings = (*_warnings_about(collection), *plain.warnings)
            cursor = _cursor_behind(state.index, Question(query), 0, plain.total, hits)
        took_ms = (time.perf_counter() - started) * 1000
        return Results(query, plain.total, took_ms, plain.corrections, warnings, hits, 0, True, False, {}, cursor)

    def _answered(
        self,
        question: Question,
        started: float,
        size: tuple[int, int],
        explained: bool,
        *,
        count_all: bool,
        duplicates: bool,
        facets: Sequence[str | FacetRequest],
    ) -> Results:
        snippets, snippet_chars = size
        check_chars("snippet_chars", snippet_chars)
        if type(snippets) is not int or snippets < 0:
            raise InvalidQuery(
                message("snippets must be a whole number from 0, not {snippets}", snippets=repr(snippets))
            )
        limits: list[str] = []
        if question.limit > MAX_HITS:
            limits.append(
                message("a page has at most {most:,} hits: with an offset you get the ones behind them", most=MAX_HITS)
            )
        with time_limit(started, question.timeout), self._searching(question) as index:
            told = tuple(_warnings_about(index.words))
            undated = tuple(_dates_missed(index.words, question))
            asked = question if question.limit <= MAX_HITS else replace(question, limit=MAX_HITS)
            answer = self._answer(index, asked, count_all=count_all, tell=True, explained=explained)
            shown: Shown = index.hits(
                answer, explained=explained, duplicates=duplicates, size=(snippets, snippet_chars)
            )
            counted: dict[str, Facet] = {}
            if _is_asked(facets):
                with suppress(TimeUp):
                    counted = index.facets(answer, facets)
        partial = answer.page.partial or shown.partial
        if partial:
            limits.append(
                message("the timeout of {seconds:g} s ran out: this is what was found so far", seconds=question.timeout)
            )
        warnings = (*told, *answer.warnings, *question.warnings, *undated, *shown.warnings, *limits)
        took_ms = (time.perf_counter() - started) * 1000
        if took_ms >= _SLOW_MS:
            self._tell_slow(question, took_ms, answer.page.total)
        # Names would take longer; see `record`.
        return Results(
            question.query,
            answer.page.total,
            took_ms,
            answer.corrections,
            warnings,
            shown.hits,
            answer.page.offset,
            answer.page.exact,
            partial,
            counted,
            _cursor_behind(index, question, answer.page.offset, answer.page.total, shown.hits),
        )


# Options that leave the meaning of a query as it is.
_NARROWING = frozenset(("where", "only"))


def _only_narrow(options: SearchOptions) -> bool:
    return not options or options.keys() <= _NARROWING


def _plain_answer(
    answers: PlainAnswers, state: OpenState, query: str, limit: int, options: SearchOptions
) -> PlainAnswer | None:
    if not options:
        return answers.answer(query, limit)
    allowed = allowed_by(state.collection, options.get("where"), options.get("only"))
    return None if allowed is None else answers.answer(query, limit, allowed)


def _narrowed_ids(state: OpenState, query: str, limit: int, options: SearchOptions) -> list[tuple[str, float]] | None:
    """As `KnownWords.ids`, with the options that `_only_narrow` lets pass."""
    allowed = allowed_by(state.collection, options.get("where"), options.get("only"))
    known, answers = state.known_words, state.plain_answers
    if allowed is None or known is None or answers is None:
        return None
    found = known.ids(query, limit, allowed)
    if found or not limit or found is None:
        return found
    # Words that are misspelt may find something yet.
    return None if answers.answer(query, limit, allowed) is None else found


def _cursor_behind(index: IndexState, question: Question, offset: int, total: int, hits: Sequence[Hit]) -> str | None:
    """The cursor for the page behind some hits; None if there are no more."""
    end = offset + len(hits)
    if not hits or end >= total or question.like:
        return None
    from .cursor import Cursor

    return Cursor(end, index.generation, hits[-1].id).text(question.identity)


def _is_asked(facets: object) -> bool:
    """Whether there are facets to count. Raises InvalidQuery for what is no list of them, such as a field, which has no truth."""
    if not isinstance(facets, (list, tuple)):
        raise InvalidQuery(message("facets must be a list of names, and of what field(name).ranges(…) and .by(…) give"))
    return bool(facets)


def _each_id(state: _State) -> Iterator[str]:
    try:
        yield from state.index.ids()
    except Exception as error:
        collection = state.collection
        del state  # whoever keeps the error keeps this frame
        _blame(error, collection)
        raise


def _warnings_about(collection: Collection) -> Iterator[str]:
    """What whoever reads its answers should know of a state."""
    from naidi.indexer.analysis.lemmatize.fingerprint import fingerprint

    if collection.damage is not None:
        yield message("answering from the state before: {reason}", reason=sentence(collection.damage))
    if collection.fingerprint != fingerprint():
        # Most keys of two versions of a dictionary are the same, so the answers are nearly right.
        yield message(
            "{index}: made by another version of the analysis, some words may not be found; "
            "call naidi.upgrade(directory), or run `naidi index --upgrade`",
            index=str(collection.directory),
        )


def _dates_missed(collection: Collection, question: Question) -> Iterator[str]:
    """What to know of a question about dates if most documents have none."""
    if question.is_about_dates:
        undated, total = collection.doc_count - collection.dated_count, collection.doc_count
        if 2 * undated > total:
            if question.since is None and question.until is None:
                yield message(
                    "{undated:,} of {total:,} documents have no date: they come last", undated=undated, total=total
                )
            else:
                yield message(
                    "{undated:,} of {total:,} documents have no date: they are left out", undated=undated, total=total
                )


def is_interval(seconds: object) -> bool:
    """Whether something is a number of seconds, from 0."""
    # A NaN is not at least 0.
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds >= 0
