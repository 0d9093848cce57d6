"""Do Whoosh's searches over a generation give what they give over an index of Whoosh's own codec, and can it not be written to?

Every test runs over both, with the same expected answers, which come from the documents alone; then the two are compared directly.
"""

from __future__ import annotations

import datetime
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, scoring, sorting
from whoosh import query as q
from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex, create_in
from whoosh.reading import IndexReader
from whoosh.searching import Searcher
from whoosh.writing import AsyncWriter, BufferedWriter

from naidi import Document
from naidi.indexer.errors import IndexUnwritable
from whoosh_indexes import (
    DAYS,
    LIVE,
    OURS,
    THEIRS,
    VOCABULARY,
    Commit,
    Part,
    part,
    physical,
    schema,
    walk,
    write_both,
    write_ours,
    write_theirs,
)
from whoosh_queries import finds, midnight, terms_of, trees


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileIndex]:
    return write_both(tmp_path_factory.mktemp("conformance"))


@pytest.fixture(scope="module")
def searchers(indexes: dict[str, FileIndex]) -> Iterator[dict[str, Searcher]]:
    with indexes[OURS].searcher() as ours, indexes[THEIRS].searcher() as theirs:
        yield {OURS: ours, THEIRS: theirs}


@pytest.fixture(scope="module", params=[OURS, THEIRS])
def codec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def searcher(searchers: dict[str, Searcher], codec: str) -> Searcher:
    return searchers[codec]


@pytest.fixture(scope="module")
def leaves(searcher: Searcher) -> list[Part]:
    return [part(leaf) for leaf, _ in searcher.reader().leaf_readers()]


COLUMNS = {
    "id": lambda doc: doc.document.id,
    "language": lambda doc: doc.document.language,
    "date": lambda doc: doc.document.date and midnight(doc.document.date),
}


def found(searcher: Searcher, query: q.Query, **options: Any) -> dict[int, float]:
    """serial -> score."""
    hits = searcher.search(query, limit=None, **options)
    return {hit["meta"]["serial"]: hit.score for hit in hits}


def expected(query: q.Query) -> set[int]:
    """The serial numbers of what the query means."""
    return {doc.serial for doc in LIVE if finds(query, doc)}


ELI, PILA, LEAF, WHO = (q.Term("text", key) for key in ("ель", "пила", "leaf", "who"))
MAY, JUNE = midnight(DAYS[0]), midnight(DAYS[1])
QUERIES = [
    ELI,
    q.Term("title", "ель"),
    q.Term("id", "e"),
    q.And([WHO, PILA]),
    q.And([WHO, PILA, q.Term("language", "en")]),
    q.Or([ELI, LEAF]),
    q.Or([ELI, PILA, LEAF, WHO]),
    q.Not(ELI),
    q.And([q.Or([ELI, LEAF]), q.Not(PILA)]),
    # Alone and with these words, Whoosh's matchers of the two are right; whoosh_queries says where they are not.
    q.AndNot(q.Or([ELI, LEAF]), PILA),
    q.AndMaybe(WHO, PILA),
    q.Require(LEAF, q.Term("body", "leaf")),
    q.DisjunctionMax([ELI, LEAF]),
    q.ConstantScoreQuery(ELI, 3.0),
    q.Phrase("form", ["vaccination", "who"]),
    q.Phrase("form", ["who", "who"], slop=2),
    q.Phrase("form", ["leaves", "find", "saw"], slop=4),
    q.Phrase("form", ["find", "vaccines"], slop=101),
    q.Phrase("text", ["воз", "елка"]),
    q.Prefix("form", "ва"),
    q.Prefix("text", "leav"),
    q.Wildcard("form", "в?з"),
    q.Wildcard("form", "*s"),
    q.Wildcard("text_stem", "leav*"),
    q.FuzzyTerm("form", "мила"),
    q.FuzzyTerm("form", "vacine", maxdist=2),
    q.FuzzyTerm("form", "лес", maxdist=2, prefixlength=0),
    q.TermRange("form", "find", "leaf"),
    q.TermRange("id", "k", "p"),
    q.Every("title"),
    q.Every("date"),
    q.DateRange("date", MAY, JUNE),
    q.DateRange("date", None, MAY),
    q.DateRange("date", JUNE, None),
]


@contextmanager
def weighted(searcher: Searcher, weighting: scoring.WeightingModel) -> Iterator[None]:
    """Searches score by the weighting. Those compared need no lengths, which Whoosh's codec keeps roughly."""
    before = searcher.weighting
    searcher.weighting = weighting
    try:
        yield
    finally:
        searcher.weighting = before


