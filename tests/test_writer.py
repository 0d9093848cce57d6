"""The Writer: any order of changes leads to the state a fresh build would have; an error leads to the state before."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import answers, build, contents, documents, live_directory, replace_file, verify
from naidi.indexer.codec import container, stored
from naidi.indexer.codec.container import Container
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged, IndexLocked, IndexOutdated, IndexUnwritable, InvalidDocument, NaidiError
from naidi.indexer.state import files
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing import document_buffer, merger, segment_states
from naidi.indexer.writing import writer as writer_module
from naidi.indexer.writing.merge_policy import MERGE_FACTOR
from naidi.indexer.writing.workers import OrderedWorkers
from naidi.indexer.writing.writer import Writer
from naidi.search.open_index import open_index

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred documents are more than one."""
    monkeypatch.setattr(document_buffer, "BATCH_DOCUMENTS", 500)


def ids(directory: Path) -> list[str]:
    return sorted(contents(directory))


# Add, replace, delete


def test_add_and_commit(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="a", text="кот"))
        writer.add_many(Document(id=str(number), text="cat") for number in range(3))
    assert contents(index) == {"a": "кот", "0": "cat", "1": "cat", "2": "cat"}
    verify(index)


def test_nothing_is_seen_before_the_commit(index: Path) -> None:
    build(index, documents("кот"))
    with Writer(index) as writer:
        writer.add(Document(id="new", text="cat"))
        assert contents(index) == {"0": "кот"}
        writer.commit()
        assert contents(index) == {"0": "кот", "new": "cat"}
        writer.add(Document(id="newer", text="cat"))
    assert ids(index) == ["0", "new", "newer"]


def test_the_same_id_replaces(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="a", text="one"))
        writer.add(Document(id="a", text="two"))
        writer.commit()
        assert contents(index) == {"a": "two"}
        writer.add(Document(id="a", text="three"))
        writer.commit()
        assert contents(index) == {"a": "three"}
        writer.delete("a")
        writer.add(Document(id="a", text="four"))
    assert contents(index) == {"a": "four"}
    assert answers(index, ["one", "two", "three"]) == dict.fromkeys(["one", "two", "three"], (0, {}))


def test_delete(index: Path) -> None:
    with Writer(index) as writer:
        writer.add_many(documents("x", "y", "z"))
        assert writer.delete("1")
        assert not writer.delete("1")
        assert not writer.delete("no such id")
        writer.commit()
        assert ids(index) == ["0", "2"]
        assert writer.delete("0")
        assert not writer.delete("0")
    assert ids(index) == ["2"]
    with Writer(index) as writer:
        assert writer.delete("2")
    assert ids(index) == []
    assert open_generation(index).segments == []
    verify(index)


def test_an_empty_index(index: Path) -> None:
    with Writer(index):
        pass
    assert ids(index) == []
    with open_index(index) as searcher:
        assert searcher.search("кот").total == 0
    verify(index)


def test_without_changes_nothing_is_written(index: Path) -> None:
    build(index, documents("x"))
    before = sorted(path.name for path in index.iterdir())
    with Writer(index) as writer:
        writer.delete("no such id")
        writer.commit()
    assert sorted(path.name for path in index.iterdir()) == before


def test_ids_of_any_kind(index: Path) -> None:
    names = ["a\nb", "a\n", "\n x", "ж/ё", "😀", "x" * 1024, " a ", "../../etc"]
    build(index, [Document(id=name, text=f"слово{number}") for number, name in enumerate(names)])
    assert ids(index) == sorted(names)
    with open_index(index) as searcher:
        assert [hit.id for hit in searcher.search("слово3").hits] == ["ж/ё"]
    with Writer(index) as writer:
        for name in names[::2]:
            assert writer.delete(name)
    assert ids(index) == sorted(names[1::2])


