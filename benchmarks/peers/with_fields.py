"""Three engines with the same documents and fields, each queried as a user of it would: naidi, tantivy, and SQLite.

tantivy has the fields as fast fields, which ranges, orders and counts need, and as indexed ones. SQLite has a table of them with an
index on each column, beside the FTS5 table. Both get the ids of `only` as quickly as they can: a query that is made once, a table
that is filled before. naidi gets what its search takes, each time anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from benchmarks.peers import Shown
from benchmarks.peers.naidi_engine import Naidi
from benchmarks.peers.sqlite_fts5 import SqliteFts5
from benchmarks.peers.tantivy_engine import Tantivy
from benchmarks.shared.field_values import Values
from benchmarks.shared.records import Record
from benchmarks.shared.workload import Query
from naidi import Document, Results, Writer, fields, open_index

SCHEMA = {
    "team": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "created": fields.DateTime(),
}


class NaidiWithFields:
    """Its defaults. fields=False: the same documents without them, for the size of the index."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.syntax = Naidi(directory).syntax

    def build(self, records: Sequence[Record], values: Sequence[Values] | None) -> None:
        """Index all; values: None for documents without fields."""
        schema = None if values is None else SCHEMA
        given = [{}] * len(records) if values is None else [each.given() for each in values]
        with Writer(self.directory, jobs=2, schema=schema) as writer:
            for record, own in zip(records, given, strict=True):
                writer.add(Document(id=record.id, title=record.title, text=record.text, fields=own))

    def open(self) -> None:
        """With nothing remembered of earlier queries."""
        self.searcher = open_index(self.directory)

    def ids(self, text: str, options: Mapping[str, Any], limit: int = 10) -> list[str]:
        """The ids of the best documents."""
        return [doc_id for doc_id, _ in self.searcher.search_ids(text, limit, **options)]

    def shown(self, text: str, options: Mapping[str, Any], limit: int = 10) -> list[Shown]:
        """The best documents with up to three snippets each."""
        hits = self.results(text, options, limit).hits
        return [Shown(hit.id, hit.title, " … ".join(part.text for part in hit.snippets)) for hit in hits]

    def results(self, text: str, options: Mapping[str, Any], limit: int = 10, **more: Any) -> Results:
        """What `search` gives. Raises ValueError for a warning."""
        results = self.searcher.search(text, limit, **options, **more)
        if results.warnings:
            raise ValueError(f"{text!r}: {results.warnings}")
        return results

    def close(self) -> None:
        """Let go of the files."""
        self.searcher.close()


