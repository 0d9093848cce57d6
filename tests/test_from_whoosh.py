"""What of an index of Whoosh arrives in ours, and can a hostile one do harm?"""

from __future__ import annotations

import datetime
import os
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import analysis, fields
from whoosh.filedb.filestore import RamStorage
from whoosh.index import FileIndex, create_in

from naidi import Document, Writer, from_whoosh, open_index
from naidi import fields as ours
from naidi.indexer.errors import IndexDamaged, IndexMissing, IndexProblem, InvalidSchema
from naidi.indexer.state.generations import open_generation
from naidi.indexer.takeover import safe_pickles

NOON = datetime.datetime(2024, 5, 1, 12)

SCHEMA = {
    "url": fields.ID(unique=True, stored=True),
    "title": fields.TEXT(stored=True),
    "content": fields.TEXT(stored=True, analyzer=analysis.StemmingAnalyzer()),
    "note": fields.TEXT(stored=True),
    "tags": fields.KEYWORD(stored=True, commas=True, lowercase=True),
    "words": fields.KEYWORD(stored=True),
    "owner": fields.ID(stored=True),
    "price": fields.NUMERIC(Decimal, decimal_places=2, stored=True),
    "rank": fields.NUMERIC(sortable=True),
    "new": fields.BOOLEAN(stored=True),
    "created": fields.DATETIME(stored=True),
    "summary": fields.TEXT,
    "extra": fields.STORED,
    "size": fields.NUMERIC(stored=True),
}


def values(number: int) -> dict[str, Any]:
    return {
        "url": f"/d{number}",
        "title": f"Doc {number}",
        "content": f"the cat is number {number} of all the cats",
        "note": "aside",
        "tags": "Red, dark Blue",
        "words": "one two",
        "owner": "Max Power",
        "price": Decimal("9.50"),
        "rank": number,
        "new": bool(number % 2),
        "created": NOON + datetime.timedelta(days=number),
        "summary": "lost",
        "extra": "kept",
        "size": 7,
    }


def write(directory: Path, documents: list[dict[str, Any]], schema: dict[str, Any] | None = None) -> FileIndex:
    directory.mkdir()
    index = create_in(str(directory), fields.Schema(**(schema or SCHEMA)))
    with index.writer() as writer:
        for document in documents:
            writer.add_document(**document)
    return index


def test_what_is_stored_arrives(tmp_path: Path) -> None:
    index = write(tmp_path / "theirs", [values(number) for number in range(6)])
    with index.writer() as writer:
        writer.delete_by_term("url", "/d4")
    report = from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert (report.documents, report.deleted, report.replaced, report.skipped) == (5, 1, 0, [])
    assert report.mapping == {
        "url": "id, path",
        "title": "title",
        "content": "text",
        "note": "note: Text()",
        "tags": "tags: Keyword(multiple=True)",
        "words": "words: Keyword(multiple=True)",
        "owner": "owner: Keyword()",
        "price": "price: Number()",
        "rank": "rank: Number()",
        "new": "new: Boolean()",
        "created": "date, created: DateTime()",
        "extra": "meta",
        "size": "size_field: Number()",  # the size of a file is something else
    }
    assert report.lost == [("summary", "its values are not stored")]
    with open_index(tmp_path / "ours") as searcher:
        stored = searcher.get("/d3")
        assert (stored.title, stored.text, stored.path) == ("Doc 3", values(3)["content"], "/d3")
        assert (stored.date, dict(stored.meta)) == (datetime.date(2024, 5, 4), {"extra": "kept"})
        assert dict(stored.fields) == {
            "note": "aside",
            "tags": ["dark blue", "red"],
            "words": ["one", "two"],
            "owner": "Max Power",
            "price": 9.5,
            "rank": 3,
            "new": True,
            "created": datetime.datetime(2024, 5, 4, 12, tzinfo=datetime.timezone.utc),
            "size_field": 7,
        }
        assert [hit.id for hit in searcher.search("cat", where={"rank": (None, 2)}, sort="-rank")] == [
            "/d2",
            "/d1",
            "/d0",
        ]
        assert "/d4" not in searcher


def test_an_open_index_gives_the_same(tmp_path: Path) -> None:
    index = write(tmp_path / "theirs", [values(number) for number in range(3)])
    expected = from_whoosh(tmp_path / "theirs", tmp_path / "a")
    assert from_whoosh(index, tmp_path / "b") == expected
    assert from_whoosh(tmp_path / "theirs", tmp_path / "c", trusted=True) == expected
    contents = [open_generation(tmp_path / name).manifest.segments[0].text_bytes for name in "abc"]
    assert len(set(contents)) == 1


