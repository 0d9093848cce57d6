"""Other search engines behind one small interface, so that a benchmark can put the same documents and queries to each.

Each module holds one engine, set up as its own documentation advises, with the stemmer of the collection's language
where it has one. Every query is the OR of its words. PEERS names the engines of a comparison; naidi itself has the same
interface, in NAIDI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

_WORD = re.compile(r"[^\W_]+")


class Record(NamedTuple):
    """A document as every engine gets it."""

    id: str
    title: str
    text: str


class Engine(Protocol):
    """A search engine with one index."""

    def build(self, records: Iterable[Record]) -> None:
        """Index the records in one commit and open the index for searching. Called once."""

    def search(self, text: str, limit: int) -> list[str]:
        """Ids of at most `limit` records that contain some word of `text`, best first. `text` is plain text."""

    def close(self) -> None:
        """Release files and memory."""


def words(text: str) -> list[str]:
    """The runs of letters and digits in `text`, lower-cased so that none of them is an operator (AND, OR, NEAR)."""
    return _WORD.findall(text.lower())


# The imports are inside the functions: a benchmark of one engine needs only that engine to be installed.
def _fts5(tokenizer: str) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from .sqlite_fts5 import SqliteFts5

        return SqliteFts5(directory, tokenizer)

    return make


def _tantivy(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from .tantivy_engine import Tantivy

        return Tantivy(directory, language, stop_words=stop_words)

    return make


def _bm25s(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from .bm25s_engine import Bm25s

        return Bm25s(language, stop_words=stop_words)

    return make


def _whoosh(stop_words: bool) -> Callable[[Path, str], Engine]:
    def make(directory: Path, language: str) -> Engine:
        from .whoosh_engine import Whoosh

        return Whoosh(directory, language, stop_words=stop_words)

    return make


def _naidi(directory: Path, language: str) -> Engine:
    from .naidi_engine import Naidi

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
