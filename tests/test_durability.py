"""What is made durable when: several files at once, each before the step that relies on it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from indexes import build, contents, documents
from naidi.indexer.codec import durability
from naidi.indexer.codec.durability import sync, sync_noted, together
from naidi.indexer.document import Document
from naidi.indexer.writing.writer import Writer

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks into /proc")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced and renamed, in order; paths from the last folder on."""
    found: list[str] = []

    def fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        found.append(f"sync {path.parent.name}/{path.name}")

    def renaming(name: str) -> None:
        real = getattr(os, name)

        def rename(source: Path, target: Path) -> None:
            found.append(f"{name} {Path(source).name} {Path(target).name}")
            real(source, target)

        monkeypatch.setattr(os, name, rename)

    monkeypatch.setattr(os, "fsync", fsync)
    renaming("rename")
    renaming("replace")
    return found


def test_each_file_is_durable_before_the_step_that_relies_on_it(index: Path, calls: list[str]) -> None:
    for number in range(3):
        build(index, documents(f"кот{number}"))
    calls.clear()
    with Writer(index) as writer:
        writer.add(Document("new", "пёс"))
        writer.delete("0")
    live, earlier = (sorted(path.name for path in index.glob("gen-*"))[at] for at in (-1, 0))
    named = calls.index(f"rename gen-next.tmp {live}")
    switched = calls.index("replace CURRENT.tmp CURRENT")
    synced = {call for call in calls[:named] if call.startswith("sync")}
    new = {path.name for path in (index / live).iterdir()} - {path.name for path in (index / earlier).iterdir()}
    assert synced >= {f"sync gen-next.tmp/{name}" for name in {*new, "manifest.json"}}, "all that is new in it"
    assert f"sync {index.name}/gen-next.tmp" in synced, "and the names there"
    between = set(calls[named:switched])
    assert between >= {f"sync {index.parent.name}/{index.name}", f"sync {index.name}/CURRENT.tmp"}
    after = calls[switched:]
    assert any(call.endswith(".removed") for call in after)
    gone = next(place for place, call in enumerate(after) if call.endswith(".removed"))
    assert f"sync {index.parent.name}/{index.name}" in after[gone:], "the switch, and the name of what is removed"


def test_several_files_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call returns only when all have begun."""
    barrier = threading.Barrier(3, timeout=60)
    monkeypatch.setattr(os, "fsync", lambda descriptor: barrier.wait())
    with together():
        for name in ("a", "b", "c"):
            with open(tmp_path / name, "wb") as file:
                sync(file.fileno(), file.name)
    assert not barrier.broken


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_an_error_is_raised_and_no_descriptor_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith("b"):
            raise OSError(28, "No space left on device")

    before = descriptors()
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"), together():
        for name in ("a", "b", "c"):
            with open(tmp_path / name, "wb") as file:
                sync(file.fileno(), file.name)
        sync_noted()
    with pytest.raises(ZeroDivisionError), together():
        with open(tmp_path / "d", "wb") as file:
            sync(file.fileno(), file.name)
        raise ZeroDivisionError
    assert descriptors() == before and durability._noted.descriptors is None


def test_a_failing_sync_leaves_the_state_before(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, documents("кот"))
    real = os.fsync

    def fail(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith("manifest.json"):
            raise OSError(5, "Input/output error")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"), Writer(index) as writer:
            writer.add(Document("new", "пёс"))
    assert contents(index) == {"0": "кот"}


def test_without_threads_and_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    monkeypatch.setattr(os, "fsync", synced.append)
    with together():
        for name in ("a", "b"):
            with open(tmp_path / name, "wb") as file:
                sync(file.fileno(), file.name)
        assert not synced
    assert len(synced) == 2

    def no_descriptor(descriptor: int) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "dup", no_descriptor)
    with together(), open(tmp_path / "c", "wb") as file:
        sync(file.fileno(), file.name)
        assert len(synced) == 3, "at once"


def test_another_thread_waits_for_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    def write() -> None:
        with open(tmp_path / "merge", "wb") as file:
            sync(file.fileno(), file.name)

    with together():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert len(synced) == 1
