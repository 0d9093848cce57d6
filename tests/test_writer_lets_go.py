"""A closed Writer holds no file: no map, no descriptor, with the garbage collector off and whoever keeps an error."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

from indexes import build, documents, flip_byte, live_directory
from naidi import Document, IndexDamaged, IndexLocked, IndexOutdated, InvalidDocument, Writer, open_index, sync
from naidi.indexer.codec import merge
from naidi.indexer.state.manifest import Manifest
from naidi.indexer.writing.left_frames import let_go

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks into /proc")


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held(index: Path) -> list[str]:
    """The maps and descriptors that this process has of files of an index, and of pipes to its workers."""
    found = [line for line in Path("/proc/self/maps").read_text().splitlines() if str(index) in line]
    for number in os.listdir("/proc/self/fd"):
        try:
            name = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:  # that of the listing itself
            continue
        if str(index) in name:
            found.append(name)
    return found


@pytest.fixture
def built(index: Path) -> Path:
    """An index of two segments, one with a deletion."""
    build(index, documents("кот", "пёс", "дом", "лес"))
    with Writer(index) as writer:
        writer.add(Document("more", "ещё"))
        writer.delete("1")
    assert held(index) == []
    return index


def nothing(writer: Writer) -> None:
    """Open it and close it."""


def delete(writer: Writer) -> None:
    assert writer.delete("2")


def commit(writer: Writer) -> None:
    writer.add(Document("new", "новое"))
    writer.delete("2")
    writer.commit()


def many_commits(writer: Writer) -> None:
    for number in range(12):
        writer.add(Document(str(number), "слово"))
        writer.commit()


def staged(writer: Writer) -> None:
    """Segments are written, but not committed."""
    for number in range(300):
        writer.add(Document(f"s{number}", f"слово {number}"))
    writer.document_origins()


def rollback(writer: Writer) -> None:
    staged(writer)
    writer.rollback()


@pytest.mark.parametrize("act", [nothing, delete, commit, many_commits, staged, rollback])
def test_when_it_is_closed(built: Path, act: Callable[[Writer], object]) -> None:
    writer = Writer(built, flush_tokens=50)
    assert held(built)
    act(writer)
    writer.close()
    assert held(built) == []
    with Writer(built) as other:
        act(other)
    assert held(built) == []


def test_with_workers(built: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    writer = Writer(built, jobs=2)
    for number in range(3_000):
        writer.add(Document(str(number), f"слово {number}"))
    writer.commit()
    assert writer.pool.submit(int, 1).result() == 1 and multiprocessing.active_children()
    writer.close()
    assert held(built) == [] and not multiprocessing.active_children()
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # one to tell processes of this program apart, for good


def damaged_merge(writer: Writer) -> None:
    """A commit that must merge a damaged segment."""
    for path in live_directory(writer.directory).glob("*.seg"):
        flip_byte(path, path.stat().st_size - 100)
    many_commits(writer)


def no_lock(writer: Writer) -> None:
    (writer.directory / "lock").unlink()
    commit(writer)


def no_document(writer: Writer) -> None:
    writer.delete("2")
    writer.add("text")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "error"), [(damaged_merge, IndexDamaged), (no_lock, IndexLocked), (no_document, InvalidDocument)]
)
def test_though_somebody_keeps_the_error(built: Path, act: Callable[[Writer], object], error: type[Exception]) -> None:
    with pytest.raises(error) as kept, Writer(built) as writer:
        act(writer)
    assert kept.value.__traceback__ is not None
    assert held(built) == []
    with open_index(built) as searcher:  # what was committed before is there
        assert searcher.search("кот").total == 1


def test_an_error_of_the_caller_stays_as_it_is(built: Path) -> None:
    """The variables of his own functions are not ours to clear."""

    def fail() -> None:
        kept = "a variable"
        raise KeyError(kept)

    try:
        fail()
    except KeyError as outer:
        with pytest.raises(IndexLocked), Writer(built) as writer:
            no_lock(writer)
        assert outer.__traceback__ is not None and outer.__traceback__.tb_next is not None
        assert outer.__traceback__.tb_next.tb_frame.f_locals["kept"] == "a variable"


def commit_seen_by(writer: Writer, see: Callable[[FrameType], None]) -> None:
    """Commit, and let `see` look at each call of a function of ours that uses variables of one around it; a thread's, too."""

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_freevars and frame.f_globals.get("__name__", "").startswith("naidi."):
            see(frame)

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        writer.commit()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def test_an_error_in_a_function_inside_another(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner one keeps the variables that both use, though its frame is cleared: wherever a commit that merges fails."""
    monkeypatch.setattr(merge, "CHUNK_ROWS", 50)  # with so few, a thread moves postings
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # there are many commits here
    for number in range(7):
        build(index, [Document(f"{number} {n}", f"слово {number} {n} общее") for n in range(20)])

    def changed(place: Path) -> Writer:
        writer = Writer(shutil.copytree(index, place))
        writer.add(Document("new", "новое"))
        writer.delete("0 1")
        return writer

    inner: dict[CodeType, str] = {}
    with changed(tmp_path / "sound") as writer:
        commit_seen_by(writer, lambda frame: inner.setdefault(frame.f_code, frame.f_code.co_name) and None)
    assert list(inner.values()).count("moved") == 2 and "column" in inner.values()

    kept: list[MemoryError] = []
    left: list[str] = []
    for number, code in enumerate(inner):

        def fail(frame: FrameType, code: CodeType = code) -> None:
            if frame.f_code is code:
                raise MemoryError

        place = tmp_path / str(number)
        writer = changed(place)
        try:
            commit_seen_by(writer, fail)
        except MemoryError as error:
            kept.append(error)
            if held(place):
                left.append(f"{code.co_filename}:{code.co_firstlineno}: {code.co_name}")
        writer.close()
    assert left == [] and len(kept) > 10


def test_without_memory_to_let_go(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error goes up as it is, the lock is free, and the next use lets go."""

    def fail(*arguments: object) -> None:
        raise MemoryError("none is left")

    writer = Writer(built)
    with monkeypatch.context() as patch:
        patch.setattr("naidi.indexer.writing.writer.let_go", fail)
        patch.setattr(Manifest, "to_json", fail)
        with pytest.raises(MemoryError, match="none is left") as kept:
            commit(writer)
        assert kept.value.__context__ is None and held(built)
    Writer(built, lock_timeout=0).close()
    with pytest.raises(ValueError, match="closed by an earlier error"):
        writer.add(Document("later", "позже"))
    assert held(built) == []


def test_a_function_of_others_keeps_what_it_shares() -> None:
    """It may have given a function inside it to somebody who goes on calling that."""
    given = []

    def others() -> None:
        shared = "a variable"
        given.append(lambda: shared)
        raise KeyError

    with pytest.raises(KeyError) as kept:
        others()
    let_go(kept.value)
    assert given[0]() == "a variable"


@pytest.mark.parametrize("error", [IndexDamaged, IndexOutdated])
def test_one_that_could_not_be_opened(built: Path, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    if error is IndexDamaged:
        for path in live_directory(built).glob("*.del"):
            flip_byte(path, 0)
    else:
        monkeypatch.setattr("naidi.indexer.writing.writer.fingerprint", lambda: "another")
    with pytest.raises(error) as kept:
        Writer(built)
    assert kept.value.__traceback__ is not None and held(built) == []
    monkeypatch.undo()
    if error is IndexOutdated:
        Writer(built).close()  # the lock is free


def test_in_a_forked_child(built: Path) -> None:
    writer = Writer(built)
    writer.delete("2")
    child = os.fork()
    if child == 0:
        os._exit(len(held(built)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert held(built)  # the parent goes on
    writer.commit()
    writer.close()
    assert held(built) == []


def test_after_a_sync_that_fails(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("кот")

    def fail(self: Manifest) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Manifest, "to_json", fail)
    with pytest.raises(OSError, match="No space left") as kept:
        sync(tmp_path / "seeds", built)
    assert kept.value.__traceback__ is not None and held(built) == []
