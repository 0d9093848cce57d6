"""Asks an index for a screen, in threads of its own, so that no key waits: the newest question wins.

What comes back is posted as messages, each with the number of its question. Hits come first. When keys pause, the preview follows,
then suggestions, then facets: to count all documents found by folder may take a hundred times as long as to find the best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from textual.message import Message

from naidi.indexer.errors import DocumentMissing, InvalidQuery, NaidiError
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from ..bridges.function_words import is_function_word
from ..open_index import Searcher
from ..results import Facet, Hit, Mark, Results
from ..suggest.suggest import Completion
from .chosen_filters import Filters, facet_names
from .document_view import DocumentView, marks_of_text
from .newest import Newest
from .unfinished import beginning_of

_WORD = re.compile(r"\w+")
SNIPPET_CHARS = 240
_MORE = 50
# More would rarely have room, and to look for words one edit away takes longest.
_SUGGESTIONS = 5
_SUGGESTIONS_TIMEOUT = 0.2
_TIMEOUT = 5.0
# Seconds without a key before something is begun that is no hit.
_PREVIEW_AFTER, _SUGGESTIONS_AFTER, _FACETS_AFTER = 0.02, 0.05, 0.1

Post = Callable[[Message], object]


class Asked(NamedTuple):
    """A question.

    number: greater than those of all before.
    query: as typed.
    where: the filters, as `Filters.where` gives them.
    exact: whether words are searched for as typed.
    is_typed: whether the last word may go on.
    beginning: the query with its last word as a beginning, if it was asked so; see `unfinished`.
    mark: the state of the index that answered, as `Searcher.state_mark` names it.
    """

    number: int
    query: str
    where: str | None
    exact: bool
    is_typed: bool = False
    beginning: str | None = None
    mark: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.query.strip() and self.where is None

    def options(self) -> dict[str, Any]:
        """For `Searcher.search`."""
        return {"where": self.where, "exact": self.exact, "timeout": _TIMEOUT}

    @property
    def text(self) -> str:
        """The query for `Searcher.search`. Without words, all documents that pass the filters."""
        return self.beginning or (self.query if self.query.strip() else "*")


class Answered(Message):
    """The hits of a question. more: whether they go behind those that are there."""

    def __init__(self, asked: Asked, results: Results, more: bool) -> None:
        super().__init__()
        self.asked, self.results, self.more = asked, results, more


class Outdated(Message):
    """The index has another state than the one that answered: the hits are no longer those that it would give."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked


class Suggested(Message):
    """Completions of a query."""

    def __init__(self, asked: Asked, completions: Sequence[Completion]) -> None:
        super().__init__()
        self.asked, self.completions = asked, completions


class Counted(Message):
    """Facets of a question, some of them or all."""

    def __init__(self, asked: Asked, facets: dict[str, Facet]) -> None:
        super().__init__()
        self.asked, self.facets = asked, facets


class Opened(Message):
    """The document of a hit, for the preview, with the words found around its place. view: None if it is not there any more."""

    def __init__(self, asked: Asked, hit: Hit, view: DocumentView | None) -> None:
        super().__init__()
        self.asked, self.hit, self.view = asked, hit, view


class Marked(Message):
    """More words found in the document of the preview. all_known: whether these are the last."""

    def __init__(self, view: DocumentView, marks: list[Mark], all_known: bool) -> None:
        super().__init__()
        self.view, self.marks, self.all_known = view, marks, all_known


class Failed(Message):
    """Why a question has no answer, in one line."""

    def __init__(self, asked: Asked | None, reason: str) -> None:
        super().__init__()
        self.asked, self.reason = asked, reason


