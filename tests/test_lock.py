"""One writer at a time: whoever removes the lock, forks, forgets to close or waits."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import statistics
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from indexes import build, contents, documents, verify
from naidi import Document, IndexLocked, IndexUnwritable, Writer
from naidi.indexer.state import lock as lock_module
from naidi.indexer.state.lock import WriteLock

ROOT = Path(__file__).parents[1]


def in_child(act: Callable[[], object]) -> int:
    """Do something in a forked child. Returns its status: 0 if it went well."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# The file


def remove(index: Path) -> None:
    (index / "lock").unlink()


def replace(index: Path) -> None:
    (index / "lock").unlink()
    (index / "lock").write_text("")


def remove_all(index: Path) -> None:
    shutil.rmtree(index)


def replace_all(index: Path) -> None:
    shutil.rmtree(index)
    build(index, documents("другой"))


@pytest.mark.parametrize("harm", [remove, replace, remove_all, replace_all])
@pytest.mark.parametrize("moment", ["before adding", "before the commit"])
def test_a_lock_that_is_gone_keeps_the_writer_from_committing(
    index: Path, harm: Callable[[Path], None], moment: str
) -> None:
    build(index, documents("кот"))
    writer = Writer(index, flush_tokens=1)
    if moment == "before adding":
        harm(index)
        found = contents(index) if (index / "CURRENT").exists() else None
    writer.add(Document(id="new", text="dog"))
    if moment == "before the commit":
        writer.document_origins()  # analyses what was added
        harm(index)
        found = contents(index) if (index / "CURRENT").exists() else None
    with pytest.raises(IndexLocked, match=r"lock: was removed or replaced .* nothing was committed; open a new writer"):
        writer.commit()
    assert (contents(index) if (index / "CURRENT").exists() else None) == found
    assert not (harm is remove_all and index.exists())
    with pytest.raises(ValueError, match="closed by an earlier error"):
        writer.commit()


def test_a_second_writer_that_a_removed_lock_lets_in_is_the_only_one(index: Path) -> None:
    build(index, documents("кот"))
    first = Writer(index)
    first.add(Document(id="first", text="dog"))
    (index / "lock").unlink()
    with Writer(index) as second:
        second.add(Document(id="second", text="cat"))
        with pytest.raises(IndexLocked):
            first.commit()  # touches nothing of what the second has staged
    assert contents(index) == {"0": "кот", "second": "cat"}
    verify(index)