@pytest.mark.parametrize("bad", [None, "text", b"x", {"id": "a", "text": "x"}, ("a", "x"), 5])
def test_what_is_no_document(index: Path, bad: Any) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="good", text="x"))
        with pytest.raises(InvalidDocument, match="expected a Document, got"):
            writer.add(bad)
    assert ids(index) == ["good"]


# Rolling back


def test_an_exception_rolls_back(index: Path) -> None:
    build(index, documents("кот"))
    with pytest.raises(ZeroDivisionError), Writer(index) as writer:
        writer.add(Document(id="a", text="x"))
        writer.delete("0")
        raise ZeroDivisionError
    assert contents(index) == {"0": "кот"}
    build(index, [Document(id="b", text="y")])
    assert ids(index) == ["0", "b"]


def test_an_iterable_that_fails(index: Path) -> None:
    def failing() -> Iterator[Document]:
        yield from documents("x", "y")
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="source is gone"), Writer(index) as writer:
        writer.add_many(failing())
    assert not list(index.glob("gen-*"))


@pytest.mark.parametrize("flush_tokens", [1, 4_000_000])
def test_rollback(index: Path, flush_tokens: int) -> None:
    with Writer(index, flush_tokens=flush_tokens) as writer:
        writer.add_many(documents("x", "y"))
        writer.commit()
        writer.add_many(Document(id=str(number), text="z") for number in range(700))
        writer.delete("0")
        writer.rollback()
        assert not (index / "gen-next.tmp").exists()
        writer.add(Document(id="2", text="z"))
    assert contents(index) == {"0": "x", "1": "y", "2": "z"}


def test_a_closed_writer(index: Path) -> None:
    writer = Writer(index)
    writer.add(Document(id="a", text="x"))
    writer.close()
    writer.close()
    other = Writer(index, flush_tokens=1)
    other.add_many(documents(*["x"] * 600))
    acts: list[Callable[[], object]] = [
        lambda: writer.add(Document(id="a", text="x")),
        lambda: writer.add_many(documents("x")),
        lambda: writer.delete("a"),
        writer.commit,
        writer.rollback,  # which would remove what the other writer has staged
    ]
    for act in acts:
        with pytest.raises(ValueError, match="this writer is closed"):
            act()
    other.commit()
    other.close()
    assert len(ids(index)) == 600


# Failing disks


class FullDisk:
    """Lets the first calls that write pass, and fails from then on."""

    def __init__(self, real: Callable[..., Any], passing: int) -> None:
        self.real, self.left = real, passing

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if "rb" not in arguments:
            if self.left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.left -= 1
        return self.real(*arguments, **options)


# Where it fails, and after how many commits that a change meets: the last of eight makes a merge.
STEPS = [
    (os, "fsync", 2),
    (os, "fsync", MERGE_FACTOR - 1),
    (os, "rename", 2),
    (os, "replace", 2),
    (os, "mkdir", 2),
    (files, "open", 2),
    (segment_states, "write_file", 2),
    (merger, "merge_segments", MERGE_FACTOR - 1),
    (container, "open", MERGE_FACTOR - 1),
]


@pytest.mark.parametrize(("place", "name", "commits"), STEPS)
def test_a_disk_that_is_full_at_any_step(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, commits: int
) -> None:
    for number in range(commits):
        build(index, [Document(id=f"{number}.{doc}", text="кот") for doc in range(4)])
    before = contents(index)
    after = {**before, "new": "кот"}
    del after["0.0"]
    failures = 0
    for passing in range(100):
        copy = tmp_path / str(passing)
        shutil.copytree(index, copy)
        with monkeypatch.context() as patch:
            patch.setattr(place, name, FullDisk(getattr(place, name, open), passing), raising=False)
            try:
                with Writer(copy) as writer:
                    writer.add(Document(id="new", text="кот"))
                    writer.delete("0.0")
                    writer.commit()
            except OSError as error:
                failures += 1
                assert "No space left" in str(error)
                with pytest.raises(ValueError, match="closed"):
                    writer.commit()
            else:
                assert contents(copy) == after
                break
        state = contents(copy)
        switched = state == after
        assert switched or state == before
        verify(copy)
        assert not (copy / "gen-next.tmp").exists()
        build(copy, [Document(id="later", text="cat")])
        assert contents(copy) == {**state, "later": "cat"}
        verify(copy)
        shutil.rmtree(copy)
    assert failures