class Answers:
    """The threads that ask.

    Parameters:
      searcher: of the index.
      post: takes the messages; called in other threads.
    """

    def __init__(self, searcher: Searcher, post: Post) -> None:
        self.searcher = searcher
        self._post = post
        self._hits, self._preview, self._rest = Newest("hits"), Newest("preview"), Newest("rest")

    def close(self) -> None:
        """End the threads."""
        for thread in (self._hits, self._preview, self._rest):
            thread.close(0.2)

    def warm(self) -> None:
        """Load what the first words typed would wait for: tables of near words, dictionaries, the core."""

        def job(is_stale: Callable[[], bool]) -> None:
            with suppress(Exception):  # the first question meets the same fault and tells it
                for query in ("a", "и", "vaccin", "вакцн", "dfrwby"):
                    if is_stale():
                        return
                    self.searcher.search(query, 1, snippets=1)
                    self.searcher.suggest(query, 1)

        self._rest.put(job)

    def ask(self, asked: Asked, limit: int) -> None:
        """Find the best hits. What was asked before is dropped."""

        def job(_: Callable[[], bool]) -> None:
            # Taken before: if the index moves on meanwhile, it is asked once too often.
            read = self._read(asked._replace(mark=self.searcher.state_mark))
            self._post(Answered(read, self._search(read, limit, 0), False))

        self._hits.put(self._guarded(asked, job))

    def _read(self, asked: Asked) -> Asked:
        """The question as the index is asked."""
        if not asked.is_typed or asked.exact or asked.beginning is not None:
            return asked
        return asked._replace(beginning=beginning_of(self.searcher, asked.query))

    def ask_more(self, asked: Asked, offset: int) -> None:
        """Find the hits behind so many."""

        def job(_: Callable[[], bool]) -> None:
            if self._is_outdated(asked):
                self._post(Outdated(asked))
            else:
                self._post(Answered(asked, self._search(asked, _MORE, offset), True))

        self._hits.put(self._guarded(asked, job))

    def _is_outdated(self, asked: Asked) -> bool:
        return self.searcher.state_mark != asked.mark

    def _search(self, asked: Asked, limit: int, offset: int) -> Results:
        return self.searcher.search(
            asked.text, limit, offset=offset, snippets=1, snippet_chars=SNIPPET_CHARS, **asked.options()
        )

    def open(self, asked: Asked, hit: Hit, width: int, *, of_same_state: bool = False) -> None:
        """Read the document of a hit and mark its words.

        Parameters:
          asked: the question that the hit answers.
          hit: the hit.
          width: cells of a row.
          of_same_state: whether the hits are to be those of the index as it is now. If they are not, `Outdated` comes instead.
        """

        def job(is_stale: Callable[[], bool]) -> None:
            if of_same_state and self._is_outdated(asked):
                self._post(Outdated(asked))
                return
            try:
                document = self.searcher.get(hit.id)
            except DocumentMissing:  # the index has moved on
                self._post(Opened(asked, hit, None))
                return
            place = hit.snippets[0].start if hit.snippets else 0
            view = DocumentView(document, place, width)
            parts = marks_of_text(view.text, place, lambda part: self._marks(part, asked))
            marks, all_known = next(parts)
            view.add_marks(marks, all_known=all_known)
            self._post(Opened(asked, hit, view))
            for marks, all_known in parts:
                self._post(Marked(view, marks, all_known))
                if is_stale():
                    return

        self._preview.put(self._guarded(asked, job), _PREVIEW_AFTER)

    def _marks(self, text: str, asked: Asked) -> tuple[Mark, ...]:
        """The words found in a part of a text. Function words are no place to go to, unless nothing else is asked for."""
        marks = self.searcher.highlight(text, asked.text, exact=asked.exact).marks
        if all(map(is_function_word, _WORD.findall(asked.query))):
            return marks
        return tuple(mark for mark in marks if not is_function_word(text[mark[0] : mark[1]]))

    def ask_the_rest(self, asked: Asked, filters: Filters, *, suggest: bool, facets: bool) -> None:
        """Find what stands around the hits.

        Parameters:
          asked: the question.
          filters: the chosen values.
          suggest: whether completions are wanted.
          facets: whether facets are.
        """
        names = facet_names(self.searcher.schema) if facets else []
        own = {name: filters.where(without=name) for name in filters.facets()}

        def job(is_stale: Callable[[], bool]) -> None:
            if suggest:
                self._post(
                    Suggested(asked, self.searcher.suggest(asked.query, _SUGGESTIONS, timeout=_SUGGESTIONS_TIMEOUT))
                )
            read = self._read(asked)
            # What takes longest comes last.
            slow = [name for name in names if name in ("folder", "type") and name not in own]
            quick = [name for name in names if name not in slow and name not in own]
            for group, where in (
                (quick, asked.where),
                *(([name], own[name]) for name in names if name in own),
                (slow, asked.where),
            ):
                if not group or is_stale():
                    continue
                self._post(Counted(asked, self._facets(read, group, where)))

        self._rest.put(self._guarded(asked, job), _FACETS_AFTER if facets and not suggest else _SUGGESTIONS_AFTER)

    def _facets(self, asked: Asked, names: list[str], where: str | None) -> dict[str, Facet]:
        options = {**asked.options(), "where": where}
        try:
            return dict(self.searcher.search(asked.text, 1, snippets=0, facets=names, **options).facets)
        except InvalidQuery:
            return {}

    def _guarded(
        self, asked: Asked, work: Callable[[Callable[[], bool]], object]
    ) -> Callable[[Callable[[], bool]], None]:
        """The work as a job, which tells what goes wrong in a line."""

        def job(is_stale: Callable[[], bool]) -> None:
            try:
                work(is_stale)
            except Exception as error:
                self._post(Failed(asked, reason_of(error)))

        return job


def reason_of(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, NaidiError):
        said = str(told(error))
    elif isinstance(error, OSError):
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    else:
        said = str(told(message("a bug in naidi: {what}; please report it", what=f"{type(error).__name__}: {error}")))
    return printable(" ".join(said.split()))