def test_from_memory(tmp_path: Path) -> None:
    index = RamStorage().create_index(fields.Schema(text=fields.TEXT(stored=True)))
    with index.writer() as writer:
        writer.add_document(text="one")
        writer.add_document(text="two")
    report = from_whoosh(index, tmp_path)
    assert report.documents == 2 and report.mapping == {"text": "text"}
    with open_index(tmp_path) as searcher:
        assert [hit.id for hit in searcher.search("two")] == ["2"]


def test_the_caller_may_say_otherwise(tmp_path: Path) -> None:
    write(tmp_path / "theirs", [values(1)])
    report = from_whoosh(
        tmp_path / "theirs", tmp_path / "ours", id="owner", title="url", text="note", zone="Asia/Almaty"
    )
    assert report.mapping["owner"] == "id" and report.mapping["url"].startswith("title")
    assert report.mapping["content"] == "content: Text()"
    with open_index(tmp_path / "ours") as searcher:
        assert searcher.get("Max Power").text == "aside"
        created = searcher.get("Max Power").fields["created"]
        assert created.utcoffset() == datetime.timedelta(hours=5) and created.hour == 12
    with pytest.raises(InvalidSchema, match=r"text='nowhere'.*content"):
        from_whoosh(tmp_path / "theirs", tmp_path / "other", text="nowhere")
    with pytest.raises(InvalidSchema, match="summary"):
        from_whoosh(tmp_path / "theirs", tmp_path / "other", text="summary")
    assert not (tmp_path / "other").exists()


def test_ids_that_are_not_there_or_not_one_document_s(tmp_path: Path) -> None:
    schema = {"id": fields.ID(stored=True), "text": fields.TEXT(stored=True)}
    write(
        tmp_path / "theirs",
        [{"id": "a", "text": "old"}, {"text": "none"}, {"id": "a", "text": "new"}, {"id": " "}],
        schema,
    )
    report = from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert (report.documents, report.replaced) == (2, 1)
    assert [doc_id for doc_id, _ in report.skipped] == [" "] and "blank" in report.skipped[0][1]
    with open_index(tmp_path / "ours") as searcher:
        assert searcher.get("a").text == "new" and searcher.get("2").text == "none"


def test_values_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    schema = {"text": fields.TEXT(stored=True), "big": fields.NUMERIC(int, bits=64, stored=True), "any": fields.STORED}
    write(
        tmp_path / "theirs", [{"text": "x", "big": 2**60, "any": [1]}, {"text": "y", "big": 2**61, "any": NOON}], schema
    )
    report = from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert report.documents == 2
    assert [(name, reason.rpartition("(")[2]) for name, reason in report.lost] == [
        ("any", "1 documents)"),
        ("big", "2 documents)"),
    ]
    with open_index(tmp_path / "ours") as searcher:
        assert dict(searcher.get("2").meta) == {"any": "2024-05-01T12:00:00"}


def test_fields_by_pattern(tmp_path: Path) -> None:
    schema = fields.Schema(text=fields.TEXT(stored=True))
    schema.add("*_n", fields.NUMERIC(stored=True), glob=True)
    (tmp_path / "theirs").mkdir()
    index = create_in(str(tmp_path / "theirs"), schema)
    with index.writer() as writer:
        writer.add_document(text="x", low_n=1)
        writer.add_document(text="y", high_n=2)
    report = from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert report.mapping == {"text": "text", "low_n": "low_n: Number()", "high_n": "high_n: Number()"}
    with open_index(tmp_path / "ours") as searcher:
        assert [dict(searcher.get(name).fields) for name in "12"] == [{"low_n": 1}, {"high_n": 2}]


