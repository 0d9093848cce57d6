"""Other search engines behind one small interface, so that a benchmark can put the same documents and queries to each.

Each module holds one engine, set up as its own documentation advises, with the stemmer of the collection's language
where it has one. PEERS names the engines of a comparison of quality, where every query is the OR of its words; naidi itself has
the same interface, in NAIDI. TIMED names those of a comparison of speed, naidi first: these take every kind of query in their
own syntax, and bring documents with snippets. There both languages stand in one index. tantivy is there as it is by default,
which is quickest, and with stemmers; every other engine that has stemmers gets both, one after the other: the English one leaves
Cyrillic words alone and the Russian one Latin words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks.shared.records import Record
from benchmarks.shared.workload import Query

_WORD = re.compile(r"[^\W_]+")


class Engine(Protocol):
    """A search engine with one index."""

    def build(self, records: Iterable[Record]) -> None:
        """Index the records in one commit and open the index for searching. Called once."""

    def search(self, text: str, limit: int) -> list[str]:
        """Ids of at most `limit` records that contain some word of `text`, best first. `text` is plain text."""

    def close(self) -> None:
        """Release files and memory."""


class Shown(NamedTuple):
    """A hit as a person sees it. snippet: a passage with the words marked, "" if the engine makes none."""

    id: str
    title: str
    snippet: str


class TimedEngine(Engine, Protocol):
    """An engine that answers more than the OR of words."""

    whole_words: bool  # whether `count` counts the word itself; else every word with its stem

    def open(self) -> None:
        """Open for searching what another process has built in the same directory."""

    def syntax(self, query: Query) -> str | None:
        """The query as a user of this engine would write it; None if the engine has no such kind of query."""

    def search_ids(self, text: str, limit: int) -> list[str]:
        """Ids of the best `limit` records, in the quickest way that the engine has. `text` comes from `syntax`."""

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        """The best `limit` records, read from the index with title and text, each with a snippet if the engine makes any."""

    def count(self, word: str) -> int:
        """How many records have this word, or one with its stem: see `whole_words`."""

    def add_one(self, record: Record) -> None:
        """Add one record to what was built and commit. Raises NotImplementedError if the engine can only build anew."""


def words(text: str) -> list[str]:
    """The runs of letters and digits in `text`, lower-cased so that none of them is an operator (AND, OR, NEAR)."""
    return _WORD.findall(text.lower())


# The imports are inside the functions: a benchmark of one engine needs only that engine to be installed.
def _fts5(tokenizer: str) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from benchmarks.peers.sqlite_fts5 import SqliteFts5

        return SqliteFts5(directory, tokenizer)

    return make


def _tantivy(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from benchmarks.peers.tantivy_engine import Tantivy

        return Tantivy(directory, language, stop_words=stop_words)

    return make


def _bm25s(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from benchmarks.peers.bm25s_engine import Bm25s

        return Bm25s(language, stop_words=stop_words)

    return make


def _whoosh(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from benchmarks.peers.whoosh_engine import Whoosh

        return Whoosh(directory, language, stop_words=stop_words)

    return make


def _naidi(directory: Path, language: str) -> Engine:
    from benchmarks.peers.naidi_engine import Naidi

    return Naidi(directory)


# name -> maker(empty directory of its own, language of the collection: "en" or "ru")
PEERS: Mapping[str, Callable[[Path, str], Engine]] = {
    "sqlite-fts5 unicode61": _fts5("unicode61"),
    "sqlite-fts5 porter": _fts5("porter unicode61"),
    "tantivy": _tantivy(stop_words=False),
    "tantivy, stop words": _tantivy(stop_words=True),
    "bm25s": _bm25s(stop_words=False),
    "bm25s, stop words": _bm25s(stop_words=True),
    "whoosh": _whoosh(stop_words=False),
    "whoosh, stop words": _whoosh(stop_words=True),
}
NAIDI: Mapping[str, Callable[[Path, str], Engine]] = {"naidi": _naidi}


# Named by what a user would type; the versions that were measured stand in the run.
TIMED: Mapping[str, str] = {
    "naidi": "its defaults, `Writer(directory, jobs=2)`; at most 3 snippets a hit",
    "naidi-1": "the same index, built in one process",
    "tantivy": "one thread; its default analyzer, no stemmer; ids from a fast field; 1 snippet a hit",
    "tantivy-stems": "one thread; English, then Russian stemmer; ids from a fast field; prefixes of stems; 1 snippet a hit",
    "fts5": "SQLite FTS5, unicode61, no stemmer; 1 snippet a hit",
    "whoosh": "stock Whoosh; English, then Russian stemmer; 3 fragments a hit",
    "bm25s": "in memory; both stemmers; words and OR alone; documents without snippets",
}
BUILT_ONLY = frozenset({"naidi-1"})  # it answers as naidi does
JOBS: Mapping[str, int] = {"naidi": 2}  # processes that analyse documents, where there is more than one


def timed(name: str, directory: Path) -> TimedEngine:
    """The engine of TIMED by that name, for English and Russian together, with its index in `directory`, still to be built."""
    if name in ("naidi", "naidi-1"):
        from benchmarks.peers.naidi_engine import Naidi

        return Naidi(directory, jobs=JOBS.get(name, 1))
    if name in ("tantivy", "tantivy-stems"):
        from benchmarks.peers.tantivy_engine import Tantivy

        return Tantivy(directory, "any" if name == "tantivy" else "both", stop_words=False)
    if name == "fts5":
        from benchmarks.peers.sqlite_fts5 import SqliteFts5

        return SqliteFts5(directory, "unicode61")
    if name == "whoosh":
        from benchmarks.peers.whoosh_engine import Whoosh

        return Whoosh(directory, "both", stop_words=False)
    if name == "bm25s":
        from benchmarks.peers.bm25s_engine import Bm25s

        return Bm25s("both", stop_words=False, directory=directory)
    raise ValueError(f"no engine {name!r}; there are {', '.join(TIMED)}")
