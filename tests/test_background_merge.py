"""Merges beside a writer: commits do not wait for them, nothing is lost by them, and none outlives its writer."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from indexes import build, contents, documents, flip_byte, live_directory, verify
from naidi.indexer import fields
from naidi.indexer.codec.merge import merge_segments
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged, IndexLocked
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing import background_merge, merge_policy, merger
from naidi.indexer.writing.writer import Writer

REPOSITORY = Path(__file__).parent.parent
TEXTS = ["кот", "пёс", "дом", "лес", "cat", "dog", "house", "forest"]
ALL = {str(number): text for number, text in enumerate(TEXTS)}
KEPT = {number: text for number, text in ALL.items() if int(number) >= 4}


class Gate:
    """Holds the merges back until it is opened, as if they took long. `failure` is raised instead of merging."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.failure: Exception | None = None

    def merge(self, path: Path, inputs: Sequence[Any], check: Callable[[], None] | None = None) -> None:
        self.reached.set()
        while not self.opened.wait(0.002):
            if check is not None:
                check()
        if self.failure is not None:
            path.write_bytes(b"half of it")
            raise self.failure
        merge_segments(path, inputs, check)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Every merge of what was committed is too long for a commit, and waits at the gate."""
    gate = Gate()
    monkeypatch.setattr(merge_policy, "MERGED_IN_COMMIT_TOKENS", 0)
    monkeypatch.setattr(background_merge, "merge_segments", gate.merge)
    yield gate
    gate.opened.set()


def segments(index: Path) -> list[tuple[int, int]]:
    """(documents, deleted ones) of each segment."""
    return [(entry.doc_count, entry.deleted_count) for entry in open_generation(index).manifest.segments]


def halved(index: Path) -> Writer:
    """A writer that has committed the deletion of half of the documents."""
    build(index, documents(*TEXTS))
    writer = Writer(index)
    for number in range(4):
        writer.delete(str(number))
    writer.commit()
    return writer


def none_left(index: Path) -> bool:
    """Whether no merge and no thread of one is left."""
    return not (index / "gen-merge.tmp").exists() and not any(
        one.name == "naidi merge" for one in threading.enumerate()
    )


def test_a_commit_does_not_wait_and_its_changes_are_live(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60) and not gate.opened.is_set()
    assert contents(index) == KEPT and segments(index) == [(8, 4)]
    writer.add(Document("new", "новый"))
    writer.delete("5")
    writer.add(Document("6", "another house"))
    writer.commit()
    expected = {"4": "cat", "6": "another house", "7": "forest", "new": "новый"}
    assert contents(index) == expected
    writer.delete("7")  # goes with the commit that puts the merged segment in place
    gate.opened.set()
    writer._merger.wait()
    writer.commit()
    del expected["7"]
    assert contents(index) == expected
    verify(index)
    writer.close()
    assert contents(index) == expected and sum(docs for docs, _ in segments(index)) < 8
    assert none_left(index)


def test_a_commit_without_changes_puts_the_segment_in_place(index: Path, gate: Gate) -> None:
    writer = halved(index)
    before = live_directory(index)
    writer.commit()
    assert live_directory(index) == before, "nothing is written while the merge runs"
    gate.opened.set()
    writer._merger.wait()
    writer.commit()
    assert segments(index) == [(4, 0)] and contents(index) == KEPT
    writer.close()


def test_the_end_of_a_block_waits_and_loses_nothing_but_what_was_not_committed(index: Path, gate: Gate) -> None:
    build(index, documents(*TEXTS))
    gate.opened.set()
    with Writer(index) as writer:
        for number in range(4):
            writer.delete(str(number))
    assert segments(index) == [(4, 0)] and contents(index) == KEPT and none_left(index)
    verify(index)
    writer = Writer(index)
    for number in range(4, 7):
        writer.delete(str(number))
    writer.commit()
    writer.add(Document("lost", "not committed"))
    writer.close()
    assert segments(index) == [(1, 0)] and contents(index) == {"7": "forest"}


def test_an_exception_ends_the_merge(index: Path, gate: Gate) -> None:
    with pytest.raises(ZeroDivisionError), halved(index) as writer:
        assert gate.reached.wait(60)
        writer.add(Document("lost", "not committed"))
        raise ZeroDivisionError
    assert contents(index) == KEPT and segments(index) == [(8, 4)] and none_left(index)
    gate.opened.set()
    build(index, [Document("later", "x")])
    assert contents(index) == {**KEPT, "later": "x"}
    assert (8, 4) not in segments(index), "the next writer merges"


def test_ctrl_c_ends_the_wait_of_close(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        writer.close()
    timer.join()
    assert contents(index) == KEPT and none_left(index)
    build(index, [])  # the lock is free


def test_a_rollback_leaves_the_merge_alone(index: Path, gate: Gate) -> None:
    writer = halved(index)
    writer.delete("4")
    writer.add(Document("new", "новый"))
    writer.rollback()
    gate.opened.set()
    writer.close()
    assert segments(index) == [(4, 0)] and contents(index) == KEPT


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), MemoryError()])
def test_a_merge_that_fails_is_no_error_of_a_commit(
    index: Path, gate: Gate, failure: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.failure = failure
    writer = halved(index)
    gate.opened.set()
    writer._merger.wait()
    assert not list((index / "gen-merge.tmp").iterdir()), "half of a segment takes no room"
    with caplog.at_level(logging.WARNING, logger="naidi"):
        writer.add(Document("new", "новый"))
        writer.commit()
    assert "segments are not merged now" in caplog.text
    assert not writer._merger.is_running, "it is not tried again at once"
    gate.failure = None
    monkeypatch.setattr(writer._merger, "_not_before", 0.0)
    writer.delete("new")
    writer.commit()
    writer.close()
    assert segments(index) == [(4, 0)] and contents(index) == KEPT and none_left(index)


def test_damage_is_told_by_the_next_commit_and_never_gets_a_new_checksum(index: Path, gate: Gate) -> None:
    build(index, documents(*TEXTS))
    (segment,) = live_directory(index).glob("*.seg")
    gate.opened.set()
    writer = Writer(index)
    flip_byte(segment, segment.stat().st_size - 60)
    for number in range(4):
        writer.delete(str(number))
    writer.commit()
    writer._merger.wait()
    writer.add(Document("new", "новый"))
    with pytest.raises(IndexDamaged, match="checksum"):
        writer.commit()
    assert contents(index) == KEPT and segments(index) == [(8, 4)] and none_left(index)


def test_damage_that_close_meets_is_logged(index: Path, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    build(index, documents(*TEXTS))
    (segment,) = live_directory(index).glob("*.seg")
    flip_byte(segment, segment.stat().st_size - 60)
    gate.opened.set()
    with caplog.at_level(logging.WARNING, logger="naidi"), Writer(index) as writer:
        for number in range(4):
            writer.delete(str(number))
    assert "IndexDamaged" in caplog.text
    assert contents(index) == KEPT and segments(index) == [(8, 4)] and none_left(index)


def test_a_lock_that_is_removed_keeps_the_merge_out(index: Path, gate: Gate) -> None:
    first = halved(index)
    assert gate.reached.wait(60)
    (index / "lock").unlink()
    gate.reached.clear()
    with Writer(index) as second:
        second.add(Document("second", "x"))
        second.commit()
        assert gate.reached.wait(60), "its own merge, in a folder of its own making"
        second.add(Document("staged", "x"))
        second.document_origins()
        gate.opened.set()
        first.close()  # takes nothing away from the second one
        assert contents(index) == {**KEPT, "second": "x"}
    assert contents(index) == {**KEPT, "second": "x", "staged": "x"} and none_left(index)
    verify(index)


def test_a_lock_that_is_removed_is_told_by_rollback(index: Path) -> None:
    build(index, documents("кот"))
    first = Writer(index)
    (index / "lock").unlink()
    with Writer(index, flush_tokens=1) as second:
        second.add_many(Document(f"s{number}", "x") for number in range(1000))
        with pytest.raises(IndexLocked):
            first.rollback()
    assert len(contents(index)) == 1001


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_no_part_in_it(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60)
    child = os.fork()
    if not child:
        try:
            writer.close()
            os._exit(0 if (index / "gen-merge.tmp").exists() else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    gate.opened.set()
    writer.close()
    assert segments(index) == [(4, 0)] and contents(index) == KEPT


KILLED = """
    import sys, time
    from naidi.indexer.document import Document
    from naidi.indexer.writing import background_merge, merge_policy
    from naidi.indexer.writing.writer import Writer

    def merge(path, inputs, check):
        path.write_bytes(b"half of it")
        print("merging", flush=True)
        while True:
            check()
            time.sleep(0.01)

    merge_policy.MERGED_IN_COMMIT_TOKENS = 0
    background_merge.merge_segments = merge
    writer = Writer(sys.argv[1])
    for number in range(4):
        writer.delete(str(number))
    writer.commit()
    if sys.argv[2] == "leave":
        del Writer.__del__  # which would stop the merge
        sys.exit()
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["kill", "leave"])
def test_a_process_that_ends_while_it_merges(index: Path, end: str) -> None:
    build(index, documents(*TEXTS))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(index), end], cwd=REPOSITORY, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"merging\n"
    if end == "kill":
        process.kill()
    process.stdout.close()
    assert process.wait(60) in (0, -signal.SIGKILL), "the interpreter does not wait for the merge"
    assert contents(index) == KEPT
    assert (index / "gen-merge.tmp").exists()
    build(index, [Document("later", "x")])
    assert contents(index) == {**KEPT, "later": "x"} and none_left(index)
    verify(index)


