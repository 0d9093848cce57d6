"""Stock Whoosh: BM25F over the stems of its own analyzers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whoosh import index
from whoosh.analysis.analyzers import LanguageAnalyzer, StemmingAnalyzer
from whoosh.analysis.filters import LowercaseFilter
from whoosh.analysis.morph import StemFilter
from whoosh.analysis.tokenizers import RegexTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.qparser.default import MultifieldParser
from whoosh.qparser.syntax import OrGroup
from whoosh.scoring import BM25F

from benchmarks.peers import Shown, words
from benchmarks.shared.records import Record
from benchmarks.shared.workload import MAX_BETWEEN, Query

TITLE_WEIGHT = 1.0


class Whoosh:
    """Whoosh with StemmingAnalyzer (English) or LanguageAnalyzer (Russian), with or without their stop words.

    `language` may be "both", without stop words.
    """

    whole_words = False

    def __init__(self, directory: Path, language: str, *, stop_words: bool, title_weight: float = TITLE_WEIGHT) -> None:
        analyzer: Any
        if not stop_words:
            stem: Any = StemFilter
            analyzer = RegexTokenizer() | LowercaseFilter()
            for each in ["en", "ru"] if language == "both" else [language]:
                analyzer = analyzer | stem(lang=each)
        else:
            analyzer = StemmingAnalyzer() if language == "en" else LanguageAnalyzer(language)
        title, text = TEXT(analyzer, stored=True), TEXT(analyzer, stored=True)
        schema = Schema(id=ID(stored=True, unique=True), title=title, text=text)
        self._directory, self._schema = str(directory), schema
        boosts = {"title": title_weight, "text": 1.0}
        self._parser = MultifieldParser(["title", "text"], schema, fieldboosts=boosts, group=OrGroup)

    def build(self, records: Iterable[Record]) -> None:
        self._index: Any = index.create_in(self._directory, self._schema)
        writer = self._index.writer(limitmb=256)
        for record in records:
            writer.add_document(**record._asdict())
        writer.commit()
        self.open()

    def open(self) -> None:
        self._index = index.open_dir(self._directory)
        self._searcher: Any = self._index.searcher(weighting=BM25F())

    def search(self, text: str, limit: int) -> list[str]:
        query = self._parser.parse(" ".join(words(text)))
        return [hit["id"] for hit in self._searcher.search(query, limit=limit)]

    def syntax(self, query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.words)}"'
        if query.kind == "near":
            return f'"{" ".join(query.words)}"~{MAX_BETWEEN}'
        if query.kind == "prefix":
            return f"{query.words[0]}*"
        return (" AND " if query.kind == "and" else " ").join(query.words)

    def search_ids(self, text: str, limit: int) -> list[str]:
        return [hit["id"] for hit in self._searcher.search(self._parser.parse(text), limit=limit)]

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        hits = self._searcher.search(self._parser.parse(text), limit=limit)
        return [Shown(hit["id"], hit["title"], hit.highlights("text")) for hit in hits]

    def count(self, word: str) -> int:
        return len(self._searcher.search(self._parser.parse(word), limit=None))

    def add_one(self, record: Record) -> None:
        writer = self._index.writer()
        writer.add_document(**record._asdict())
        writer.commit()

    def close(self) -> None:
        self._searcher.close()
        self._index.close()