def test_writing_that_fails_between_commits_closes_the_writer(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, documents("x"))
    writer = Writer(index, flush_tokens=1)
    with monkeypatch.context() as patch:
        patch.setattr(container, "open", FullDisk(open, 0), raising=False)
        with pytest.raises(OSError, match="No space left"):
            writer.add_many(Document(id=str(number), text="y") for number in range(1000))
    with pytest.raises(ValueError, match="closed by an earlier error; what was not committed is lost"):
        writer.commit()
    assert contents(index) == {"0": "x"}
    assert not (index / "gen-next.tmp").exists()
    build(index, [Document(id="a", text="y")])
    assert ids(index) == ["0", "a"]


def test_an_error_that_is_caught_inside_the_block_is_not_committed_over(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_buffer.SegmentBuilder, "add", FullDisk(lambda *_: None, 0))
    with pytest.raises(ValueError, match="earlier error"), Writer(index) as writer, contextlib.suppress(OSError):
        writer.add_many(documents(*["x"] * 600))
    assert not list(index.glob("gen-*"))


def test_damage_gets_no_checksum_of_its_own(index: Path) -> None:
    """A merge would otherwise write what it found in a damaged segment as if it were right."""
    for number in range(MERGE_FACTOR - 1):
        build(index, [Document(id=str(number), text="кот " * 50)])
    path = sorted(live_directory(index).glob("*.seg"))[0]
    data = bytearray(path.read_bytes())
    data[Container(path)._table["positions"][0]] ^= 1
    replace_file(path, bytes(data))
    with pytest.raises(IndexDamaged, match="checksum"), Writer(index) as writer:
        writer.add(Document(id="new", text="cat"))
    assert "new" not in contents(index)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(IndexUnwritable, match="choose another"):
            Writer(directory)


def test_a_lock_that_cannot_be_opened(index: Path) -> None:
    (index / "lock").mkdir(parents=True)
    with pytest.raises(IndexUnwritable, match=r"lock: .*choose another directory"):
        Writer(index)


# Another analysis, another state


def test_an_index_of_another_analysis(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, documents("x"))
    monkeypatch.setattr(writer_module, "fingerprint", lambda: "newer rules")
    with pytest.raises(
        IndexOutdated,
        match=r"another version of the analysis; call naidi\.upgrade\(directory\), or run `naidi index --upgrade`",
    ):
        Writer(index)
    with Writer(index, rebuild=True) as writer:
        writer.add(Document(id="a", text="x"))
    assert ids(index) == ["a"]
    assert open_generation(index).manifest.fingerprint == "newer rules"


def test_starting_from_nothing(index: Path) -> None:
    build(index, documents("x", "y"))
    with Writer(index, rebuild=True) as writer:
        assert not writer.delete("0")
        writer.add(Document(id="new", text="z"))
        assert ids(index) == ["0", "1"]
    assert ids(index) == ["new"]
    with Writer(index, rebuild=True):
        pass
    assert ids(index) == []


@pytest.mark.parametrize("damage", ["CURRENT", "manifest.json", "everything"])
def test_starting_from_nothing_over_damage(index: Path, damage: str) -> None:
    build(index, documents("x", "y"))
    for path in [index / "CURRENT", *live_directory(index).iterdir()]:
        if damage in (path.name, "everything"):
            replace_file(path, b"?")
    with pytest.raises(IndexDamaged):
        Writer(index)
    with Writer(index, rebuild=True) as writer:
        writer.add(Document(id="new", text="z"))
    assert ids(index) == ["new"]
    verify(index)


# Segments


