"""An index for tests of applications: as any other, and nothing is left of it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

import naidi
from indexes import verify
from naidi import Document, IndexMissing, IndexUnwritable, MemoryIndex, Writer, field, fields, open_index, sync
from naidi.indexer.codec import durability


def found(index: MemoryIndex, query: str = "вакцина") -> list[str]:
    with index.searcher() as searcher:
        return sorted(hit.id for hit in searcher.search(query))


def test_it_is_an_index_as_any_other() -> None:
    with MemoryIndex([Document("a", "Вакцины прибыли")], schema={"n": fields.Number()}) as index:
        assert found(index) == ["a"]
        with index.writer() as writer:
            writer.add(Document("b", "ещё вакцина", fields={"n": 7}))
            assert found(index) == ["a"], "a commit is needed"
        searcher = index.searcher()
        assert [hit.id for hit in searcher.search("вакцина", where=field("n") == 7)] == ["b"]
        with index.writer() as writer:
            writer.delete("a")
        assert searcher.refresh() and found(index) == ["b"]
        verify(index.directory)
        with pytest.raises(naidi.IndexLocked), index.writer():
            index.writer(lock_timeout=0)


def test_an_empty_one_can_be_asked_at_once() -> None:
    with MemoryIndex() as index:
        assert found(index) == []


def test_folders_can_be_synced_into_it(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.txt").write_text("вакцина")
    with MemoryIndex() as index:
        assert sync(tmp_path / "f", index.directory).added == 1
        assert found(index) == ["f/a.txt"]


def test_close_leaves_nothing_and_closes_who_uses_it() -> None:
    index = MemoryIndex([Document("a", "вакцина")])
    place, searcher, writer = index.directory.parent, index.searcher(), index.writer()
    assert place.exists()
    index.close()
    index.close()
    assert not place.exists()
    for call in (lambda: searcher.search("вакцина"), lambda: writer.delete("a"), index.searcher, index.writer):
        with pytest.raises(ValueError, match="closed"):
            call()
    assert not durability._fleeting


def test_it_goes_with_the_last_who_uses_it() -> None:
    gc.disable()  # nothing is in a circle
    try:
        index = MemoryIndex([Document("a", "вакцина")])
        place, searcher = index.directory.parent, index.searcher()
        del index
        assert place.exists() and searcher.search("вакцина").total == 1 and not searcher.refresh()
        searcher.close()
        del searcher
        assert not place.exists()
    finally:
        gc.enable()


def test_a_mistake_at_the_beginning_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("naidi.search.memory_index._IN_MEMORY", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(naidi.InvalidDocument):
        MemoryIndex([Document("a", "x"), "no document"])  # type: ignore[list-item]
    assert not list(tmp_path.iterdir()) and not durability._fleeting


def test_nothing_waits_for_the_disk_and_others_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("looks into /proc")
    with MemoryIndex([Document("a", "вакцина")]) as index:
        with index.writer() as writer:
            writer.delete("a")
        assert not synced
        with Writer(tmp_path / "index") as writer:
            writer.add(Document("a", "вакцина"))
        assert len(synced) > 5 and all(str(tmp_path) in path for path in synced)


@pytest.mark.parametrize(
    "end",
    [
        "",
        "raise SystemExit(3)",
        "1 / 0",
        "import os; pid = os.fork(); pid and os.waitpid(pid, 0); assert place.exists() or pid",
    ],
)
def test_the_end_of_the_process_removes_it(end: str) -> None:
    if "fork" in end and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    program = (
        "from naidi import *\n"
        "index = MemoryIndex([Document('a', 'x')]); searcher = index.searcher(); place = index.directory.parent\n"
        f"print(place, flush=True)\n{end}\n"
    )
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    place = Path(run.stdout.split()[0])
    assert "naidi-" in place.name and not place.exists()
    assert "AssertionError" not in run.stderr


def test_a_child_leaves_it_to_its_parent() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    program = (
        "import os, sys\nfrom naidi import *\n"
        "index = MemoryIndex([Document('a', 'x')])\n"
        "pid = os.fork()\n"
        "if not pid: sys.exit()\n"
        "os.waitpid(pid, 0)\n"
        "assert index.searcher().search('x').total == 1\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_name_that_other_programs_know(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        IndexMissing, match=r":memory:: is no directory; naidi.MemoryIndex\(\) makes an index in memory"
    ):
        open_index(":memory:")
    for make in (lambda: Writer(":memory:"), lambda: sync(tmp_path, ":memory:")):
        with pytest.raises(IndexUnwritable, match="MemoryIndex"):
            make()
    assert not list(tmp_path.iterdir())
