"""SQLite's full-text index FTS5, with its bm25() ranking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from workload import Query

from . import Record, Shown, words

TITLE_WEIGHT = 1.0


class SqliteFts5:
    """FTS5 with the tokenizer named by `tokenizer`: "unicode61" (whole words) or "porter unicode61" (English stems)."""

    def __init__(self, directory: Path, tokenizer: str, *, title_weight: float = TITLE_WEIGHT) -> None:
        self._connection = sqlite3.connect(directory / "peer.sqlite")
        columns = f"id UNINDEXED, title, text, tokenize='{tokenizer}'"
        self._connection.execute(f"CREATE VIRTUAL TABLE record USING fts5({columns})")
        # bm25() takes a weight for each column, the unindexed one too.
        self._rank = f"bm25(record, 0.0, {title_weight}, 1.0)"
        # "ORDER BY rank" then means the same, but FTS5 sorts by itself and reads no row that is not wanted.
        self._connection.execute(
            "INSERT INTO record(record, rank) VALUES ('rank', ?)", (f"bm25(0.0, {title_weight}, 1.0)",)
        )

    def build(self, records: Iterable[Record]) -> None:
        with self._connection:
            self._connection.executemany("INSERT INTO record VALUES (?, ?, ?)", records)

    def search(self, text: str, limit: int) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in words(text))
        if not query:
            return []
        # bm25() is smaller for better matches.
        found = self._connection.execute(
            f"SELECT id FROM record WHERE record MATCH ? ORDER BY {self._rank}, rowid LIMIT ?", (query, limit)
        )
        return [row[0] for row in found]

    def syntax(self, query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.words)}"'
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

    def close(self) -> None:
        self._connection.close()
