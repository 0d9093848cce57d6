"""naidi itself, through the same interface as its peers and through nothing but its public API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indexer import Document, Writer
from search import open_index

from . import Record


class Naidi:
    """An index in `directory` with naidi's defaults. It needs no language: every word is analysed by its script."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def build(self, records: Iterable[Record]) -> None:
        with Writer(self._directory) as writer:
            writer.add_many(Document(id=record.id, title=record.title, text=record.text) for record in records)
        self._searcher = open_index(self._directory)

    def search(self, text: str, limit: int) -> list[str]:
        return [hit.id for hit in self._searcher.search(text, limit=limit, snippets=0).hits]

    def close(self) -> None:
        self._searcher.close()