def test_many_small_commits(index: Path) -> None:
    for number in range(70):
        build(index, [Document(id=str(number), text=f"кот номер {number}", language="ru")])
    assert len(open_generation(index).segments) <= 2 * MERGE_FACTOR
    assert len(contents(index)) == 70
    at_once = index.with_name("at_once")
    build(at_once, [Document(id=str(number), text=f"кот номер {number}", language="ru") for number in range(70)])
    queries = ["кот", "номер 7", "номер", "69", "4*"]
    assert answers(index, queries) == answers(at_once, queries)
    verify(index)


def test_a_state_that_is_written_in_pieces(index: Path) -> None:
    docs = [Document(id=str(number % 900), text=f"кот {number}", language="ru") for number in range(1600)]
    with Writer(index, flush_tokens=1) as writer:
        writer.add_many(docs)
        writer.delete("5")
    at_once = index.with_name("at_once")
    build(at_once, [doc for doc in docs[700:] if doc.id != "5"])
    assert contents(index) == contents(at_once)
    assert answers(index, ["кот", "1500", "5"]) == answers(at_once, ["кот", "1500", "5"])
    verify(index)


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.sampled_from("abcdef"),
            st.lists(
                st.sampled_from(["кот", "коты", "кота", "cat", "cats", "ВОЗ", "воз", "ёж", "еж", "WHO", "who"]),
                max_size=6,
            ).map(" ".join),
            st.sampled_from(["", "кот", "The cat", "ВОЗ"]),
        ),
        st.tuples(st.just("delete"), st.sampled_from("abcdef")),
        st.tuples(st.just("commit")),
        st.tuples(st.just("reopen")),
        st.tuples(st.just("rollback")),
    ),
    max_size=25,
)
QUERIES = [
    "кот", "cats", "ВОЗ", "воз", "ёж", "кот cat", "+кот +cat", "кот -cat", '"кот cat"', '"cat кот"~3', "ко*", "к?т",
    "=коты", "title:кот", "who", "кат~1", "*", "NOT кот",
]  # fmt: skip