class TantivyWithFields:
    """tantivy with its default analyzer, as in `TIMED`. What a document is filtered and sorted by are fields of its schema."""

    def __init__(self, directory: Path) -> None:
        filters = [tantivy.Filter.remove_long(40), tantivy.Filter.lowercase()]
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for each in filters:
            analyzer = analyzer.filter(each)
        builder = tantivy.SchemaBuilder()
        for name in ("id", "team", "tags"):
            builder = builder.add_text_field(
                name, stored=name == "id", fast=True, tokenizer_name="raw", index_option="basic"
            )
        builder = builder.add_integer_field("number", indexed=True, fast=True)
        builder = builder.add_float_field("price", indexed=True, fast=True)
        builder = builder.add_boolean_field("stock", indexed=True, fast=True)
        builder = builder.add_date_field("created", indexed=True, fast=True)
        for name in ("title", "text"):
            builder = builder.add_text_field(name, stored=True, tokenizer_name="plain", index_option="position")
        self.schema = builder.build()
        self._index = tantivy.Index(self.schema, path=str(directory))
        self._index.register_tokenizer("plain", analyzer.build())
        self._ids: list[str] = []
        self._writer: Any = None
        self.syntax = Tantivy.syntax.__get__(self)

    def build(self, records: Sequence[Record], values: Sequence[Values]) -> None:
        """Index all in one thread."""
        self._writer = self._index.writer(heap_size=128_000_000, num_threads=1)
        for record, own in zip(records, values, strict=True):
            self._add(len(self._ids), record, own)
            self._ids.append(record.id)
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        self.open()

    def _add(self, number: int, record: Record, values: Values) -> None:
        given = {name: value for name, value in values.given().items() if value is not None}
        self._writer.add_document(tantivy.Document(number=number, **record._asdict(), **given))

    def open(self) -> None:
        """Read what was built."""
        self._index.reload()
        self._searcher = self._index.searcher()

    def query(self, text: str | None, condition: Any) -> Any:
        """A query with a condition, either None for all. What the condition finds adds nothing to the score."""
        parts = [] if condition is None else [(tantivy.Occur.Must, tantivy.Query.const_score_query(condition, 0.0))]
        if text is None:
            return tantivy.Query.boolean_query(parts) if parts else tantivy.Query.all_query()
        words = self._parse(text)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, words), *parts]) if parts else words

    def _parse(self, text: str) -> Any:
        if not text.endswith("*"):
            return self._index.parse_query(text, ["title", "text"])
        either = []
        for field in ("title", "text"):
            terms = [term for term, _ in self._searcher.terms_with_prefix(field, text[:-1])]
            either.append((tantivy.Occur.Should, tantivy.Query.term_set_query(self.schema, field, terms)))
        return tantivy.Query.boolean_query(either)

    def ids(self, text: str | None, condition: Any, limit: int = 10, sort: str | None = None) -> list[str]:
        """The ids of the best documents, or of the first by a field. They are read from a fast field."""
        order = tantivy.Order.Desc if sort is not None and sort.startswith("-") else tantivy.Order.Asc
        by = {} if sort is None else {"order_by_field": sort.removeprefix("-"), "order": order}
        found = self._searcher.search(self.query(text, condition), limit=limit, count=False, **by).hits
        numbers: Any = self._searcher.fast_field_values("number", [address for _, address in found])
        return [self._ids[number] for number in numbers]

    def shown(self, text: str, condition: Any, limit: int = 10) -> list[Shown]:
        """The best documents with a snippet each."""
        query = self.query(text, condition)
        found = self._searcher.search(query, limit=limit, count=False).hits
        passages = tantivy.SnippetGenerator.create(self._searcher, query, self.schema, "text")
        shown = []
        for _, address in found:
            document = self._searcher.doc(address)
            snippet = passages.snippet_from_doc(document).to_html()
            shown.append(Shown(str(document.get_first("id")), str(document.get_first("title")), snippet))
        return shown

    def count(self, text: str | None, condition: Any) -> int:
        """How many documents there are."""
        return int(self._searcher.search(self.query(text, condition), limit=1, count=True).count)

    def aggregate(self, text: str | None, wanted: Mapping[str, Any]) -> Any:
        """The ten best of a query and, in a second search, its counts: there is no way to have both of one."""
        self._searcher.search(self.query(text, None), limit=10, count=True)
        return self._searcher.aggregate(self.query(text, None), dict(wanted))

    def update(self, number: int, record: Record, values: Values) -> None:
        """Give a document other fields and commit: it is deleted and added again."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=128_000_000, num_threads=1)
        self._writer.delete_documents_by_term("number", number)
        self._add(number, record, values)
        self._writer.commit()

    def close(self) -> None:
        """Let go of the files."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
        del self._searcher, self._index, self._writer


