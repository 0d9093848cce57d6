"""naidi itself, through the same interface as its peers and through nothing but its public API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers import Shown
from benchmarks.shared.records import Record
from benchmarks.shared.workload import MAX_BETWEEN, Query
from naidi import Document, Results, Writer, open_index


class Naidi:
    """An index in `directory` with naidi's defaults. It needs no language: every word is analysed by its script."""

    whole_words = True

    def __init__(self, directory: Path, *, jobs: int = 1) -> None:
        self._directory = directory
        self._jobs = jobs

    def build(self, records: Iterable[Record]) -> None:
        with Writer(self._directory, jobs=self._jobs) as writer:
            writer.add_many(map(_document, records))
        self.open()

    def open(self) -> None:
        self._searcher = open_index(self._directory)

    def search(self, text: str, limit: int) -> list[str]:
        return [hit.id for hit in self._searcher.search(text, limit=limit, snippets=0).hits]

    def syntax(self, query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.words)}"'
        if query.kind == "near":
            return f'"{" ".join(query.words)}"~{MAX_BETWEEN}'
        if query.kind == "prefix":
            return f"{query.words[0]}*"
        return (" AND " if query.kind == "and" else " ").join(query.words)

    def search_ids(self, text: str, limit: int) -> list[str]:
        search_ids = getattr(self._searcher, "search_ids", None)
        if search_ids is None:  # a version that has no such method
            return self.search_hits(text, limit)
        return [hit[0] for hit in search_ids(text, limit)]

    def search_hits(self, text: str, limit: int) -> list[str]:
        """Full hits, read from the index with everything but snippets, and the exact number of all of them."""
        return [hit.id for hit in self._search(text, limit, snippets=0).hits]

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        return self._shown(text, limit, snippets=3)

    def search_shown_one(self, text: str, limit: int) -> list[Shown]:
        """The same with one snippet a hit, as the engines beside it make."""
        return self._shown(text, limit, snippets=1)

    def _shown(self, text: str, limit: int, *, snippets: int) -> list[Shown]:
        hits = self._search(text, limit, snippets=snippets).hits
        return [Shown(hit.id, hit.title, " … ".join(part.text for part in hit.snippets)) for hit in hits]

    def count(self, word: str) -> int:
        return int(self._search(f"={word}", 0, snippets=0).total)

    def add_one(self, record: Record) -> None:
        with Writer(self._directory) as writer:
            writer.add(_document(record))

    def _search(self, text: str, limit: int, *, snippets: int) -> Results:
        results = self._searcher.search(text, limit=limit, snippets=snippets)
        if results.warnings:
            raise ValueError(f"{text!r}: {results.warnings}")
        return results

    def close(self) -> None:
        self._searcher.close()


def _document(record: Record) -> Document:
    return Document(id=record.id, title=record.title, text=record.text)