ids = st.sampled_from("abcdefghijkl")
texts = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)
documents = st.builds(
    Document,
    id=ids,
    text=texts,
    title=texts,
    date=st.sampled_from([None, *DAYS]),
    language=st.sampled_from(["ru", "en"]),
)
histories = st.lists(
    st.tuples(
        st.lists(ids, max_size=3), st.lists(documents, min_size=1, max_size=8, unique_by=lambda document: document.id)
    ),
    min_size=1,
    max_size=4,
)


def numbered_history(history: list[Commit]) -> list[Commit]:
    """With a serial number for every document."""
    serials = iter(range(1000))
    return [
        (deleted, [replace(document, meta={"serial": next(serials)}) for document in added])
        for deleted, added in history
    ]


def spans(searcher: Searcher, query: q.Query) -> dict[int, list[tuple[int, int]]]:
    """The query's spans in every document, by the document's number in the whole index."""
    there = {}
    for leaf, offset in searcher.leaf_searchers():
        matcher = query.matcher(leaf, leaf.boolean_context())
        for number in walk(matcher):
            there[number + offset] = [(span.start, span.end) for span in matcher.spans()]
    return there


def postings(reader: IndexReader) -> dict[tuple[str, bytes], list[tuple[int, float, Any]]]:
    """Of every term, its documents with weight and positions."""
    listed = {}
    for name, text in reader.all_terms():
        matcher = reader.postings(name, text)
        astype = "positions" if matcher.supports("positions") else "frequency"
        listed[name, text] = [(number, matcher.weight(), matcher.value_as(astype)) for number in walk(matcher)]
    return listed


