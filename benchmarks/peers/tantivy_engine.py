"""tantivy, through its Python binding, with the stemmer of the collection's language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy

from . import Record, words

TITLE_WEIGHT = 1.0
_LANGUAGES = {"en": "english", "ru": "russian"}


class Tantivy:
    """Two text fields, one analyzer: that of tantivy's `en_stem`, with the Russian stemmer for Russian."""

    def __init__(self, directory: Path, language: str, *, stop_words: bool, title_weight: float = TITLE_WEIGHT) -> None:
        name = _LANGUAGES[language]
        filters = [tantivy.Filter.remove_long(40), tantivy.Filter.lowercase()]
        if stop_words:
            filters.append(tantivy.Filter.stopword(name))
        filters.append(tantivy.Filter.stemmer(name))
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for each in filters:
            analyzer = analyzer.filter(each)
        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for field in ("title", "text"):
            schema = schema.add_text_field(field, stored=True, tokenizer_name="stem", index_option="position")
        self._index = tantivy.Index(schema.build(), path=str(directory))
        self._index.register_tokenizer("stem", analyzer.build())
        self._boosts = {"title": title_weight, "text": 1.0}

    def build(self, records: Iterable[Record]) -> None:
        writer = self._index.writer(heap_size=128_000_000, num_threads=1)
        for record in records:
            writer.add_document(tantivy.Document(**record._asdict()))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, text: str, limit: int) -> list[str]:
        query, _ = self._index.parse_query_lenient(" ".join(words(text)), ["title", "text"], field_boosts=self._boosts)
        found = self._searcher.search(query, limit=limit, count=False).hits
        return [str(self._searcher.doc(address).get_first("id")) for _, address in found]

    def close(self) -> None:
        del self._searcher, self._index