def test_a_writer_that_is_dropped_ends_its_merge(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60)
    with pytest.warns(ResourceWarning):
        del writer
    assert none_left(index) and contents(index) == KEPT


def test_one_commit_is_all_for_who_asks_for_it(index: Path, gate: Gate) -> None:
    build(index, documents(*TEXTS))
    before = int(live_directory(index).name[4:])
    with Writer(index) as writer:
        writer.merge_in_commits()
        for number in range(4):
            writer.delete(str(number))
    assert not gate.reached.is_set()
    assert segments(index) == [(4, 0)] and int(live_directory(index).name[4:]) == before + 1


# clear and optimize


def test_clear_deletes_all_at_the_next_commit(index: Path) -> None:
    build(index, documents(*TEXTS))
    with Writer(index) as writer:
        writer.add(Document("waiting", "x"))
        writer.clear()
        assert contents(index) == ALL
        writer.add(Document("new", "новый"))
    assert contents(index) == {"new": "новый"}
    with Writer(index) as writer:
        writer.clear()
    assert contents(index) == {} and segments(index) == []
    verify(index)


def test_clear_is_undone_by_a_rollback(index: Path) -> None:
    build(index, documents(*TEXTS))
    with Writer(index) as writer:
        writer.clear()
        writer.rollback()
        writer.delete("0")
    assert contents(index) == {key: text for key, text in ALL.items() if key != "0"}