class SqliteWithFields:
    """FTS5 with unicode61, joined with a table of the fields. One row of `tag` for each tag of a document."""

    def __init__(self, directory: Path) -> None:
        self._text = SqliteFts5(directory, "unicode61")
        self._path = directory / "peer.sqlite"

    def build(self, records: Sequence[Record], values: Sequence[Values]) -> None:
        """Index all, with statistics for the planner."""
        self._text.build(records)
        self._text.close()
        self.open()
        run = self.connection.execute
        run("CREATE TABLE field(number INTEGER PRIMARY KEY, id, team, price REAL, stock INTEGER, created INTEGER)")
        run("CREATE TABLE tag(number INTEGER, tag, PRIMARY KEY(number, tag)) WITHOUT ROWID")
        rows = [
            (number, record.id, own.team, own.price, own.stock, own.created and int(own.created.timestamp()))
            for number, (record, own) in enumerate(zip(records, values, strict=True), 1)
        ]
        tags = [(number, tag) for number, own in enumerate(values, 1) for tag in own.tags]
        with self.connection:
            self.connection.executemany("INSERT INTO field VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.connection.executemany("INSERT INTO tag VALUES (?, ?)", tags)
        for name in ("id", "team", "price", "stock", "created"):
            run(f"CREATE INDEX field_{name} ON field({name})")
        run("CREATE INDEX tag_tag ON tag(tag)")
        run("ANALYZE field")
        run("ANALYZE tag")

    def open(self) -> None:
        """Open the file that was built."""
        self.connection = sqlite3.connect(self._path)

    def allow(self, ids: Sequence[str]) -> None:
        """Fill the table `allowed` with the numbers of documents."""
        self.connection.execute("CREATE TEMP TABLE IF NOT EXISTS allowed(number INTEGER PRIMARY KEY)")
        found = (
            self.connection.execute("SELECT number FROM field WHERE id = ?", (doc_id,)).fetchone() for doc_id in ids
        )
        self.connection.executemany("INSERT OR IGNORE INTO allowed VALUES (?)", list(found))

    def syntax(self, query: Query) -> str:
        """The query in the syntax of FTS5."""
        return self._text.syntax(query)

    def ids(self, text: str, condition: str, limit: int = 10, sort: str = "record.rank") -> list[str]:
        """The ids of the best documents, or of the first by a column."""
        join = "" if not condition and sort == "record.rank" else "JOIN field AS f ON f.number = record.rowid"
        found = self.connection.execute(
            f"SELECT record.id FROM record {join} WHERE record MATCH ? {condition} ORDER BY {sort} LIMIT ?",
            (text, limit),
        )
        return [row[0] for row in found]

    def shown(self, text: str, condition: str, limit: int = 10) -> list[Shown]:
        """The best documents with a snippet each."""
        join = "JOIN field AS f ON f.number = record.rowid" if condition else ""
        found = self.connection.execute(
            "SELECT record.id, title, text, snippet(record, 2, '<b>', '</b>', '…', 30)"
            f" FROM record {join} WHERE record MATCH ? {condition} ORDER BY record.rank LIMIT ?",
            (text, limit),
        )
        return [Shown(row[0], row[1], row[3]) for row in found]

    def count(self, text: str | None, condition: str) -> int:
        """How many documents there are."""
        if text is None:
            return int(self.connection.execute(f"SELECT count(*) FROM field AS f WHERE 1 {condition}").fetchone()[0])
        joined = "SELECT count(*) FROM record JOIN field AS f ON f.number = record.rowid WHERE record MATCH ?"
        return int(self.connection.execute(f"{joined} {condition}", (text,)).fetchone()[0])

    def facets(self, text: str | None) -> list[list[tuple[Any, int]]]:
        """Of team, tags and stock, beside the best ten: the documents found are kept in a table first."""
        run = self.connection.execute
        if text is None:
            groups = ("team FROM field", "tag FROM tag", "stock FROM field")
            return [
                run(f"SELECT {one.split()[0]}, count(*) {one[one.index('FROM') :]} GROUP BY 1").fetchall()
                for one in groups
            ]
        run("CREATE TEMP TABLE IF NOT EXISTS found(number INTEGER PRIMARY KEY)")
        run("DELETE FROM found")
        run("INSERT INTO found SELECT rowid FROM record WHERE record MATCH ?", (text,))
        self.ids(text, "")
        return [
            run(f"SELECT {name}, count(*) FROM found JOIN {table} USING (number) GROUP BY 1").fetchall()
            for name, table in (("team", "field"), ("tag", "tag"), ("stock", "field"))
        ]

    def update(self, number: int, price: float) -> None:
        """Give a document another price and commit."""
        with self.connection:
            self.connection.execute("UPDATE field SET price = ? WHERE number = ?", (price, number + 1))

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


class Engines(NamedTuple):
    """All three, with the same documents."""

    naidi: NaidiWithFields
    tantivy: TantivyWithFields
    sqlite: SqliteWithFields

    @classmethod
    def built(cls, directory: Path, records: Sequence[Record], values: Sequence[Values]) -> Engines:
        """Each in a folder of its own."""
        homes = [directory / name for name in ("naidi", "tantivy", "sqlite")]
        for home in homes:
            home.mkdir()
        engines = cls(NaidiWithFields(homes[0]), TantivyWithFields(homes[1]), SqliteWithFields(homes[2]))
        for engine in engines:
            engine.build(records, values)
        engines.naidi.open()
        return engines

    def close(self) -> None:
        """Close all."""
        for engine in self:
            engine.close()