def test_segments_that_are_not_packed_together(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    index = create_in(str(tmp_path / "theirs"), fields.Schema(**SCHEMA))
    for number in range(3):
        writer = index.writer()
        writer.compound = False
        writer.add_document(**values(number))
        writer.commit(merge=False)
    report = from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert report.documents == 3 and report.mapping["rank"] == "rank: Number()"


def test_documents_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    write(tmp_path / "theirs", [values(1)])
    with Writer(tmp_path / "ours", schema={"color": ours.Keyword()}) as writer:
        writer.add(Document(id="own", text="mine", fields={"color": "red"}))
    from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    with open_index(tmp_path / "ours") as searcher:
        assert sorted(searcher.ids()) == ["/d1", "own"]


def test_there_is_none(tmp_path: Path) -> None:
    for trusted in (False, True):
        with pytest.raises(IndexMissing, match="no index of Whoosh"):
            from_whoosh(tmp_path, tmp_path / "ours", trusted=trusted)
    with Writer(tmp_path / "index") as writer:
        writer.add(Document(id="own", text="mine"))
    with pytest.raises(IndexProblem, match=r"whoosh_schema"):  # ours is none of Whoosh's
        from_whoosh(tmp_path / "index", tmp_path / "ours")
    assert not (tmp_path / "ours").exists()


# Harm


class Harm:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_stored_value_runs_nothing(tmp_path: Path) -> None:
    schema = {"text": fields.TEXT(stored=True), "any": fields.STORED}
    write(tmp_path / "theirs", [{"text": "x", "any": Harm(tmp_path / "harm")}], schema)
    with pytest.raises(IndexProblem, match=r"posix\.mkdir|nt\.mkdir"):
        from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert not (tmp_path / "harm").exists() and not (tmp_path / "ours").exists()


@pytest.mark.parametrize("place", ["schema", "segments", "directory"])
def test_no_pickle_of_the_index_runs_anything(tmp_path: Path, place: str) -> None:
    write(tmp_path / "theirs", [values(1)])
    harm = pickle.dumps(Harm(tmp_path / "harm"), 2)
    toc = next((tmp_path / "theirs").glob("*.toc"))
    data = toc.read_bytes()
    first, last = data.index(b"\x80\x02"), data.rindex(b"\x80", 0, len(data))
    if place == "schema":
        start = first - (2 if data[first - 2] & 0x80 else 1)
        assert len(harm) < 128
        toc.write_bytes(data[:start] + bytes([len(harm)]) + harm + data[last - 8 :])
    elif place == "segments":
        toc.write_bytes(data[:last] + harm)
    else:
        segment = next((tmp_path / "theirs").glob("*.seg"))
        packed = segment.read_bytes()
        segment.write_bytes(packed[: int.from_bytes(packed[:8], "big")] + harm)
    with pytest.raises(IndexProblem):
        from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    "module, name",
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("whoosh.fields", "sys.modules"),
        ("whoosh.fields", "datetime"),
        ("whoosh.columns", "loads"),
        ("whoosh.codec.whoosh3", "loads"),
        ("whoosh.filedb.filestore", "FileStorage"),
        ("whoosh.lang.porter", "re"),
        ("whoosh.codec.nowhere", "x"),
    ],
)
def test_names_that_are_refused(module: str, name: str) -> None:
    with pytest.raises(IndexProblem, match=f"{module}.{name}"):
        safe_pickles.loads(f"c{module}\n{name}\n.".encode())


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 400), byte=st.integers(0, 255), of_segment=st.booleans())
def test_a_damaged_index_is_told(
    tmp_path_factory: pytest.TempPathFactory, cut: int, byte: int, of_segment: bool
) -> None:
    """Either it is read, or one of our errors says that it cannot be."""
    tmp_path = tmp_path_factory.mktemp("damaged")
    write(tmp_path / "theirs", [values(1), values(2)])
    path = next((tmp_path / "theirs").glob("*.seg" if of_segment else "*.toc"))
    data = bytearray(path.read_bytes())
    data[cut % len(data)] = byte
    path.write_bytes(bytes(data))
    try:
        from_whoosh(tmp_path / "theirs", tmp_path / "ours")
    except IndexProblem:
        with pytest.raises(IndexMissing):
            open_index(tmp_path / "ours")


def test_a_cut_index_is_damaged(tmp_path: Path) -> None:
    write(tmp_path / "theirs", [values(1)])
    toc = next((tmp_path / "theirs").glob("*.toc"))
    toc.write_bytes(toc.read_bytes()[:50])
    with pytest.raises(IndexDamaged, match="cannot be read"):
        from_whoosh(tmp_path / "theirs", tmp_path / "ours")


def test_a_size_beyond_all_memory_is_damage(tmp_path: Path) -> None:
    write(tmp_path / "theirs", [values(1), values(2)])
    path = next((tmp_path / "theirs").glob("*.toc"))
    data = bytearray(path.read_bytes())
    data[40] = 150  # the size of a bytearray follows, in eight bytes
    path.write_bytes(bytes(data))
    with pytest.raises(IndexProblem):
        from_whoosh(tmp_path / "theirs", tmp_path / "ours")
