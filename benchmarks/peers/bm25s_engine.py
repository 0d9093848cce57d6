"""bm25s: BM25 (the `lucene` method, its default) in memory over Snowball stems of title and text together."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bm25s
import Stemmer

from benchmarks.peers import Shown
from benchmarks.shared.records import Record
from benchmarks.shared.workload import LONG, Query

_LANGUAGES = {"en": ["english"], "ru": ["russian"], "both": ["english", "russian"]}


class _Stemmers:
    """Snowball stemmers one after the other, with the one method that bm25s calls."""

    def __init__(self, names: list[str]) -> None:
        self._stemmers = [Stemmer.Stemmer(name) for name in names]

    def stemWords(self, words: list[str]) -> list[str]:
        for stemmer in self._stemmers:
            words = stemmer.stemWords(words)
        return words


class Bm25s:
    """bm25s with its default k1 = 1.5 and b = 0.75, with or without its stop words.

    It answers from memory; index and documents are written to `directory` if there is one.
    """

    whole_words = False

    def __init__(self, language: str, *, stop_words: bool, directory: Path | None = None) -> None:
        self._stemmer = _Stemmers(_LANGUAGES[language])
        self._directory = directory
        self._stop_words = language if stop_words else None
        self._retriever = bm25s.BM25()
        self._records: list[Record] = []

    def build(self, records: Iterable[Record]) -> None:
        texts = []
        for record in records:
            self._records.append(record)
            texts.append(f"{record.title} {record.text}")
        self._retriever.index(self._tokens(texts), show_progress=False)
        if self._directory is not None:
            self._retriever.save(self._directory)
            rows = json.dumps(self._records, ensure_ascii=False)
            (self._directory / "records.json").write_text(rows, encoding="utf-8")

    def open(self) -> None:
        if self._directory is None:
            raise ValueError("there is no directory to open")
        self._retriever = bm25s.BM25.load(self._directory)
        rows = json.loads((self._directory / "records.json").read_text(encoding="utf-8"))
        self._records = [Record(*row) for row in rows]

    def search(self, text: str, limit: int) -> list[str]:
        return [self._records[doc].id for doc in self._best(text, limit)]

    def syntax(self, query: Query) -> str | None:
        return " ".join(query.words) if query.kind in ("word", "or", LONG) else None

    def search_ids(self, text: str, limit: int) -> list[str]:
        return self.search(text, limit)

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        found = [self._records[doc] for doc in self._best(text, limit)]
        return [Shown(record.id, record.title, "") for record in found]

    def count(self, word: str) -> int:
        return len(self._best(word, len(self._records)))

    def add_one(self, record: Record) -> None:
        raise NotImplementedError("bm25s builds the whole index anew")

    def close(self) -> None:
        self._records = []

    def _best(self, text: str, limit: int) -> list[int]:
        tokens = self._tokens([text])
        found, scores = self._retriever.retrieve(tokens, k=min(limit, len(self._records)), show_progress=False)
        return [int(doc) for doc, score in zip(found[0], scores[0], strict=True) if score > 0]

    def _tokens(self, texts: list[str]) -> Any:
        return bm25s.tokenize(
            texts, stopwords=self._stop_words, stemmer=self._stemmer, show_progress=False, return_ids=False
        )
