"""bm25s: BM25 (the `lucene` method, its default) in memory over Snowball stems of title and text together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bm25s
import Stemmer

from . import Record

_LANGUAGES = {"en": "english", "ru": "russian"}


class Bm25s:
    """bm25s with its default k1 = 1.5 and b = 0.75, with or without its stop words. It keeps nothing on disk."""

    def __init__(self, language: str, *, stop_words: bool) -> None:
        self._stemmer = Stemmer.Stemmer(_LANGUAGES[language])
        self._stop_words = language if stop_words else None
        self._retriever = bm25s.BM25()
        self._ids: list[str] = []

    def build(self, records: Iterable[Record]) -> None:
        texts = []
        for record in records:
            self._ids.append(record.id)
            texts.append(f"{record.title} {record.text}")
        self._retriever.index(self._tokens(texts), show_progress=False)

    def search(self, text: str, limit: int) -> list[str]:
        tokens = self._tokens([text])
        found, scores = self._retriever.retrieve(tokens, k=min(limit, len(self._ids)), show_progress=False)
        return [self._ids[doc] for doc, score in zip(found[0], scores[0], strict=True) if score > 0]

    def close(self) -> None:
        self._ids = []

    def _tokens(self, texts: list[str]) -> Any:
        return bm25s.tokenize(
            texts, stopwords=self._stop_words, stemmer=self._stemmer, show_progress=False, return_ids=False
        )
