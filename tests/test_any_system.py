"""What must hold on every system, by means that every system has: no fork, no signals, no links, no modes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from indexes import build, contents, documents, verify, write_old
from naidi import Document, IndexDamaged, IndexLocked, IndexMissing, IndexUnwritable, Writer, open_index, sync

HOLD = """
    import sys, time
    from naidi import Document, Writer

    writer = Writer(sys.argv[1], flush_tokens=1)
    writer.add_many(Document(id=str(n), text="a1 b2", language="en") for n in range(100))
    writer.document_origins()
    print("ready", flush=True)
    time.sleep(60)
"""


def test_a_folder_in_and_words_out(tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "папка"
    write_old(folder / "a.txt", "Вакцина помогает.")
    write_old(folder / "below" / "b.txt", "The vaccine helps.")
    assert sync(folder, index).added == 2
    (folder / "a.txt").unlink()
    write_old(folder / "below" / "b.txt", "Nothing of that kind.", seconds=30)
    report = sync(folder, index)
    assert (report.updated, report.removed) == (1, 1)
    with open_index(index) as searcher:
        assert [hit.id for hit in searcher.search("kinds").hits] == ["папка/below/b.txt"]
        assert searcher.search("вакцина").total == 0
    verify(index)


def test_commits_and_merges_beside_a_reader(index: Path) -> None:
    build(index, documents("кот"))
    with open_index(index) as searcher, Writer(index) as writer:
        for number in range(25):
            writer.add(Document(id=f"new{number}", text="кот"))
            writer.delete(f"new{number - 7}")
            writer.commit()
            assert searcher.search("кот").total == 1
        assert searcher.refresh()
        assert searcher.search("кот").total == 8
    assert len(contents(index)) == 8
    verify(index)


def test_readers_that_look_at_every_moment(index: Path) -> None:
    build(index, documents("0"))
    stop = threading.Event()
    seen: list[int] = []
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(int(contents(index)["0"]))
        except BaseException as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    with Writer(index) as writer:
        for number in range(1, 40):
            writer.add(Document(id="0", text=str(number)))
            writer.commit()
    stop.set()
    reader.join()
    assert failures == [] and seen == sorted(seen)


def test_the_lock_of_another_process(index: Path) -> None:
    build(index, documents("кот"))
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(index)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None and process.stdout.readline().strip() == "ready"
    with pytest.raises(IndexLocked, match="another writer"):
        Writer(index, lock_timeout=0.2)
    process.kill()
    process.communicate()
    build(index, [Document(id="new", text="cat")])
    assert contents(index) == {"0": "кот", "new": "cat"}
    assert not (index / "gen-next.tmp").exists()


def test_writers_in_a_process_wait_for_each_other(index: Path) -> None:
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with Writer(index, lock_timeout=60) as writer:
                writer.add(Document(id=str(number), text="cat"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(contents(index)) == 6
    assert not list(index.glob("lock.*"))


def test_workers(index: Path) -> None:
    with Writer(index, jobs=2) as writer:
        writer.add_many(Document(id=str(number), text=f"кот {number}") for number in range(1200))
    assert len(contents(index)) == 1200


def test_no_index_damage_and_folders_of_others(index: Path) -> None:
    with pytest.raises(IndexMissing):
        open_index(index)
    index.mkdir()
    (index / "mine").mkdir()
    with pytest.raises(IndexUnwritable, match="--force"):
        Writer(index)
    with Writer(index, force=True) as writer:
        writer.add(Document(id="0", text="кот"))
    assert (index / "mine").is_dir()
    with open_index(index) as searcher:
        assert searcher.search("коты").total == 1
    del searcher
    path = next(index.glob("gen-*/*.seg"))
    data = path.read_bytes()
    copy = index.with_name("copy")
    shutil.copytree(index, copy)
    broken = copy / path.relative_to(index)
    broken.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    with pytest.raises(IndexDamaged):
        verify(copy)
