"""The rules of Windows, played on Linux: what somebody has open or mapped can be neither removed nor replaced.

A folder with an open or mapped file in it cannot be renamed. There is no flock and no fsync of a folder. What only the real system
can show, the tests show there.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexes import build, contents, documents, verify
from naidi import Document, Writer, open_index, sync
from naidi.indexer.codec import durability
from naidi.indexer.state import commit, files
from naidi.indexer.writing import writer as writer_module

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks into /proc")


def in_use() -> tuple[set[str], set[tuple[int, int]]]:
    """Paths and files that this process has open or mapped."""
    paths = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            paths.add(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    with open("/proc/self/maps") as maps:
        paths |= {line.split(maxsplit=5)[5].strip() for line in maps if line.count("/")}
    paths = {path for path in paths if os.path.isfile(path)}
    return paths, {(os.stat(path).st_dev, os.stat(path).st_ino) for path in paths}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Yields what was refused."""
    refused: list[str] = []

    def refuse(path: Any) -> None:
        refused.append(os.fspath(path))
        raise PermissionError(13, "Access is denied", os.fspath(path))

    def not_in_use(path: Any) -> None:
        if os.path.exists(path) and (os.stat(path).st_dev, os.stat(path).st_ino) in in_use()[1]:
            refuse(path)

    def removing(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(path: Any, **options: Any) -> None:
            not_in_use(path)
            real(path, **options)

        return act

    real_rename, real_replace = os.rename, os.replace

    def rename(source: Any, target: Any) -> None:
        inside = os.fspath(source) + os.sep
        if any(path.startswith(inside) for path in in_use()[0]):
            refuse(source)
        if os.path.exists(target):
            raise FileExistsError(17, "Cannot create a file when that file already exists", os.fspath(target))
        real_rename(source, target)

    def replace(source: Any, target: Any) -> None:
        not_in_use(source)
        not_in_use(target)
        real_replace(source, target)

    def fsync(fd: int) -> None:
        assert not os.path.isdir(f"/proc/self/fd/{fd}"), "no folder can be fsynced"

    for module in (files, commit, writer_module):
        monkeypatch.setattr(module, "WINDOWS", True)
    monkeypatch.setattr(durability, "in_turn", True)
    monkeypatch.setattr(os, "unlink", removing(os.unlink))
    monkeypatch.setattr(os, "remove", removing(os.remove))
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(os, "fsync", fsync)
    return refused


def test_commits_and_merges_of_one_writer(index: Path, windows: list[str]) -> None:
    with Writer(index, flush_tokens=1) as writer:
        for number in range(25):
            writer.add(Document(id=str(number), text=f"кот {number}"))
            writer.delete(str(number - 7))
            writer.commit()
    assert len(contents(index)) == 7
    assert len(list(index.glob("gen-*"))) == 2, "what was mapped is removed in the end"
    verify(index)


def test_writers_beside_a_reader(index: Path, windows: list[str]) -> None:
    build(index, documents("кот", "пёс", "дом", "лес", "сад"))
    searcher = open_index(index)
    for number in range(12):
        build(index, [Document(id=f"new{number}", text="кот")])
        assert searcher.search("кот").total == 1
    assert windows, "the files that the reader has mapped stay"
    assert len(contents(index)) == 17
    searcher.close()
    del searcher
    gc.collect()
    build(index, [Document(id="last", text="кот")])
    assert len(list(index.glob("gen-*"))) == 2
    verify(index)


def test_rollback_close_and_sync(tmp_path: Path, index: Path, windows: list[str]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("кот", encoding="utf-8")
    sync(folder, index)
    with Writer(index, flush_tokens=1) as writer:
        writer.add_many(documents("x", "y"))
        writer.document_origins()
        writer.rollback()
        assert not (index / "gen-next.tmp").exists()
        writer.add_many(documents("x", "y"))
        writer.document_origins()
    sync(folder, index, rebuild=True)
    writer = Writer(index, flush_tokens=1)
    writer.add_many(documents("z"))
    writer.document_origins()
    writer.close()
    assert not (index / "gen-next.tmp").exists()
    assert len(contents(index)) == 3


def test_a_reader_that_has_current_open_is_waited_for(
    index: Path, windows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(index, documents("кот"))
    reader = open(index / "CURRENT", "rb")  # noqa: SIM115 (closed while the writer waits)
    monkeypatch.setattr(time, "sleep", lambda seconds: reader.close())
    build(index, [Document(id="new", text="cat")])
    assert len(contents(index)) == 2 and str(index / "CURRENT") in windows


def test_reading_and_writing_import_without_fcntl() -> None:
    script = "import sys; sys.modules['fcntl'] = None; import naidi.search.searcher, naidi.indexer.state.generations"
    run = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True
    )
    assert run.returncode == 0, run.stderr.decode()


def test_the_lock_of_windows(index: Path) -> None:
    """The other branch of the lock, with a stand-in for msvcrt that locks bytes as the system does."""
    script = """
import errno, fcntl, os, sys, types
locked = {}
def locking(fd, mode, count):
    status = os.fstat(fd)
    key = (status.st_ino, os.lseek(fd, 0, os.SEEK_CUR))
    if mode == 0:
        locked.pop(key)
    elif key in locked:
        raise OSError(errno.EACCES, "Permission denied")
    else:
        locked[key] = fd
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_UNLCK=0, LK_NBLCK=2)
sys.modules["fcntl"] = None
sys.platform = "win32"
from pathlib import Path
from naidi.indexer.errors import IndexLocked
import importlib.util
source = (Path(sys.argv[2]) / "src/naidi/indexer/state/lock.py")
import naidi.indexer.state.lock as lock
path = Path(sys.argv[1])
first = lock.WriteLock(path, 0)
try:
    lock.WriteLock(path, 0.05)
except IndexLocked as error:
    assert f"pid {os.getpid()} on" in str(error), error
else:
    raise AssertionError
first.check()
first.release()
second = lock.WriteLock(path, 0)
second.release()
assert os.listdir(path.parent) == ["lock"], os.listdir(path.parent)
"""
    index.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", script, str(index / "lock"), str(ROOT)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
    )
    assert run.returncode == 0, run.stderr.decode()
