"""Does Whoosh find the live state in the index directory, follow commits, and survive what happens between them?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from whoosh import fields
from whoosh.index import EmptyIndexError, create_in, exists_in, open_dir
from whoosh.query import Every, Prefix, Term
from whoosh.searching import Searcher

from indexes import verify
from naidi import Document, Writer, open_index
from naidi.indexer.errors import IndexDamaged, IndexUnwritable
from naidi.indexer.state import commit
from naidi.indexer.state.generations import open_generation


def commit_one(directory: Path, *documents: Document, delete: str | None = None) -> None:
    with Writer(directory) as writer:
        writer.add_many(documents)
        if delete is not None:
            writer.delete(delete)


def document(doc_id: str, text: str = "cat and dog") -> Document:
    return Document(id=doc_id, text=text, language="en")


def ids(searcher: Searcher) -> list[str]:
    return sorted(hit["id"] for hit in searcher.search(Every(), limit=None))


def tables(directory: Path) -> set[str]:
    return {path.name for path in directory.glob("*.toc")}


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """An index of one document."""
    directory = tmp_path / "index"
    commit_one(directory, document("a"))
    return directory


def test_the_directory_itself_is_opened(one: Path) -> None:
    assert exists_in(str(one))
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a"]
    with open_dir(str(open_generation(one).directory)).searcher() as searcher:
        assert ids(searcher) == ["a"]


def test_a_searcher_follows_commits(one: Path) -> None:
    index = open_dir(str(one))
    searcher = index.searcher()
    assert searcher.up_to_date() and searcher.refresh() is searcher
    live = {"a"}
    for number in range(2, 9):
        delete = "a" if number == 3 else None
        commit_one(one, document(f"b{number}"), document("again", f"version{number}"), delete=delete)
        live = (live | {f"b{number}", "again"}) - {delete}
        assert not searcher.up_to_date() and index.latest_generation() == number
        assert set(ids(searcher)) == live - {f"b{number}"} - ({"again"} if number == 2 else set()) | (
            {"a"} if number == 3 else set()
        )
        searcher = searcher.refresh()
        assert searcher.up_to_date() and searcher.reader().generation() == number
        # Each once, and none of those that are deleted or replaced.
        assert ids(searcher) == sorted(live)
        assert [hit["id"] for hit in searcher.search(Prefix("form", "version"))] == ["again"]
        assert searcher.document(id="again")["text"] == f"version{number}"
        assert tables(one) == {f"_MAIN_{number - 1}.toc", f"_MAIN_{number}.toc"}


def test_a_commit_without_new_documents_is_followed_too(one: Path) -> None:
    searcher = open_dir(str(one)).searcher()
    with Writer(one) as writer:
        writer.roots["/nowhere"] = {"prefix": "x", "synced_ns": 1}
        writer.commit()
    before = searcher.reader().generation()
    searcher = searcher.refresh()
    assert searcher.reader().generation() == open_generation(one).manifest.generation
    assert searcher.up_to_date() and ids(searcher) == ["a"] and before is not None


def test_a_reader_keeps_a_state_that_is_removed(one: Path) -> None:
    searcher = open_dir(str(one)).searcher()
    for number in range(3):
        commit_one(one, document(f"b{number}"))
    assert not (one / "gen-00000001").exists()
    assert [hit["text"] for hit in searcher.search(Term("text", "cat"))] == ["cat and dog"]
    assert searcher.suggest("form", "cst") == ["cat"]


def test_a_state_that_is_replaced_while_it_is_opened(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoosh reads the table of contents, and then the files."""
    from whoosh.index import TOC

    index, read, left = open_dir(str(one)), TOC.read, [2]

    def slowly(*arguments: object, **options: object) -> TOC:
        toc = read(*arguments, **options)
        while left[0]:
            left[0] -= 1
            commit_one(one, document(f"b{left[0]}"))
        return toc

    monkeypatch.setattr(TOC, "read", slowly)
    with index.searcher() as searcher:
        assert ids(searcher) == ["a", "b0", "b1"]


def test_a_crash_before_the_table_leaves_the_state_before(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commit, "publish_toc", crash)
        with pytest.raises(KeyboardInterrupt):
            commit_one(one, document("b"))
    with open_index(one) as searcher:
        assert len(searcher.search("cat").hits) == 2
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a"]
    verify(one)
    with Writer(one):  # changes nothing
        pass
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a", "b"]


def test_a_state_that_is_not_live_is_never_shown(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "no")

    with monkeypatch.context() as patch:
        patch.setattr(commit, "replace", fail)
        with pytest.raises(OSError, match="no"):
            commit_one(one, document("b"))
    assert tables(one) == {"_MAIN_1.toc"}
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a"]


@pytest.mark.parametrize("content", [None, b"", b"_MAIN_"])
def test_a_harmed_table_harms_whoosh_alone(one: Path, content: bytes | None) -> None:
    path = one / "_MAIN_1.toc"
    path.unlink()
    if content is None:
        verify(one)
        with pytest.raises(EmptyIndexError):
            open_dir(str(one))
    else:
        path.write_bytes(content)
        with pytest.raises(IndexDamaged, match=r"_MAIN_1\.toc"):
            verify(one)
    with open_index(one) as searcher:
        results = searcher.search("cat")
    assert len(results.hits) == 1 and not results.warnings
    with Writer(one):
        pass
    verify(one)
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a"]


def test_without_links_the_table_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(1, "no links")

    monkeypatch.setattr(os, "link", no_links)
    for doc_id in "abc":
        commit_one(tmp_path, document(doc_id))
    assert tables(tmp_path) == {"_MAIN_2.toc", "_MAIN_3.toc"}
    with open_dir(str(tmp_path)).searcher() as searcher:
        assert ids(searcher) == ["a", "b", "c"]
    verify(tmp_path)


def test_an_index_of_whoosh_is_left_alone(tmp_path: Path) -> None:
    create_in(str(tmp_path), fields.Schema(id=fields.ID(stored=True)))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "_MAIN_0.toc" in before
    with pytest.raises(IndexUnwritable, match="_MAIN_0"):
        Writer(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_table_of_somebody_else_stays(one: Path) -> None:
    (one / "_MAIN_0.toc").write_bytes(b"theirs")
    for number in range(3):
        commit_one(one, document(f"b{number}"))
    assert tables(one) == {"_MAIN_0.toc", "_MAIN_3.toc", "_MAIN_4.toc"}


def test_what_is_left_without_the_states_is_still_ours(one: Path) -> None:
    shutil.rmtree(one / "gen-00000001")
    (one / "CURRENT").unlink()
    commit_one(one, document("b"))
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["b"]


def test_a_writer_of_whoosh_is_refused(one: Path) -> None:
    for _ in range(2):
        with pytest.raises(IndexUnwritable, match=r"naidi\.Writer"):
            open_dir(str(one)).writer()
    commit_one(one, document("b"))
    verify(one)
    with open_dir(str(one)).searcher() as searcher:
        assert ids(searcher) == ["a", "b"]
