"""Documents are read back as they were given, one by its id, and the ids of all."""

from __future__ import annotations

import datetime
import gc
import os
import pickle
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import (
    Document,
    DocumentMissing,
    IndexDamaged,
    InvalidQuery,
    Searcher,
    StoredDocument,
    Writer,
    open_index,
    sync,
)

DAY = datetime.date(2024, 5, 17)


def write(index: Path, *documents: Document) -> None:
    with Writer(index) as writer:
        writer.add_many(documents)


@pytest.fixture
def searcher(index: Path) -> Iterator[Searcher]:
    write(index, Document(id="b", text="Two vaccines."), Document(id="a", text="One."))
    write(index, Document(id="ё", text="Три."), Document(id="a b", text="Four.", title="T"))
    with Writer(index) as writer:
        assert writer.delete("b")
    with open_index(index) as opened:
        assert len(opened.generation.segments) == 2
        yield opened


def test_a_document_comes_back_as_it_was_given(index: Path) -> None:
    given_document = Document(
        id="7",
        text="The vaccines\nарrived.\x0bпрививки",
        title="News",
        date=DAY,
        path="/somewhere/7.txt",
        meta={"author": "Li", "pages": 3, "price": 1.5, "new": True, "none": None},
        language="en",
        keywords="medicine health",
        names="seventh",
        pages=(0, 12),
        size=77,
        mtime=1_700_000_000,
        date_source="header",
    )
    write(index, given_document, Document(id="plain", text=""))
    with open_index(index) as searcher:
        found, plain = searcher.get("7"), searcher.get("plain")
    assert isinstance(found, StoredDocument)
    same = [
        "id",
        "text",
        "title",
        "date",
        "path",
        "meta",
        "language",
        "keywords",
        "names",
        "pages",
        "size",
        "date_source",
    ]
    assert [getattr(found, name) for name in same] == [getattr(given_document, name) for name in same]
    assert found.mtime == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
    assert plain == StoredDocument("plain", "", "", None, None, "und")
    assert pickle.loads(pickle.dumps(found)) == found and hash(found) == hash(found) != hash(plain)
    with pytest.raises(AttributeError):
        found.title = "other"  # type: ignore[misc]


def test_what_a_hit_says_the_document_says(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "2025-03-07 meeting.txt").write_text("About vaccines.\n\nThey came.", encoding="utf-8")
    sync(tmp_path / "notes", tmp_path / "index_data")
    with open_index(tmp_path / "index_data") as searcher:
        (hit,) = searcher.search("vaccine").hits
        found = searcher.get(hit.id)
    both = ["id", "path", "title", "date", "language", "meta", "date_source", "size", "mtime"]
    assert [getattr(found, name) for name in both] == [getattr(hit, name) for name in both]
    assert found.text == "About vaccines.\n\nThey came." and found.date == datetime.date(2025, 3, 7)
    assert found.path == str(tmp_path / "notes" / "2025-03-07 meeting.txt")


def test_a_long_text_comes_back_whole(index: Path) -> None:
    text = " ".join(f"слово{number}" for number in range(60_000))
    write(index, Document(id="book", text=text))
    with open_index(index) as searcher:
        assert searcher.get("book").text == text


def test_what_is_not_there_is_missing(searcher: Searcher) -> None:
    assert "a" in searcher and "ё" in searcher
    for missing in ("b", "", "A", "a\0", "\ud800", "x" * 100_000):
        assert missing not in searcher
        with pytest.raises(DocumentMissing, match="no document of the index has this id") as raised:
            searcher.get(missing)
        assert len(str(raised.value)) < 300
    for wrong in (5, None, b"a"):
        assert wrong not in searcher
        with pytest.raises(InvalidQuery, match="an id is a str"):
            searcher.get(wrong)  # type: ignore[arg-type]


def test_a_replaced_document_is_the_new_one(index: Path) -> None:
    write(index, Document(id="a", text="old"))
    write(index, Document(id="a", text="new"))
    with open_index(index) as searcher:
        assert searcher.get("a").text == "new" and list(searcher.ids()) == ["a"] and len(searcher) == 1


def test_ids_are_those_of_live_documents_in_order(searcher: Searcher) -> None:
    assert list(searcher.ids()) == ["a", "a b", "ё"]
    assert len(searcher) == searcher.doc_count == 3


def test_an_open_searcher_is_true_though_it_is_empty(index: Path) -> None:
    with Writer(index) as writer:
        writer.commit()
    searcher = open_index(index)
    assert len(searcher) == 0 and searcher and list(searcher.ids()) == [] and "a" not in searcher
    searcher.close()
    assert not searcher
    for use in (lambda: len(searcher), lambda: searcher.get("a"), searcher.ids, lambda: "a" in searcher):
        with pytest.raises(ValueError, match="this searcher is closed"):
            use()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8), max_size=12))
def test_any_ids_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    index = tmp_path_factory.mktemp("ids")
    known = sorted({name for name in names if name.strip()})
    for part in (known[::2], known[1::2]):
        write(index, *(Document(id=name, text=name) for name in part))
    with open_index(index) as searcher:
        assert list(searcher.ids()) == known
        assert all(searcher.get(name).text == name and name in searcher for name in known)


def test_ids_are_of_the_state_at_the_call(searcher: Searcher, index: Path) -> None:
    before = searcher.ids()
    write(index, Document(id="0", text="zero"))
    assert searcher.refresh()
    assert list(before) == ["a", "a b", "ё"] and list(searcher.ids()) == ["0", "a", "a b", "ё"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_ids_hold_their_state_no_longer_than_they_need_it(index: Path) -> None:
    write(index, *(Document(id=str(number), text="one") for number in range(5)))
    gc.collect()
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        searcher = open_index(index)
        read, begun, never = searcher.ids(), searcher.ids(), searcher.ids()
        assert len(list(read)) == 5 and next(begun) == "0"
        searcher.close()
        assert next(begun) == "1"
        del begun, never
        assert len(os.listdir("/proc/self/fd")) == before
        assert list(read) == []
    finally:
        gc.enable()


def test_ids_take_no_memory(index: Path) -> None:
    write(index, *(Document(id=f"document number {number:06}", text="one") for number in range(20_000)))
    with open_index(index) as searcher:
        assert next(searcher.ids())  # what is read once
        tracemalloc.start()
        try:
            count = sum(1 for _ in searcher.ids())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert count == 20_000 and peak < 100_000


def test_damage_is_told(index: Path) -> None:
    write(index, Document(id="a", text="one " * 500))
    (path,) = index.rglob("*.seg")
    with open_index(index) as searcher:
        start, count, _ = searcher.generation.segments[0].container._table["texts.blocks"]
    data = bytearray(path.read_bytes())
    data[start : start + count] = b"\xff" * count
    os.chmod(path, 0o644)
    path.write_bytes(data)
    with open_index(index) as searcher, pytest.raises(IndexDamaged):
        searcher.get("a")
