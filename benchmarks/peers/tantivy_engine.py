"""tantivy, through its Python binding, with the stemmer of the collection's language or with its default analyzer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import tantivy

from benchmarks.peers import Shown, words
from benchmarks.shared.records import Record
from benchmarks.shared.workload import MAX_BETWEEN, Query

TITLE_WEIGHT = 1.0
_LANGUAGES = {"en": ["english"], "ru": ["russian"], "both": ["english", "russian"], "any": []}


class Tantivy:
    """Two text fields, one analyzer: that of tantivy's `en_stem`, with the Russian stemmer for Russian.

    language "any": that of tantivy's `default`, which splits into words and makes small letters.
    """

    def __init__(self, directory: Path, language: str, *, stop_words: bool, title_weight: float = TITLE_WEIGHT) -> None:
        filters = [tantivy.Filter.remove_long(40), tantivy.Filter.lowercase()]
        if stop_words:
            filters += [tantivy.Filter.stopword(name) for name in _LANGUAGES[language]]
        filters += [tantivy.Filter.stemmer(name) for name in _LANGUAGES[language]]
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for each in filters:
            analyzer = analyzer.filter(each)
        schema = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        # Read from a column, not from the stored documents: the quickest way to know which documents were found.
        schema = schema.add_integer_field("number", fast=True)
        for field in ("title", "text"):
            schema = schema.add_text_field(field, stored=True, tokenizer_name="stem", index_option="position")
        self.whole_words = language == "any"
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema, path=str(directory))
        # A fast field holds numbers alone: what they stand for is the application's, and beside the index.
        self._ids_path = directory.with_suffix(".ids.json")
        self._ids: list[str] = []
        self._index.register_tokenizer("stem", analyzer.build())
        self._boosts = {"title": title_weight, "text": 1.0}

    def build(self, records: Iterable[Record]) -> None:
        self._add(records)
        self._ids_path.write_text(json.dumps(self._ids), encoding="utf-8")
        self._index.reload()
        self._searcher = self._index.searcher()

    def _add(self, records: Iterable[Record]) -> None:
        writer = self._index.writer(heap_size=128_000_000, num_threads=1)
        for record in records:
            writer.add_document(tantivy.Document(number=len(self._ids), **record._asdict()))
            self._ids.append(record.id)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self._ids = json.loads(self._ids_path.read_text(encoding="utf-8"))
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, text: str, limit: int) -> list[str]:
        query, _ = self._index.parse_query_lenient(" ".join(words(text)), ["title", "text"], field_boosts=self._boosts)
        found = self._searcher.search(query, limit=limit, count=False).hits
        return [str(self._searcher.doc(address).get_first("id")) for _, address in found]

    def syntax(self, query: Query) -> str:
        if query.kind == "phrase":
            return f'"{" ".join(query.words)}"'
        if query.kind == "near":
            return f'"{" ".join(query.words)}"~{MAX_BETWEEN}'
        if query.kind == "prefix":
            return f"{query.words[0]}*"
        return (" AND " if query.kind == "and" else " ").join(query.words)

    def search_ids(self, text: str, limit: int) -> list[str]:
        found = self._searcher.search(self._parse(text), limit=limit, count=False).hits
        numbers = cast("list[int]", self._searcher.fast_field_values("number", [address for _, address in found]))
        return [self._ids[number] for number in numbers]

    def search_shown(self, text: str, limit: int) -> list[Shown]:
        query = self._parse(text)
        found = self._searcher.search(query, limit=limit, count=False).hits
        passages = tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "text")
        shown = []
        for _, address in found:
            document = self._searcher.doc(address)
            snippet = passages.snippet_from_doc(document).to_html()
            shown.append(Shown(str(document.get_first("id")), str(document.get_first("title")), snippet))
        return shown

    def count(self, word: str) -> int:
        return len(self._searcher.search(self._parse(word), limit=max(1, self._searcher.num_docs), count=False).hits)

    def add_one(self, record: Record) -> None:
        self._add([record])

    def _parse(self, text: str) -> tantivy.Query:
        if not text.endswith("*"):
            return self._index.parse_query(text, ["title", "text"], field_boosts=self._boosts)
        # The quickest way that finds everything. A regular expression takes twice as long; a range, a tenth of it, but it stems
        # its bounds and misses documents; so does a phrase that ends in a prefix, which stops after fifty words.
        either = []
        for field in ("title", "text"):
            terms = [term for term, _ in self._searcher.terms_with_prefix(field, text[:-1])]
            either.append((tantivy.Occur.Should, tantivy.Query.term_set_query(self._schema, field, terms)))
        return tantivy.Query.boolean_query(either)

    def close(self) -> None:
        del self._searcher, self._index
