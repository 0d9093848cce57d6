"""The engines: each takes all documents, and answers a query with the ids of all documents that it finds.

Each is set up for English and Russian as its own documentation advises, with the stemmers that it has. A query is plain: words,
phrases in quotation marks, excluded words with a minus sign. Any of the words is enough; where an engine writes that otherwise, its
runner does. One that has no phrases or no excluded words gets the words alone.
"""

from __future__ import annotations

import importlib.metadata
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from benchmarks.shared.records import Record

_PARTS = re.compile(r'(?<!\S)(-?)(?:"([^"]*)"|(\S+))')


class Engine(Protocol):
    """An engine with the documents of all cases."""

    def find(self, query: str) -> set[str]:
        """The ids of all documents found."""


class Part(NamedTuple):
    """A part of a query: a word or a phrase. excluded: whether no document may have it."""

    text: str
    is_phrase: bool
    excluded: bool


class Setup(NamedTuple):
    """make: builds the engine in an empty directory. package: what its version is taken from."""

    make: Callable[[Path, list[Record]], Engine]
    package: str

    def version(self) -> str:
        """The version that is installed."""
        return sqlite3.sqlite_version if self.package == "sqlite" else importlib.metadata.version(self.package)


def parts_of(query: str) -> list[Part]:
    """The parts of a query."""
    return [Part(phrase or word, bool(phrase), bool(minus)) for minus, phrase, word in _PARTS.findall(query)]


class Naidi:
    """naidi with its defaults."""

    def __init__(self, directory: Path, records: list[Record]) -> None:
        from naidi import Document, Writer, open_index

        with Writer(directory) as writer:
            writer.add_many(Document(id=record.id, text=record.text) for record in records)
        self._searcher = open_index(directory)
        self._count = len(records)

    def find(self, query: str) -> set[str]:
        return {doc_id for doc_id, _ in self._searcher.search_ids(query, self._count)}


class SqliteFts5:
    """FTS5 of SQLite."""

    def __init__(self, records: list[Record], tokenizer: str) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute(f"CREATE VIRTUAL TABLE record USING fts5(id UNINDEXED, text, tokenize='{tokenizer}')")
        self._connection.executemany("INSERT INTO record VALUES (?, ?)", [(each.id, each.text) for each in records])

    def find(self, query: str) -> set[str]:
        parts = parts_of(query)
        wanted = " OR ".join(_quoted(part.text) for part in parts if not part.excluded)
        without = "".join(f" NOT {_quoted(part.text)}" for part in parts if part.excluded)
        rows = self._connection.execute("SELECT id FROM record WHERE record MATCH ?", (f"({wanted}){without}",))
        return {row[0] for row in rows}


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


class Tantivy:
    """tantivy; with the English, then the Russian stemmer, or with its default analyzer."""

    def __init__(self, records: list[Record], *, stems: bool) -> None:
        import tantivy

        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase())
        for language in ("english", "russian") if stems else ():
            analyzer = analyzer.filter(tantivy.Filter.stemmer(language))
        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema = schema.add_text_field("text", tokenizer_name="own", index_option="position")
        self._index = tantivy.Index(schema.build())
        self._index.register_tokenizer("own", analyzer.build())
        writer = self._index.writer(heap_size=20_000_000, num_threads=1)
        for record in records:
            writer.add_document(tantivy.Document(id=record.id, text=record.text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._count = len(records)

    def find(self, query: str) -> set[str]:
        parts = (f"{'-' * part.excluded}{_quoted(part.text)}" for part in parts_of(query))
        parsed, _ = self._index.parse_query_lenient(" ".join(parts), ["text"])
        found = self._searcher.search(parsed, limit=self._count, count=False).hits
        return {str(self._searcher.doc(address).get_first("id")) for _, address in found}


class Whoosh:
    """Whoosh with the English, then the Russian stemmer."""

    def __init__(self, directory: Path, records: list[Record]) -> None:
        from whoosh import index
        from whoosh.analysis.filters import LowercaseFilter
        from whoosh.analysis.morph import StemFilter
        from whoosh.analysis.tokenizers import RegexTokenizer
        from whoosh.fields import ID, TEXT, Schema
        from whoosh.qparser.default import QueryParser
        from whoosh.qparser.syntax import OrGroup

        stem: Any = StemFilter
        analyzer = RegexTokenizer() | LowercaseFilter() | stem(lang="en") | stem(lang="ru")
        schema = Schema(id=ID(stored=True), text=TEXT(analyzer))
        opened: Any = index.create_in(str(directory), schema)
        writer = opened.writer()
        for record in records:
            writer.add_document(id=record.id, text=record.text)
        writer.commit()
        self._searcher: Any = opened.searcher()
        self._parser = QueryParser("text", schema, group=OrGroup)

    def find(self, query: str) -> set[str]:
        parts = parts_of(query)
        wanted = " OR ".join(_quoted(part.text) for part in parts if not part.excluded)
        without = "".join(f" ANDNOT {_quoted(part.text)}" for part in parts if part.excluded)
        return {hit["id"] for hit in self._searcher.search(self._parser.parse(f"({wanted}){without}"), limit=None)}


class Bm25s:
    """bm25s over the stems of the English, then of the Russian stemmer. It has words alone."""

    def __init__(self, records: list[Record]) -> None:
        from benchmarks.peers.bm25s_engine import Bm25s as Peer

        self._peer = Peer("both", stop_words=False)
        self._peer.build(records)
        self._count = len(records)

    def find(self, query: str) -> set[str]:
        return set(self._peer.search(" ".join(part.text for part in parts_of(query)), self._count))


ENGINES: Mapping[str, Setup] = {
    "naidi": Setup(Naidi, "naidi"),
    "FTS5": Setup(lambda directory, records: SqliteFts5(records, "unicode61"), "sqlite"),
    "FTS5 trigram": Setup(lambda directory, records: SqliteFts5(records, "trigram"), "sqlite"),
    "tantivy": Setup(lambda directory, records: Tantivy(records, stems=False), "tantivy"),
    "tantivy stems": Setup(lambda directory, records: Tantivy(records, stems=True), "tantivy"),
    "Whoosh stems": Setup(Whoosh, "whoosh3"),
    "bm25s stems": Setup(lambda directory, records: Bm25s(records), "bm25s"),
}


def records_of(cases: Iterable[Any]) -> list[Record]:
    """The documents of all cases."""
    return [record for case in cases for record in case.records()]
