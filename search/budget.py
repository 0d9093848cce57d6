"""How much may one question cost? Its time, and the limits that hold without one.

The time is that of the thread, since it is asked for in the middle of arrays, far below those who know of the question. Whoever
works in bounded steps calls `check` before each. It raises TimeUp, which is caught where something found so far can be given.

The limits bound work before it is done. So the same question to the same index has the same answer on every machine. What is left
out is told in a warning that names the limit. docs/query-language.md has the table of these limits.
"""

from __future__ import annotations

from time import perf_counter

from naidi.indexer.late import Lock, OfThread, threading

MAX_QUERY = 10_000
"""Code points of a query that are read. Filters behind them are read, too."""

MAX_FILTERS = 64
"""Filters behind the part of a query that is read."""

MAX_TERMS = 1_024
"""Words of a query that are searched for, those of phrases included. Lucene allows as many clauses."""

MAX_NEAR = 64
"""Words of a phrase that may have others between them."""

MAX_STEPS = 1_000_000
"""What a query takes: a step is about a quarter of a microsecond.

Steps are the postings of the forms that patterns stand for, those of phrases and of words in a field, and a quarter of the forms
that patterns are compared with, of the postings of words, and of all documents for each bracket.

Words and patterns are looked at in their order. Those that begin beyond the limit are left out. The first pattern and the first
FREE_CLAUSES words are always searched for.
"""

FREE_CLAUSES = 32
"""So many words, phrases and brackets are not counted: a query of these costs as much as its words have postings."""

MAX_HELPED = 100
"""Words for which another alphabet, the other keyboard layout, synonyms and words of the same root are sought."""

MAX_UNKNOWN = 12
"""Words that the index lacks for which another alphabet and another spelling are sought."""

MAX_HITS = 10_000
"""Hits of a page."""

MAX_SHOWN = 1_000
"""Hits of a page that have snippets."""

MAX_MARKED = 100
"""Words and phrases of a query that are marked in snippets: the rarest ones."""

MAX_EXPLAINED = 1_000
"""Words that are explained, in all hits together."""

MAX_LETTERS_SHOWN = 10_000_000
"""Letters of texts that are looked through for snippets, times the words that are looked for."""

MAX_SUGGESTED = 1_000
"""Completions that are given."""

MAX_TYPED = 300
"""Code points at the end of a text in which the word to complete is looked for."""

MAX_NAME = 4_096
"""Code points of the name of a document: no id and no path is longer."""


class TimeUp(Exception):
    """The time of a question has run out. It never leaves the Searcher."""


class _End(OfThread):
    end: float | None = None


_OF_THREAD = _End()


def time_limit(started: float, seconds: float | None) -> _Limit:
    """Let `check` raise TimeUp in this thread from `seconds` after `started` on, which `perf_counter` told. None: as before."""
    return _NO_LIMIT if seconds is None else _Limit(started + seconds)


class _Limit:
    """A time from which on `check` raises TimeUp; None for what holds already."""

    __slots__ = ("_before", "_end")

    def __init__(self, end: float | None) -> None:
        self._end = end
        self._before: float | None = None

    def __enter__(self) -> None:
        if self._end is not None:
            self._before, _OF_THREAD.end = _OF_THREAD.end, self._end

    def __exit__(self, *_: object) -> None:
        if self._end is not None:
            _OF_THREAD.end = self._before


_NO_LIMIT = _Limit(None)


def is_limited() -> bool:
    """Whether there is a limit of time."""
    return _OF_THREAD.end is not None


def time_left() -> float | None:
    """Seconds until the time runs out, less than 0 behind that; None if there is no limit."""
    end = _OF_THREAD.end
    return None if end is None else end - perf_counter()


def is_up() -> bool:
    """Whether the time has run out."""
    end = _OF_THREAD.end
    return end is not None and perf_counter() >= end


def check() -> None:
    """Raise TimeUp if the time has run out. Takes .1 microseconds where there is no limit."""
    end = _OF_THREAD.end
    if end is not None and perf_counter() >= end:
        raise TimeUp


class _Dictionaries:
    """The dictionaries of both languages, which take .3 s to load, once in a process."""

    def __init__(self) -> None:
        self._are_loaded = False
        self._lock = Lock()
        self._loader: threading.Thread | None = None

    def need(self) -> None:
        """Load them. With a limit of time that is done in a thread, which goes on when the time is up. Raises TimeUp."""
        if self._are_loaded or _OF_THREAD.end is None:
            return
        with self._lock:
            if self._loader is None or not self._loader.is_alive():
                self._loader = threading.Thread(target=self._load, name="naidi-dictionaries", daemon=True)
                self._loader.start()
            loader = self._loader
        loader.join(max(_OF_THREAD.end - perf_counter(), 0.0))
        check()

    def _load(self) -> None:
        from naidi.indexer.analysis.lemmatize.keys import keys
        from naidi.indexer.analysis.lemmatize.stem import stem

        for word in ("word", "слово"):
            keys(word)
            stem(word)
        self._are_loaded = True


_DICTIONARIES = _Dictionaries()


def need_dictionaries() -> None:
    """Say that a dictionary is about to be used. Raises TimeUp if it cannot be loaded in time."""
    _DICTIONARIES.need()