class TestColumns:
    def test_values(self, searcher: Searcher, leaves: list[Part]) -> None:
        for there, docs in (part(searcher.reader()), *leaves):
            for name, value_of in COLUMNS.items():
                assert there.has_column(name)
                column = there.column_reader(name)
                assert [column[number] for number in docs] == [value_of(doc) for doc in docs.values()]
            assert not there.has_column("text")
            assert not there.has_column("path")

    def test_as_they_are_kept(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            for name, value_of in COLUMNS.items():
                column = leaf.reader.column_reader(name, translate=False)
                field = leaf.reader.schema[name]
                values = [
                    field.column_type.default_value() if value is None else field.to_column_value(value)
                    for value in map(value_of, leaf.docs.values())
                ]
                assert len(column) == len(leaf.docs)
                assert list(column) == list(column.load()) == values
                assert [column.sort_key(number) for number in leaf.docs] == values

    def test_in_reverse(self, leaves: list[Part], codec: str) -> None:
        for leaf in leaves:
            column = leaf.reader.column_reader("date", reverse=True, translate=False)
            order = sorted(leaf.docs, key=column.sort_key)
            days = [leaf.docs[number].document.date for number in order]
            dated = [day for day in days if day]
            undated = [None] * (len(days) - len(dated))
            dated.sort(reverse=True)
            # Ours come last in either order.
            assert days == (dated + undated if codec == OURS else undated + dated)
            with pytest.raises(NotImplementedError):
                leaf.reader.column_reader("language", reverse=True)

    @pytest.mark.parametrize("reverse", [False, True])
    @pytest.mark.parametrize("name", ["date", "language", "id"])
    def test_sorting(self, searcher: Searcher, name: str, reverse: bool) -> None:
        facet = sorting.FieldFacet(name, reverse=reverse)
        hits = searcher.search(q.Every(), limit=None, sortedby=[facet, sorting.FieldFacet("id")])
        rows = sorted((doc.document.id, COLUMNS[name](doc)) for doc in LIVE)
        dated = sorted((row for row in rows if row[1] is not None), key=lambda row: row[1], reverse=reverse)
        assert [hit["id"] for hit in hits if hit.get(name) is not None] == [row[0] for row in dated]
        if not reverse:
            assert [hit["id"] for hit in hits] == [row[0] for row in (*dated, *(row for row in rows if row[1] is None))]

    @pytest.mark.parametrize("name", ["date", "language"])
    def test_grouping(self, searcher: Searcher, name: str) -> None:
        expected = defaultdict(set)
        for doc in LIVE:
            expected[COLUMNS[name](doc)].add(doc.document.id)
        groups = searcher.search(q.Every(), limit=None, groupedby=name).groups(name)
        found = {value: {searcher.stored_fields(number)["id"] for number in docs} for value, docs in groups.items()}
        assert found == expected


class TestQueries:
    @pytest.mark.parametrize("query", QUERIES, ids=repr)
    def test_found(self, searcher: Searcher, query: q.Query) -> None:
        ids = expected(query)
        assert 0 < len(ids) < len(LIVE)
        assert set(found(searcher, query)) == ids

    def test_everything_and_nothing(self, searcher: Searcher) -> None:
        assert set(found(searcher, q.Every())) == {doc.serial for doc in LIVE}
        nothing = (
            q.NullQuery,
            q.Term("text", "лес"),
            q.Prefix("form", "zz"),
            q.Wildcard("form", "z*"),
            q.Term("id", "d"),
        )
        assert [found(searcher, query) for query in nothing] == [{}] * len(nothing)

    def test_otherwise(self, searcher: Searcher) -> None:
        assert set(found(searcher, q.Otherwise(q.Term("text", "лес"), ELI))) == expected(ELI)

    @pytest.mark.parametrize("start, end", [(DAYS[2], DAYS[0]), (DAYS[0], DAYS[0]), (DAYS[1], DAYS[0])])
    def test_dates_as_numbers(self, searcher: Searcher, start: datetime.date, end: datetime.date) -> None:
        bounds = [searcher.schema["date"].to_column_value(midnight(day)) for day in (start, end)]
        assert set(found(searcher, q.NumericRange("date", *bounds))) == {
            doc.serial for doc in LIVE if doc.document.date and start <= doc.document.date <= end
        }

    def test_filters_and_masks(self, searcher: Searcher) -> None:
        for query in (q.Every(), q.Or([ELI, LEAF])):
            assert set(found(searcher, query, filter=PILA)) == expected(q.And([query, PILA]))
            assert set(found(searcher, query, mask=PILA)) == expected(q.And([query, q.Not(PILA)]))

    def test_matched_terms(self, searcher: Searcher) -> None:
        hits = searcher.search(q.Or([ELI, LEAF]), limit=None, terms=True)
        for hit in hits:
            doc = next(doc for doc in LIVE if doc.serial == hit["meta"]["serial"])
            there = {key.encode() for key in ("ель", "leaf") if key in terms_of(doc, "text")}
            assert {text for _, text in hit.matched_terms()} == there

    def test_constant_scores(self, searcher: Searcher) -> None:
        assert set(found(searcher, q.ConstantScoreQuery(ELI, 3.0)).values()) == {3.0}

    @settings(max_examples=40)
    @given(trees)
    def test_trees(self, searchers: dict[str, Searcher], tree: q.Query) -> None:
        scores = {}
        for codec, searcher in searchers.items():
            with weighted(searcher, scoring.TF_IDF()):
                scores[codec] = found(searcher, tree)
            assert set(scores[codec]) == expected(tree), codec
        assert scores[OURS] == pytest.approx(scores[THEIRS], rel=1e-4, abs=1e-4)


class TestBoth:
    """The two codecs beside each other."""

    def test_same_postings(self, searchers: dict[str, Searcher]) -> None:
        ours, theirs = (searchers[codec].reader().leaf_readers() for codec in (OURS, THEIRS))
        for (one, _), (other, _) in zip(ours, theirs, strict=True):
            assert list(one.all_terms()) == list(other.all_terms())
            assert postings(one) == postings(other)

    def test_same_scores(self, searchers: dict[str, Searcher]) -> None:
        for query in QUERIES:
            scores = []
            for searcher in searchers.values():
                with weighted(searcher, scoring.TF_IDF()):
                    scores.append(found(searcher, query))
            assert scores[0] == pytest.approx(scores[1], rel=1e-4)

    def test_same_spans(self, searchers: dict[str, Searcher]) -> None:
        who, nineteen, vaccination = (q.Term("form", form) for form in ("who", "19", "vaccination"))
        for query in (
            q.SpanNear(who, nineteen, slop=2),
            q.SpanNear2([nineteen, who], slop=3, ordered=False),
            q.SpanFirst(q.Term("title_form", "vaccination")),
            q.SpanNot(q.Or([who, vaccination]), vaccination),
            q.SpanOr([who, nineteen]),
            q.SpanContains(q.SpanNear(who, who, slop=9), vaccination),
            q.SpanBefore(who, vaccination),
            q.SpanCondition(who, vaccination),
            q.Sequence([who, vaccination], slop=2),
            q.Ordered([who, vaccination]),
        ):
            one, other = (spans(searcher, query) for searcher in searchers.values())
            assert any(map(len, one.values()))
            assert one == other

    def test_same_highlights(self, searchers: dict[str, Searcher]) -> None:
        query = q.Or([PILA, WHO])
        one, other = ([hit.highlights("text") for hit in searcher.search(query)] for searcher in searchers.values())
        assert one == other
        assert any('<b class="match' in html for html in one)

    def test_same_order(self, searchers: dict[str, Searcher]) -> None:
        options: dict[str, Any]
        for options in (
            {"sortedby": "date"},
            {"sortedby": "date", "reverse": True},
            {"sortedby": [sorting.FieldFacet("language", reverse=True), sorting.FieldFacet("date")]},
            {"sortedby": "title_form"},
            {"sortedby": "id", "collapse": "language"},
        ):
            one, other = (list(found(searcher, q.Every(), **options)) for searcher in searchers.values())
            assert one == other

    def test_similar_documents(self, searchers: dict[str, Searcher]) -> None:
        for number in range(searchers[OURS].doc_count_all()):
            serials, terms = [], []
            for searcher in searchers.values():
                with weighted(searcher, scoring.TF_IDF()):
                    terms.append(dict(searcher.key_terms([number], "text")))
                    serials.append({hit["meta"]["serial"] for hit in searcher.more_like(number, "text", top=50)})
            assert terms[0] == pytest.approx(terms[1])
            assert serials[0] == serials[1]

    @settings(max_examples=12)
    @given(histories, st.lists(trees, min_size=3, max_size=6))
    def test_whatever_the_history(self, history: list[Commit], nodes: list[q.Query]) -> None:
        numbered = numbered_history(history)
        alive = {doc.serial: doc for segment in physical(numbered) for doc in segment if doc.live}
        with tempfile.TemporaryDirectory() as directory:
            for write, name in ((write_ours, OURS), (write_theirs, THEIRS)):
                with write(Path(directory, name), numbered).searcher(weighting=scoring.Frequency()) as searcher:
                    assert {stored["meta"]["serial"] for stored in searcher.reader().all_stored_fields()} == set(alive)
                    for tree in nodes:
                        wanted = {serial for serial, doc in alive.items() if finds(tree, doc)}
                        assert set(found(searcher, tree)) == wanted, name


class TestWriting:
    def test_whoosh_can_copy_it_into_an_index_of_its_own(self, searcher: Searcher, tmp_path: Path) -> None:
        copy = create_in(str(tmp_path), schema())
        writer = copy.writer()
        for leaf, _ in searcher.reader().leaf_readers():
            writer.add_reader(leaf)
        writer.commit()
        with copy.searcher() as copied:
            assert copied.doc_count_all() == len(LIVE)
            assert list(copied.reader().all_stored_fields()) == list(searcher.reader().all_stored_fields())
            for query in QUERIES:
                assert set(found(copied, query)) == expected(query)
            days = [day for day in copied.reader().column_reader("date") if day is not None]
            assert sorted(days) == sorted(midnight(doc.document.date) for doc in LIVE if doc.document.date)

    def test_is_refused_and_changes_nothing(self, indexes: dict[str, FileIndex]) -> None:
        ix = indexes[OURS]
        folder = Path(ix.storage.folder)
        before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        attempts: list[Callable[[], object]] = [
            ix.writer,
            lambda: ix.writer(procs=2),
            lambda: ix.writer(codec=W3Codec()),
            ix.optimize,
            lambda: ix.delete_by_term("id", "a"),
            lambda: ix.delete_by_query(q.Every()),
            lambda: ix.add_field("more", fields.TEXT()),
            lambda: ix.remove_field("text"),
            lambda: AsyncWriter(ix),
            lambda: BufferedWriter(ix, period=None),
        ]
        for attempt in attempts:
            with pytest.raises(IndexUnwritable):
                attempt()
        after = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert after.pop("MAIN_WRITELOCK", b"") == b""
        assert after == before

    def test_segments_and_the_codec_refuse_too(self, indexes: dict[str, FileIndex]) -> None:
        ix = indexes[OURS]
        with ix.reader() as reader:
            for leaf, _ in reader.leaf_readers():
                segment, codec = leaf.segment(), leaf.codec()
                for refused in (
                    lambda segment=segment: segment.delete_document(0),
                    lambda segment=segment: segment.set_doc_count(1),
                    lambda segment=segment: segment.create_file(ix.storage, ".x"),
                    lambda segment=segment: segment.create_compound_file(ix.storage),
                    lambda codec=codec: codec.new_segment(ix.storage, "MAIN"),
                    lambda codec=codec, segment=segment: codec.per_document_writer(ix.storage, segment),
                    lambda codec=codec, segment=segment: codec.field_writer(ix.storage, segment),
                ):
                    with pytest.raises(IndexUnwritable):
                        refused()