@given(CHANGES)
@settings(max_examples=60)
def test_any_order_of_changes_equals_a_fresh_build(changes: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        changed, fresh = Path(name, "changed"), Path(name, "fresh")
        live: dict[str, Document] = {}
        committed: dict[str, Document] = {}
        writer = Writer(changed)
        for change, *rest in changes:
            if change == "add":
                doc_id, text, title = rest
                live[doc_id] = Document(id=doc_id, text=text, title=title, language="ru")
                writer.add(live[doc_id])
            elif change == "delete":
                assert writer.delete(rest[0]) == (live.pop(rest[0], None) is not None)
            elif change == "rollback":
                writer.rollback()
                live = dict(committed)
            else:
                writer.commit()
                committed = dict(live)
                if change == "reopen":
                    writer.close()
                    writer = Writer(changed)
        writer.commit()
        writer.close()
        build(fresh, live.values())
        assert contents(changed) == contents(fresh) == {doc_id: doc.text for doc_id, doc in live.items()}
        assert answers(changed, QUERIES) == answers(fresh, QUERIES)
        verify(changed)


# Processes


def test_several_jobs_make_the_same_index(index: Path) -> None:
    docs = [
        Document(id=str(number), text=f"кот cat {number} " * (number % 50), title="x" * (number % 3))
        for number in range(1300)
    ]
    docs += docs[:50]
    one = index.with_name("one")
    build(one, docs)
    with Writer(index, jobs=2) as writer:
        writer.add_many(docs)
        assert writer.delete("7")
        writer.add(docs[7])
    queries = ["кот", "cats 17", '"cat 1200 кот"', "12*"]
    assert contents(index) == contents(one)
    assert answers(index, queries) == answers(one, queries)


@pytest.mark.parametrize("jobs", [1, 2])
def test_segments_written_by_workers(index: Path, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_buffer, "SMALL_SEGMENT_TOKENS", 0)  # workers write every segment
    monkeypatch.setattr(document_buffer, "CAPACITY", 60)  # several vocabularies, one after another
    monkeypatch.setattr(document_buffer, "BATCH_DOCUMENTS", 5)
    monkeypatch.setattr(writer_module, "LARGE_COMMIT_TOKENS", 300)
    added = [
        Document(id=str(n % 50), text=f"слово{n} word{n} {'кошки' if n % 3 else 'вакцины'} met {n}") for n in range(60)
    ]
    with Writer(index, jobs=jobs, flush_tokens=40) as writer:
        for number, document in enumerate(added):
            writer.add(document)
            if number == 40:
                assert writer.delete("7") and not writer.delete("7")  # whether it is written, being written or waits
        writer.commit()
        writer.add(Document(id="after", text="кошки after all"))
    verify(index)
    one = index.with_name("one")
    build(one, [*added, Document(id="after", text="кошки after all")])
    queries = ["вакцина", "кошка", "after", "met", *(document.text.split()[0] for document in added)]
    assert contents(index) == contents(one)
    assert answers(index, queries) == answers(one, queries)


def fail(argument: int) -> int:
    if argument == 13:
        raise ValueError("thirteen")
    if argument == 99:
        os._exit(1)
    return argument * 2


def test_workers_give_results_in_order() -> None:
    for jobs in (1, 2):
        workers = OrderedWorkers(fail, jobs)
        taken = [result for argument in range(12) for result in workers.put(argument)]
        assert [*taken, *workers.drain()] == [2 * argument for argument in range(12)]
        assert len(workers) == 0
        workers.close()


def test_an_error_in_a_worker() -> None:
    workers = OrderedWorkers(fail, 2)
    workers.put(13)
    with pytest.raises(ValueError, match="thirteen"):
        workers.drain()
    workers.close()
    assert workers.put(1) + workers.drain() == [2]
    workers.close()


def test_a_worker_that_dies() -> None:
    workers = OrderedWorkers(fail, 2)
    with pytest.raises(NaidiError, match=r"worker process died.*--jobs 1"):
        for argument in (99, *range(20)):
            workers.put(argument)
            time.sleep(0.02)
    workers.close()


HOLD = """
    import sys, time
    from naidi.indexer.document import Document
    from naidi.indexer.writing.writer import Writer

    if __name__ == "__main__":
        writer = Writer(sys.argv[1], jobs=int(sys.argv[2]))
        writer.add_many(Document(id=str(n), text="a1 b2", language="en") for n in range(1500))
        print("ready", flush=True)
        time.sleep(60)
"""


def holder(index: Path, jobs: int) -> subprocess.Popen[str]:
    """Another process that holds the index for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(index), str(jobs)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_one_writer_at_a_time_in_a_process(index: Path) -> None:
    first = Writer(index)
    started = time.monotonic()
    with pytest.raises(IndexLocked, match=rf"another writer \(pid {os.getpid()} on .*waited 0.2 s; try again"):
        Writer(index, lock_timeout=0.2)
    assert 0.2 <= time.monotonic() - started < 3
    first.close()
    Writer(index, lock_timeout=0).close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_lock_of_a_killed_process_is_free(index: Path, jobs: int) -> None:
    process = holder(index, jobs)
    with pytest.raises(IndexLocked, match=rf"pid {process.pid} on"):
        Writer(index, lock_timeout=0)
    process.send_signal(signal.SIGKILL)
    # Its workers share its output: that ends when the last of them has ended.
    process.communicate(timeout=20)
    build(index, documents("x"))
    assert ids(index) == ["0"]


def test_a_forked_child_does_not_hold_the_lock(index: Path) -> None:
    writer = Writer(index)
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        writer.close()
        Writer(index, lock_timeout=0).close()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_small_commit_takes_the_dictionary_of_the_index(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "LEAST_TEXT", 20_000)
    for name in "ab":
        build(index, [Document(id=f"{name}{n}", text=f"{name} line {n} of words " * 20) for n in range(100)])
    first, second = (segment.texts.dictionary for segment in open_generation(index).segments)
    assert first and first == second
