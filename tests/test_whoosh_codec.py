"""Is an index one that Whoosh opens, reads rightly and cannot change?"""

from __future__ import annotations

import datetime
import io
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import whoosh
from whoosh import query as q
from whoosh import sorting
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC, FileIndex, clean_files, open_dir
from whoosh.matching import Matcher
from whoosh.searching import Searcher
from whoosh.writing import AsyncWriter

from commands import ROOT
from naidi import Document, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec.segment import Segment
from naidi.indexer.errors import IndexDamaged, IndexUnwritable
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.manifest import SegmentEntry, toc_name
from naidi.indexer.whoosh.schema import several_keys
from naidi.indexer.whoosh.toc import toc_bytes
from naidi.indexer.whoosh.unpickle import whoosh_schema, whoosh_segment

DOCUMENTS = [
    Document(
        id="a", title="Дети пили", text="Дети ели кашу, ели и пили.", date=datetime.date(2021, 5, 29), language="ru"
    ),
    Document(id="b", title="", text="The leaves fell. Found: leaf, ёлка", path="b.txt", meta={"n": 1}, language="en"),
    Document(id="gone", title="Каша", text="каша ели", date=datetime.date(2021, 6, 1), language="ru"),
    Document(id="c", title="WHO", text="who found whom", date=datetime.date(2020, 2, 29), language="en"),
    Document(id="d", title="Пила", text="Пила у ели", language="ru"),
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments; of the first, one document is deleted."""
    directory = tmp_path_factory.mktemp("codec")
    with Writer(directory) as writer:
        writer.add_many(DOCUMENTS[:4])
        writer.commit()
        writer.add(DOCUMENTS[4])
        writer.delete("gone")
    return directory


@pytest.fixture(scope="module")
def generation(directory: Path) -> Path:
    return open_generation(directory).directory


@pytest.fixture(scope="module")
def ix(generation: Path) -> FileIndex:
    return open_dir(str(generation))


def test_whoosh_opens_an_index_as_the_page_says(directory: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (call,) = re.findall(r"`(whoosh\.index\.open_dir\(.*\))`", page)
    with eval(call, {"whoosh": whoosh, "index": directory}).searcher() as searcher:
        assert searcher.doc_count() == len(DOCUMENTS) - 1


@pytest.fixture(scope="module")
def searcher(ix: FileIndex) -> Iterator[Searcher]:
    with ix.searcher() as searcher:
        yield searcher


def found(searcher: Searcher, query: q.Query, **options: Any) -> list[str]:
    return [hit["id"] for hit in searcher.search(query, limit=None, **options)]


def postings(searcher: Searcher, fieldname: str, text: str) -> dict[str, tuple[float, list[int]]]:
    """id -> (weight, positions)."""
    there = {}
    matcher: Matcher = searcher.postings(fieldname, searcher.schema[fieldname].to_bytes(text))
    while matcher.is_active():
        positions = matcher.value_as("positions")
        assert searcher.schema[fieldname].format.decode_positions(matcher.value()) == positions
        there[searcher.stored_fields(matcher.id())["id"]] = (matcher.weight(), positions)
        matcher.next()
    return there


class TestReading:
    def test_counts(self, ix: FileIndex, searcher: Searcher, generation: Path) -> None:
        assert len(list(generation.glob("*.seg"))) == 2
        assert (ix.doc_count(), ix.doc_count_all(), ix.reader().has_deletions()) == (4, 5, True)
        assert not ix.is_empty()
        assert ix.up_to_date()
        assert not searcher.is_atomic()

    def test_lexicon_is_sorted_and_that_of_the_field(self, searcher: Searcher) -> None:
        titles = [text.decode() for text in searcher.reader().lexicon("title")]
        expected = {key for document in DOCUMENTS for form in forms(document.title) for key in keys(form)}
        assert titles == sorted(expected)
        assert [text.decode() for text in searcher.reader().expand_prefix("title_form", "пи")] == ["пила", "пили"]

    def test_terms_of_all_fields(self, searcher: Searcher) -> None:
        terms = list(searcher.reader().all_terms())
        assert terms == sorted(set(terms))
        assert all(term in searcher.reader() for term in terms)
        assert {name for name, _ in terms} == set(searcher.reader().indexed_field_names())
        assert ("text", b"nowhere") not in searcher.reader()
        assert searcher.reader().doc_frequency("text", b"nowhere") == 0

    def test_positions_count_inside_the_document(self, searcher: Searcher) -> None:
        # Two title words, a gap of 100, then the text.
        assert postings(searcher, "body", "есть") == {"a": (2.0, [103, 105]), "d": (1.0, [103])}
        assert postings(searcher, "title", "пила")["d"] == (1.0, [0])
        assert postings(searcher, "text", "пила")["d"] == (2.0, [0, 101])
        assert postings(searcher, "form", "ели")["a"] == (2.0, [103, 105])

    def test_a_term_of_several_keys(self, searcher: Searcher) -> None:
        both = several_keys(("ель", "есть"))
        # ели has both keys, and is there as often as it was written.
        assert postings(searcher, "text", both) == postings(searcher, "text", "ель")
        assert found(searcher, q.Term("text", several_keys(("лес", "каша")))) == ["a"]
        assert ("text", several_keys(("лес", "поле")).encode()) not in searcher.reader()

    def test_term_info(self, searcher: Searcher) -> None:
        info = searcher.term_info("body", "есть".encode())
        assert (info.weight(), info.doc_frequency(), info.max_weight()) == (4, 3, 2)  # the deleted one is among them
        assert (info.min_length(), info.max_length(), info.min_id(), info.max_id()) == (2, 6, 0, 4)

    def test_lengths(self, searcher: Searcher) -> None:
        number = searcher.document_number(id="a")
        assert [searcher.doc_field_length(number, name) for name in ("title", "body", "text", "form")] == [2, 6, 8, 8]
        assert searcher.doc_field_length(number, "id", 7) == 7
        assert searcher.field_length("title") == 5
        assert searcher.max_field_length("body") == 6

    def test_stored_fields(self, searcher: Searcher) -> None:
        assert searcher.document(id="a") == {
            "id": "a",
            "title": "Дети пили",
            "text": "Дети ели кашу, ели и пили.",
            "date": datetime.datetime(2021, 5, 29),
            "language": "ru",
            "meta": {},
        }
        stored = searcher.document(id="b")
        assert stored is not None
        assert (stored["path"], stored["meta"], "date" in stored) == ("b.txt", {"n": 1}, False)
        assert searcher.document(id="gone") is None
        assert [fields["id"] for fields in searcher.all_stored_fields()] == ["a", "b", "c", "d"]


def numbers(start: tuple[int, int, int] | None, end: tuple[int, int, int] | None) -> q.DateRange:
    return q.DateRange("date", *(datetime.datetime(*day) if day else None for day in (start, end)))


KASHA, ELI, PILI = q.Term("text", "каша"), q.Term("text", "есть"), q.Term("text", "пить")


@pytest.mark.parametrize(
    "query, ids",
    [
        (ELI, "a d"),
        (q.And([ELI, KASHA]), "a"),
        (q.Or([KASHA, q.Term("text", "leaf")]), "a b"),
        (q.And([ELI, q.Not(KASHA)]), "d"),
        (q.Not(ELI), "b c"),
        (q.AndNot(ELI, PILI), ""),
        (q.AndMaybe(ELI, KASHA), "a d"),
        (q.Require(ELI, KASHA), "a"),
        (q.Otherwise(q.Term("text", "лес"), ELI), "a d"),
        (q.DisjunctionMax([ELI, KASHA]), "a d"),
        (q.ConstantScoreQuery(ELI), "a d"),
        (q.Phrase("text", ["ребёнок", "ель"]), ""),
        (q.Phrase("form", ["ели", "кашу"]), "a"),
        (q.Phrase("form", ["кашу", "ели"]), "a"),
        (q.Phrase("form", ["кашу", "пили"]), ""),
        (q.Phrase("form", ["кашу", "пили"], slop=3), "a"),
        (q.Phrase("form", ["пили", "дети"], slop=90), ""),
        (q.Phrase("text", [several_keys(("ель", "есть")), "каша"]), "a"),
        (q.SpanNear(q.Term("form", "кашу"), q.Term("form", "пили"), slop=3), "a"),
        (q.SpanFirst(q.Term("form", "пила")), "d"),
        (q.Prefix("form", "лис"), ""),
        (q.Prefix("form", "ел"), "a d"),
        (q.Prefix("text", "lea"), "b"),
        (q.Wildcard("form", "*л?"), "a d"),
        (q.Regex("form", "wh.+"), "c"),
        (q.FuzzyTerm("form", "кашя"), "a"),
        (q.FuzzyTerm("form", "fuond", maxdist=2), "b c"),
        (q.FuzzyTerm("form", "каша"), "a"),
        (q.TermRange("form", "f", "l"), "b c"),
        (q.TermRange("id", "b", "c"), "b c"),
        (q.Term("language", "en"), "b c"),
        (q.Every(), "a b c d"),
        (q.Every("title"), "a c d"),
        (q.Every("date"), "a c"),
        (numbers((2021, 1, 1), None), "a"),
        (numbers(None, (2021, 5, 29)), "a c"),
        (numbers((2020, 2, 29), (2020, 2, 29)), "c"),
        (numbers((2021, 6, 1), (2022, 1, 1)), ""),
        (q.NumericRange("date", 0, 63_720_000_000_000_000), "c"),
    ],
    ids=repr,
)
def test_query_classes(searcher: Searcher, query: q.Query, ids: str) -> None:
    assert sorted(found(searcher, query)) == ids.split()


class TestOptions:
    def test_sorting(self, searcher: Searcher) -> None:
        assert found(searcher, q.Every(), sortedby="date") == ["c", "a", "b", "d"]
        newest_first = sorting.FieldFacet("date", reverse=True)
        assert found(searcher, q.Every(), sortedby=newest_first) == ["a", "c", "b", "d"]
        assert found(searcher, q.Every(), sortedby="id", reverse=True) == ["d", "c", "b", "a"]

    def test_grouping(self, searcher: Searcher) -> None:
        groups = searcher.search(q.Every(), groupedby=["language", "date"])
        assert {name: len(docs) for name, docs in groups.groups("language").items()} == {"ru": 2, "en": 2}
        assert set(groups.groups("date")) == {None, datetime.datetime(2021, 5, 29), datetime.datetime(2020, 2, 29)}

    def test_filter_mask_and_limit(self, searcher: Searcher) -> None:
        assert found(searcher, q.Every(), filter=q.Term("language", "en")) == ["b", "c"]
        assert found(searcher, q.Every(), mask=q.Term("language", "en")) == ["a", "d"]
        assert len(searcher.search(ELI, limit=1)) == 2

    def test_quality_skipping_finds_the_same_best(self, searcher: Searcher) -> None:
        query = q.Or([ELI, KASHA, PILI])
        best = searcher.search(query, limit=1, optimize=True)
        assert best[0]["id"] == found(searcher, query)[0]

    def test_suggestions_and_highlights(self, searcher: Searcher) -> None:
        assert searcher.suggest("form", "кашя") == ["каша", "кашу"]
        hit = searcher.search(KASHA)[0]
        assert 'class="match term0">кашу</b>' in hit.highlights("text")


class TestWriting:
    @pytest.mark.parametrize("arguments", [{}, {"procs": 2}, {"codec": whoosh_segment("", None, 0, 0).codec()}])
    def test_no_writer(self, ix: FileIndex, arguments: dict[str, Any]) -> None:
        with pytest.raises(IndexUnwritable, match=r"naidi\.Writer"):
            ix.writer(**arguments)
        with pytest.raises(IndexUnwritable):  # the first try has not left a lock
            ix.writer(**arguments)

    def test_no_other_way_to_write(self, ix: FileIndex) -> None:
        for write in (
            ix.optimize,
            lambda: ix.delete_by_term("id", "a"),
            lambda: ix.delete_by_query(q.Every()),
            lambda: ix.remove_field("id"),
            lambda: AsyncWriter(ix),
        ):
            with pytest.raises(IndexUnwritable):
                write()

    def test_an_empty_index_has_no_writer_either(self, tmp_path: Path) -> None:
        with Writer(tmp_path):
            pass
        empty = open_dir(str(open_generation(tmp_path).directory))
        assert empty.doc_count() == 0
        with empty.searcher() as searcher:
            assert found(searcher, q.Every()) == []
            assert found(searcher, ELI) == []
            assert list(searcher.lexicon("text")) == []
        with pytest.raises(IndexUnwritable):
            empty.writer()

    def test_nothing_changed(self, ix: FileIndex, directory: Path, generation: Path) -> None:
        with pytest.raises(IndexUnwritable):
            ix.writer()
        clean_files(ix.storage, "MAIN", ix.latest_generation(), [])
        files = {path.name for path in generation.iterdir()}
        assert files - {"MAIN_WRITELOCK"} == {*open_generation(directory).manifest.files, "manifest.json"}
        assert open_generation(directory).verify() == len(files - {"MAIN_WRITELOCK"})

    def test_not_from_memory(self) -> None:
        with pytest.raises(IndexUnwritable, match="open_dir"):
            whoosh_segment("x.seg", None, 1, 0).opened(RamStorage())


class TestTableOfContents:
    def test_is_one_of_the_manifest_s_files(self, directory: Path) -> None:
        opened = open_generation(directory)
        assert toc_name(opened.manifest.generation) in opened.manifest.files

    def test_its_pickles_call_three_functions_and_nothing_else(self, generation: Path) -> None:
        named = []

        class Restricted(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                named.append((module, name))
                known = {"whoosh_schema": lambda: "schema", "whoosh_segments": lambda *parts: parts}
                return {**known, "whoosh_segment": lambda *call: call}[name]

        data = next(generation.glob("*.toc")).read_bytes()
        at = data.index(pickle.PROTO + b"\x02")
        schema = io.BytesIO(data[at:])
        assert Restricted(schema).load() == "schema"
        segments = Restricted(io.BytesIO(data[at + schema.tell() + 8 :])).load()
        assert [(file.endswith(".seg"), bool(deletions), *counts) for file, deletions, *counts in segments] == [
            (True, True, 4, 1),
            (True, False, 1, 0),
        ]
        assert set(named) == {
            ("naidi.indexer.whoosh.unpickle", "whoosh_schema"),
            ("naidi.indexer.whoosh.unpickle", "whoosh_segment"),
            ("naidi.indexer.whoosh.unpickle", "whoosh_segments"),
        }

    def test_whoosh_would_write_the_same(self, tmp_path: Path) -> None:
        storage = RamStorage()
        entries = [SegmentEntry("1-0.seg", 300, 9, 9, "1-0.2.del", 200), SegmentEntry("2-0.seg", 1, 9, 9)]
        with storage.create_file(toc_name(2)) as file:
            file.write(toc_bytes(2, entries))
        toc = TOC.read(storage, "MAIN")
        assert (toc.generation, toc.schema.items()[0]) == (2, whoosh_schema().items()[0])
        assert toc.schema.names() == whoosh_schema().names()
        assert [(part.file, part.deletions, part.doc_count()) for part in toc.segments] == [
            ("gen-00000002/1-0.seg", "gen-00000002/1-0.2.del", 100),
            ("gen-00000002/2-0.seg", None, 1),
        ]
        theirs = RamStorage()
        toc.write(theirs, "MAIN")
        read = TOC.read(theirs, "MAIN")
        assert read.segments == toc.segments
        start = toc_bytes(2, entries)[: 3 + 8 + 3]
        with theirs.open_file(next(iter(theirs.list()))) as file:
            assert file.read(len(start)) == start

    def test_writing_needs_no_whoosh(self, tmp_path: Path) -> None:
        script = (
            "import sys, naidi; w = naidi.Writer(sys.argv[1]);"
            "w.add(naidi.Document(id='a', text='ели', language='ru')); w.commit(); w.close();"
            "sys.exit('whoosh' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", script, tmp_path], check=False).returncode == 0

    def test_a_missing_or_cut_file_is_named(self, directory: Path, tmp_path: Path) -> None:
        (tmp_path / toc_name(1)).write_bytes(toc_bytes(1, [SegmentEntry("no.seg", 1, 1, 1)]))
        with pytest.raises(IndexDamaged, match=r"no\.seg"):
            open_dir(str(tmp_path)).reader()
        source = open_generation(directory).manifest.segments[0].file
        (tmp_path / "no.seg").write_bytes((open_generation(directory).directory / source).read_bytes())
        (tmp_path / "no.del").write_bytes(b"")
        (tmp_path / toc_name(2)).write_bytes(toc_bytes(2, [SegmentEntry("no.seg", 4, 1, 1, "no.del", 1)]))
        assert Segment(tmp_path / "no.seg").doc_count == 4
        with pytest.raises(IndexDamaged, match=r"no\.del"):
            open_dir(str(tmp_path)).reader()