def test_a_lock_that_is_removed_at_the_last_moment(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, documents("кот"))
    rename = os.rename

    def act(source: Path, target: Path) -> None:
        rename(source, target)
        (index / "lock").unlink(missing_ok=True)

    monkeypatch.setattr(os, "rename", act)
    with pytest.raises(IndexLocked, match="removed or replaced"):
        build(index, [Document(id="new", text="dog")])
    assert contents(index) == {"0": "кот"}
    assert [path.name for path in index.glob("gen-*")] == ["gen-00000001"]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_lock_that_is_a_link_empties_no_file_of_others(
    index: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    index.mkdir()
    link(victim, index / "lock")
    with pytest.raises(IndexUnwritable, match=r"lock: is .*link.*; choose another directory"):
        Writer(index)
    assert victim.read_text() == "precious"


def test_a_lock_that_is_a_link_to_nothing_makes_no_file(index: Path, tmp_path: Path) -> None:
    index.mkdir()
    (index / "lock").symlink_to(tmp_path / "made")
    with pytest.raises(IndexUnwritable, match="is a link"):
        Writer(index)
    assert not (tmp_path / "made").exists()


def test_a_lock_that_is_a_pipe(index: Path) -> None:
    index.mkdir()
    os.mkfifo(index / "lock")
    with pytest.raises(IndexUnwritable, match="lock"):
        Writer(index)


# Forks


def test_a_forked_child_has_a_closed_writer(index: Path) -> None:
    build(index, documents("кот"))
    writer = Writer(index, flush_tokens=1)
    writer.add_many(Document(id=f"new{number}", text="dog") for number in range(600))
    writer.document_origins()  # writes what was added
    assert (index / "gen-next.tmp").exists()

    def child() -> None:
        for act in (
            lambda: writer.add(Document(id="x", text="x")),
            lambda: writer.delete("0"),
            writer.commit,
            writer.rollback,
        ):
            with pytest.raises(ValueError, match="belongs to the process that made it"):
                act()
        writer.close()
        with pytest.raises(IndexLocked):
            Writer(index, lock_timeout=0)

    assert in_child(child) == 0
    assert list((index / "gen-next.tmp").glob("*.seg")), "the child has removed nothing"
    writer.commit()
    writer.close()
    assert len(contents(index)) == 601
    verify(index)


def test_a_block_that_is_left_in_a_child_commits_nothing(index: Path) -> None:
    build(index, documents("кот"))

    def child() -> None:
        writer.add(Document(id="child", text="dog"))

    with Writer(index) as writer:
        writer.add(Document(id="parent", text="dog"))
        assert in_child(child) == 1
        assert in_child(lambda: writer.__exit__(None, None, None)) == 1
        assert in_child(lambda: writer.__exit__(ValueError, ValueError(), None)) == 0
    assert contents(index) == {"0": "кот", "parent": "dog"}


def test_a_child_may_write_when_its_parent_has_ended_the_block(index: Path) -> None:
    writer = Writer(index)
    writer.close()
    assert in_child(lambda: build(index, documents("кот"))) == 0
    assert contents(index) == {"0": "кот"}


def test_a_child_that_drops_the_writer_leaves_the_lock(index: Path) -> None:
    writer = Writer(index)
    held = [writer]

    def child() -> None:
        nonlocal writer
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del writer
            held.clear()
            gc.collect()

    assert in_child(child) == 0
    with pytest.raises(IndexLocked):
        Writer(index, lock_timeout=0)
    held[0].close()


# Writers that are dropped


def test_a_dropped_writer_lets_go_and_warns(index: Path) -> None:
    build(index, documents("кот"))

    def forget() -> None:
        writer = Writer(index, flush_tokens=1)
        writer.add_many(Document(id=f"new{number}", text="dog") for number in range(600))
        writer.delete("0")
        assert (index / "gen-next.tmp").exists()

    gc.disable()
    try:
        with pytest.warns(ResourceWarning, match="unclosed .*Writer"):
            forget()
        assert not (index / "gen-next.tmp").exists()
        Writer(index, lock_timeout=0).close()
    finally:
        gc.enable()
    assert contents(index) == {"0": "кот"}


def test_a_writer_that_was_closed_or_never_opened_warns_of_nothing(index: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Writer(index).close()
        with pytest.raises(TypeError):
            Writer(index, no_such_option=1)  # type: ignore[call-arg]
        with Writer(index), pytest.raises(IndexLocked):
            Writer(index, lock_timeout=0)
        gc.collect()


def test_an_interpreter_that_ends_with_an_open_writer(index: Path) -> None:
    script = f"from naidi import Document, Writer; w = Writer({str(index)!r}); w.add(Document(id='a', text='кот'))"
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert run.returncode == 0 and "Traceback" not in run.stderr
    Writer(index, lock_timeout=0).close()


# Processes that may have no children


def _index_in_a_daemon(index: str) -> None:
    with Writer(index, jobs=2) as writer:
        writer.add_many(Document(id=str(number), text="кот") for number in range(1200))


def test_a_daemonic_process_does_the_work_itself(index: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_index_in_a_daemon, args=(str(index),), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert len(contents(index)) == 1200


# Waiting


def test_waiting_writers_are_served_in_turn(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = index / "lock"
    index.mkdir()
    drawn = threading.Semaphore(0)

    class Ticket(lock_module._Ticket):
        def __init__(self, lock: Path) -> None:
            super().__init__(lock)
            drawn.release()

    monkeypatch.setattr(lock_module, "_Ticket", Ticket)
    first = WriteLock(path, 0)
    order: list[int] = []

    def wait(number: int) -> None:
        lock = WriteLock(path, 20)
        order.append(number)
        time.sleep(0.01)
        lock.release()

    threads = []
    for number in range(12):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        drawn.acquire()
    first.release()
    for thread in threads:
        thread.join()
    assert order == list(range(12))
    assert [entry.name for entry in index.iterdir()] == ["lock"], "tickets are given back"


def test_a_newcomer_waits_behind_those_who_wait(index: Path) -> None:
    index.mkdir()
    path = index / "lock"
    first = WriteLock(path, 0)
    ready = threading.Event()

    def wait() -> None:
        lock = WriteLock(path, 20)
        ready.set()
        lock.release()

    thread = threading.Thread(target=wait)
    thread.start()
    while not list(index.glob("lock.*")):
        time.sleep(0.001)
    first.release()
    WriteLock(path, 20).release()
    assert ready.is_set()
    thread.join()


def test_the_ticket_of_a_killed_writer_holds_nobody_up(index: Path) -> None:
    index.mkdir()
    path = index / "lock"
    first = WriteLock(path, 0)
    child = os.fork()
    if child == 0:
        try:
            WriteLock(path, 60)
        finally:
            os._exit(1)
    while not list(index.glob("lock.*")):
        time.sleep(0.001)
    time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert list(index.glob("lock.*"))
    first.release()
    WriteLock(path, 0).release()
    assert not list(index.glob("lock.*"))
    (index / "lock.00000000000000000001-1-0").mkdir()  # of nobody
    (index / "lock.00000000000000000002-1-0").symlink_to(index / "nowhere")
    WriteLock(path, 0).release()


def test_who_waits_in_vain_gives_the_ticket_back(index: Path) -> None:
    index.mkdir()
    first = WriteLock(index / "lock", 0)
    with pytest.raises(IndexLocked, match=rf"another writer \(pid {os.getpid()} on .*waited 0.1 s"):
        WriteLock(index / "lock", 0.1)
    first.release()
    assert [entry.name for entry in index.iterdir()] == ["lock"]


WRITERS = """
    import sys, time
    from naidi import Document, Writer

    for number in range(int(sys.argv[3])):
        started = time.monotonic()
        with Writer(sys.argv[1], lock_timeout=60) as writer:
            print(time.monotonic() - started, flush=True)
            writer.add(Document(id=f"{sys.argv[2]}.{number}", text="a1 b2", language="en"))
"""


@pytest.mark.slow
def test_twelve_writers_that_wait_for_each_other(index: Path) -> None:
    """Each makes eight commits, one after another. Nobody waits much longer than the others."""
    build(index, [Document(id="start", text="a1")])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITERS), str(index), str(number), "8"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        for number in range(12)
    ]
    waits = [[float(line) for line in process.communicate()[0].split()] for process in processes]
    assert all(len(one) == 8 for one in waits)
    steady = [wait for one in waits for wait in one[1:-2]]  # without the start, when some come later, and the end
    print(f"mean {statistics.mean(steady):.3f} s, longest {max(steady):.3f} s")
    assert max(steady) < 2.5 * statistics.mean(steady)
    assert len(contents(index)) == 97
