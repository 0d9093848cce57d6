"""Too many open files, no permission, a failing disk, no memory: told as themselves, never as damage, and never as no index."""

from __future__ import annotations

import builtins
import errno
import logging
import mmap
import os
import resource
import shutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexes import build, contents, documents, verify
from naidi import Document, IndexDamaged, IndexMissing, IndexUnwritable, Writer, open_index
from naidi.indexer.folder.sync import sync
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.stored import open_stored
from naidi.indexer.status import index_status

PASSING = [errno.EMFILE, errno.EACCES, errno.EIO, errno.ENOMEM, errno.ENFILE]


@pytest.fixture
def two(index: Path) -> Path:
    """An index of two generations, with deletions and the notes of a folder."""
    folder = index.with_name("folder")
    folder.mkdir()
    (folder / "a.txt").write_text("Казахстан и ВОЗ", encoding="utf-8")
    build(index, documents("кот", "пёс", "дом", "лес", "сад"))
    with Writer(index) as writer:
        writer.delete("1")
    sync(folder, index)
    return index


@contextmanager
def failing(name: str, code: int) -> Iterator[list[str]]:
    """Opening, looking at or mapping a file fails if its name ends so. Yields what was refused."""
    refused: list[str] = []

    def refusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(path: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(path, (str, os.PathLike)) and os.fspath(path).endswith(name):
                refused.append(os.fspath(path))
                raise OSError(code, os.strerror(code), os.fspath(path))
            return real(path, *arguments, **options)

        return act

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", refusing(open))
        for call in ("open", "stat"):
            patch.setattr(os, call, refusing(getattr(os, call)))
        yield refused


ACTS: list[Callable[[Path], object]] = [
    open_index,
    Writer,
    open_generation,
    open_stored,
    index_status,
    lambda index: sync(index.with_name("folder"), index),
]


@pytest.mark.parametrize("code", PASSING, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", ".seg", ".del"])
def test_what_cannot_be_opened_is_no_damage(two: Path, name: str, code: int) -> None:
    before = contents(two)
    for act in ACTS:
        with failing(name, code) as refused, pytest.raises(OSError) as raised:
            act(two)
        assert refused and raised.value.errno == code
    assert contents(two) == before
    verify(two)
    build(two, [Document(id="more", text="dog")])  # the lock is free
    assert contents(two) == {**before, "more": "dog"}


@pytest.mark.parametrize("code", PASSING, ids=errno.errorcode.get)
def test_notes_of_files_that_cannot_be_read(two: Path, code: int) -> None:
    before = contents(two)
    with failing("sources.json", code) as refused, pytest.raises(OSError) as raised:
        sync(two.with_name("folder"), two)
    assert refused and raised.value.errno == code
    assert contents(two) == before


def test_a_map_that_there_is_no_memory_for(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> object:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(mmap, "mmap", refuse)
    for act in ACTS:
        with pytest.raises(OSError) as raised:
            act(two)
        assert raised.value.errno == errno.ENOMEM


def test_a_searcher_does_not_go_back_to_the_state_before(two: Path) -> None:
    with open_index(two) as searcher:
        live = searcher.generation.name
        build(two, [Document(id="new", text="dog")])
        with failing(".seg", errno.EMFILE), pytest.raises(OSError, match="Too many open files"):
            searcher.refresh()
        assert searcher.generation.name == live
        assert searcher.refresh() and searcher.search("dog").total == 1


def test_what_is_missing_is_damage_still(two: Path) -> None:
    for name in (".seg", ".del", "manifest.json"):
        with failing(name, errno.ENOENT), pytest.raises(IndexDamaged):
            Writer(two)
    with failing("CURRENT", errno.ENOENT), pytest.raises(IndexDamaged, match="missing"):
        Writer(two)


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ENOSPC, errno.ENOMEM], ids=errno.errorcode.get)
def test_a_lock_that_cannot_be_opened_for_now(two: Path, code: int) -> None:
    with failing("lock", code), pytest.raises(OSError) as raised:
        Writer(two)
    assert raised.value.errno == code


def test_a_directory_that_cannot_be_made_for_now(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(code, os.strerror(code), str(index))

    monkeypatch.setattr(os, "mkdir", refuse)
    code = errno.ENOSPC
    with pytest.raises(OSError, match="No space left"):
        Writer(index)
    code = errno.EROFS
    with pytest.raises(IndexUnwritable, match="Read-only file system; choose another"):
        Writer(index)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_descriptors_that_run_out_for_real(two: Path) -> None:
    """A child with a few descriptors left opens the index in each way. It opens it, or says what it lacks."""
    before = contents(two)
    for act in ACTS:
        act(two)  # imports all that it needs
    statuses = set()
    for number in range(len(ACTS) - 1):  # the last one reads another folder, too
        for left in range(8):
            child = os.fork()
            if child == 0:
                os._exit(_with_few_descriptors(lambda: ACTS[number](two), left))  # noqa: B023
            statuses.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert statuses == {0, errno.EMFILE}
    assert contents(two) == before


def _with_few_descriptors(act: Callable[[], object], left: int) -> int:
    """0 if it went well, the number of an OSError, 255 for any other."""
    try:
        used = 1 + max(int(name) for name in os.listdir("/proc/self/fd"))
        while os.dup(1) < used:
            pass
        used += 1
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + left, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        act()
        return 0
    except OSError as error:
        return error.errno or 255
    except BaseException:
        traceback.print_exc()
        return 255


# Errors in a commit


CALLS = [
    "fsync",
    "rename",
    "replace",
    "mkdir",
    "open",
    "listdir",
    "scandir",
    "stat",
    "lstat",
    "unlink",
    "rmdir",
    "link",
]


@pytest.mark.parametrize(
    ("lasting", "code"),
    [
        pytest.param(True, errno.EIO, id="lasting"),
        pytest.param(False, errno.EMFILE, id="once", marks=pytest.mark.slow),
    ],
)
def test_commit_raises_only_if_the_new_state_is_not_live(
    two: Path, tmp_path: Path, lasting: bool, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One call of the system fails, and from then on all or none."""
    caplog.set_level(logging.CRITICAL + 1)
    before = contents(two)
    after = {**before, "new": "dog"}
    for call in CALLS:
        for number in range(100):
            copy = tmp_path / "copy"
            shutil.copytree(two, copy)
            writer = Writer(copy)
            writer.add(Document(id="new", text="dog"))
            calls = 0
            real = getattr(os, call)

            def act(*arguments: Any, **options: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls > number if lasting else calls == number + 1:  # noqa: B023
                    raise OSError(code, os.strerror(code))
                return real(*arguments, **options)  # noqa: B023

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(os, call, act)
                error: BaseException | None = None
                try:
                    writer.commit()
                except OSError as raised:
                    error = raised
            assert contents(copy) == (before if error else after), (call, number, error)
            verify(copy)
            if error is None:
                writer.add(Document(id="next", text="cat"))
                writer.commit()
                assert contents(copy) == {**after, "next": "cat"}
            writer.close()
            build(copy, [Document(id="later", text="cat")])
            verify(copy)
            assert "later" in contents(copy)
            shutil.rmtree(copy)
            if calls <= number:
                break
        else:
            raise AssertionError("more calls than thought")


def test_what_fails_after_the_switch_is_logged(
    two: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = os.replace
    switched = False

    def replace(source: Path, target: Path) -> None:
        nonlocal switched
        real(source, target)
        switched = True

    def fsync(descriptor: int) -> None:
        if switched:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "fsync", fsync)
    with caplog.at_level(logging.WARNING, "naidi"), Writer(two) as writer:
        writer.add(Document(id="new", text="dog"))
    assert "is live, but may not survive a power failure" in caplog.text
    assert "new" in contents(two)


def test_a_rename_that_fails_after_it_was_done(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        real(source, target)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "replace", replace)
    build(two, [Document(id="new", text="dog")])
    assert "new" in contents(two)


def test_ctrl_c_just_behind_the_switch_removes_nothing_that_is_live(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        real(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        build(two, [Document(id="new", text="dog")])
    assert "new" in contents(two)
    verify(two)


def test_no_index_is_still_no_index(index: Path) -> None:
    for act in (open_index, open_generation, open_stored, index_status):
        with pytest.raises(IndexMissing):
            act(index)
        with pytest.raises(IndexMissing):
            act(index / "below")


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_FSIZE)[1] != resource.RLIM_INFINITY, reason="limited already")
@pytest.mark.parametrize("size", [0, 3, 100, 2_000, 9_000, 20_000])
def test_files_that_may_not_grow(two: Path, size: int) -> None:
    """RLIMIT_FSIZE for real, in a process of its own."""
    before = contents(two)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            build(two, [Document(id="new", text="dog")])
            status = 0
        except OSError as error:
            status = 3 if error.errno == errno.EFBIG else 4
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 3)
    assert contents(two) == ({**before, "new": "dog"} if status == 0 else before)
    verify(two)
