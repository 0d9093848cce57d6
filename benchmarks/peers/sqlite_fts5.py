"""SQLite's full-text index FTS5, with its bm25() ranking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers import Shown, words
from benchmarks.shared.records import Record
from benchmarks.shared.workload import MAX_BETWEEN, Query

TITLE_WEIGHT = 1.0


class SqliteFts5:
    """FTS5 with the tokenizer named by `tokenizer`: "unicode61" (whole words) or "porter unicode61" (English stems)."""

    whole_words = True  # as long as the tokenizer is unicode61

    def __init__(self, directory: Path, tokenizer: str, *, title_weight: float = TITLE_WEIGHT) -> None:
        self._path = directory / "peer.sqlite"
        self._tokenizer = tokenizer
        # bm25() takes a weight for each column, the unindexed one too.
        self._weights = f"0.0, {title_weight}, 1.0"

    def build(self, records: Iterable[Record]) -> None:
        self.open()
        columns = f"id UNINDEXED, title, text, tokenize='{self._tokenizer}'"
        self._connection.execute(f"CREATE VIRTUAL TABLE record USING fts5({columns})")
        # "ORDER BY rank" then means this bm25(), but FTS5 sorts by itself and reads no row that is not wanted.
        self._connection.execute("INSERT INTO record(record, rank) VALUES ('rank', ?)", (f"bm25({self._weights})",))
        with self._connection:
            self._connection.executemany("INSERT INTO record VALUES (?, ?, ?)", records)

    def open(self) -> None:
        self._connection = sqlite3.connect(self._path)

    def search(self, text: str, limit: int) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in words(text))
        if not query:
            return []
        # bm25() is smaller for better matches.
        rank = f"bm25(record, {self._weights})"
        found = self._connection.execute(
            f"SELECT id FROM record WHERE record MATCH ? ORDER BY {rank}, rowid LIMIT ?", (query, limit)
        )
        return [row[0] for row in found]

    def syntax(self, query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.words)}"'
        if query.kind == "near":
            return f'NEAR("{query.words[0]}" "{query.words[1]}", {MAX_BETWEEN})'
        if query.kind == "prefix":
            return f'"{query.words[0]}"*'
        return (" AND " if query.kind == "and" else " OR ").join(f'"{word}"' for word in query.words)

    def search_ids(self, text: str, limit: int) -> list[str]:
        found = self._connection.execute(
            "SELECT id FROM record WHERE record MATCH ? ORDER BY rank LIMIT ?", (text, limit)
        )
        return [row[0] for row in found]

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        found = self._connection.execute(
            "SELECT id, title, text, snippet(record, 2, '<b>', '</b>', '…', 30) FROM record"
            " WHERE record MATCH ? ORDER BY rank LIMIT ?",
            (text, limit),
        )
        return [Shown(row[0], row[1], row[3]) for row in found]

    def count(self, word: str) -> int:
        query = f'"{word}"'
        return int(self._connection.execute("SELECT count(*) FROM record WHERE record MATCH ?", (query,)).fetchone()[0])

    def add_one(self, record: Record) -> None:
        with self._connection:
            self._connection.execute("INSERT INTO record VALUES (?, ?, ?)", record)

    def close(self) -> None:
        self._connection.close()