def test_clear_forgets_segments_that_are_written_already(index: Path) -> None:
    build(index, documents(*TEXTS))
    with Writer(index, flush_tokens=1) as writer:
        writer.add_many(Document(f"n{number}", "x") for number in range(1000))
        writer.clear()
    assert contents(index) == {} and not list(live_directory(index).glob("*.seg"))


def test_clear_ends_a_merge(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60)
    writer.clear()
    writer.add(Document("new", "новый"))
    writer.commit()
    writer.close()
    assert contents(index) == {"new": "новый"} and none_left(index)


def test_optimize_leaves_one_segment_and_no_deleted_document(index: Path) -> None:
    for number in range(4):
        build(index, [Document(f"{number}.{doc}", TEXTS[number]) for doc in range(5)])
    with Writer(index) as writer:
        writer.delete("0.1")
        writer.delete("3.2")
        writer.add(Document("new", "новый"))
        writer.optimize()
        assert len(segments(index)) == 4, "before the commit nothing happens"
    assert segments(index) == [(19, 0)]
    verify(index)
    before = live_directory(index)
    with Writer(index) as writer:
        writer.optimize()
    assert live_directory(index) == before, "there is nothing to do"


def test_optimize_keeps_to_the_limit(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        build(index, [Document(f"{number}.{doc}", "слово " * 10) for doc in range(5)])
    monkeypatch.setattr(merge_policy, "MAX_MERGED_TOKENS", 100)
    with Writer(index) as writer:
        writer.optimize()
    assert segments(index) == [(10, 0), (10, 0)]


def test_optimize_is_forgotten_by_a_rollback(index: Path) -> None:
    for number in range(2):
        build(index, documents(*TEXTS[number:]))
    before = segments(index)
    with Writer(index) as writer:
        writer.optimize()
        writer.rollback()
    assert segments(index) == before


def test_optimize_during_a_merge(index: Path, gate: Gate) -> None:
    writer = halved(index)
    assert gate.reached.wait(60)
    writer.add(Document("new", "новый"))
    writer.optimize()
    writer.commit()
    assert segments(index) == [(5, 0)] and contents(index) == {**KEPT, "new": "новый"}
    writer.close()
    assert none_left(index)


# Any order of all of it

# A document is its text and the value of a field.
Model = dict[str, tuple[str, int]]


def with_values(index: Path) -> Model:
    """id -> (text, value of the field "n") of every live document."""
    texts, generation, found = contents(index), open_generation(index), {}
    for segment, deleted, columns in zip(generation.segments, generation.deleted, generation.columns, strict=True):
        column = None if columns is None else columns.columns().get("n")
        for doc in range(segment.doc_count):
            if not deleted[doc]:
                doc_id = segment.doc_id(doc)
                found[doc_id] = (texts[doc_id], -1 if column is None else int(sum(column.stored(doc))))
    return found


STEPS = st.one_of(
    st.tuples(st.just("update"), st.integers(0, 25), st.integers(0, 99)),
    st.tuples(st.just("add"), st.integers(0, 25), st.integers(0, 99)),
    st.tuples(st.just("add"), st.integers(0, 25), st.integers(0, 99)),
    st.tuples(st.just("delete"), st.integers(0, 25), st.just(0)),
    st.tuples(st.just("delete"), st.integers(0, 25), st.just(0)),
    st.tuples(st.sampled_from(["commit", "commit", "commit", "pass", "wait"]), st.just(0), st.just(0)),
    st.tuples(st.sampled_from(["rollback", "clear", "optimize", "close", "leave"]), st.just(0), st.just(0)),
)


@given(st.lists(STEPS, min_size=10, max_size=80), st.booleans())
@settings(max_examples=examples(60))
def test_an_index_is_as_a_dictionary_would_be(steps: list[tuple[str, int, int]], in_segments: bool) -> None:
    """Merges begin after any commit and end before any other one."""
    gate = Gate()
    directory = Path(tempfile.mkdtemp())
    index = directory / "index"
    flush = {"flush_tokens": 1} if in_segments else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge_policy, "MERGED_IN_COMMIT_TOKENS", 0)
        patch.setattr(merge_policy, "MERGE_FACTOR", 3)
        patch.setattr(background_merge, "merge_segments", gate.merge)
        schema = {"n": fields.Number()}
        writer = Writer(index, schema=schema, **flush)
        committed: Model = {}
        model: Model = {}
        try:
            for what, number, word in steps:
                key = f"d{number}"
                if what == "add":
                    writer.add(Document(key, f"слово{word}", fields={"n": word}))
                    model[key] = (f"слово{word}", word)
                elif what == "update":
                    assert writer.update(key, fields={"n": word}) == (key in model)
                    if key in model:
                        model[key] = (model[key][0], word)
                elif what == "delete":
                    assert writer.delete(key) == (model.pop(key, None) is not None)
                elif what == "commit":
                    writer.commit()
                    committed = dict(model)
                    assert with_values(index) == committed
                elif what == "pass":  # a merge that runs ends; the next one waits again
                    gate.opened.set()
                    writer._merger.wait()
                    gate.opened.clear()
                elif what == "wait":
                    gate.opened.set()
                elif what == "rollback":
                    writer.rollback()
                    model = dict(committed)
                elif what == "clear":
                    writer.clear()
                    model = {}
                elif what == "optimize":
                    writer.optimize()
                elif what == "close":
                    gate.opened.set()
                    writer.close()
                    gate.opened.clear()
                else:
                    writer.__exit__(ValueError, ValueError(), None)
                if what in ("close", "leave"):
                    assert none_left(index)
                    writer, model = Writer(index, schema=schema, **flush), dict(committed)
            gate.opened.set()
            with writer:
                pass
            assert with_values(index) == model
            verify(index)
            assert none_left(index)
        finally:
            gate.opened.set()
            writer.close()
            shutil.rmtree(directory)


def test_what_is_new_is_merged_in_the_commit_and_what_is_large_is_not() -> None:
    size = merge_policy.SegmentSize
    large, most = merge_policy.MERGED_IN_COMMIT_TOKENS * 10, merge_policy.MERGED_IN_COMMIT_TOKENS
    assert merge_policy.choose_small_merge([size(large, 100, 50)]) == []
    assert merge_policy.choose_small_merge([size(large, 100, 100)]) == [0], "there is nothing to rewrite"
    assert merge_policy.choose_small_merge([size(large, 100, 50), size(most, 100, 50)]) == [1]
    assert merge_policy.choose_small_merge([size(large, 100, 0, True), size(large, 100, 0, True)]) == [0, 1]
    small = [size(10, 5, 0)] * merge_policy.MERGE_FACTOR
    assert merge_policy.choose_small_merge([size(large, 100, 50), *small]) == list(range(1, len(small) + 1))
    assert merge_policy.choose_small_merge([size(large, 100, 0)] * 8) == []
    assert merge_policy.choose_merge([size(large, 100, 0)] * 8) == list(range(8))


def test_the_pause_after_a_failure_ends() -> None:
    assert 1 < merger.PAUSE_AFTER_FAILURE < 3600
