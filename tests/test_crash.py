"""kill -9 at any moment, and readers at any moment: what they find is a committed state."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from indexes import build, contents, verify, write_old
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexMissing
from naidi.indexer.folder.sync import sync
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer

REPOSITORY = Path(__file__).parent.parent

# State n holds "tick" = n and the documents n - 20 to n; every commit adds, replaces and deletes, and some merge.
COMMIT_IN_A_LOOP = """
    import sys
    from naidi.indexer.document import Document
    from naidi.indexer.writing.writer import Writer

    with Writer(sys.argv[1]) as writer:
        for n in range(int(sys.argv[2]), 100000):
            writer.add(Document(id="tick", text=str(n), language="en"))
            writer.add(Document(id=f"d{n}", text=f"a1 b2 {n}", language="en"))
            writer.delete(f"d{n - 21}")
            writer.commit()
            print(n, flush=True)
"""


def state(directory: Path) -> int:
    """The number of the state that the index is in; fails if it is in none."""
    try:
        found = contents(directory)
    except IndexMissing:
        return -1
    number = int(found.pop("tick"))
    assert set(found) == {f"d{n}" for n in range(max(0, number - 20), number + 1)}
    return number


@pytest.mark.slow
def test_a_writer_killed_at_random_moments(index: Path) -> None:
    choice = random.Random(7)
    reached = -1
    for _ in range(15):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(COMMIT_IN_A_LOOP), str(index), str(reached + 1)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        last = int(process.stdout.readline())
        time.sleep(choice.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        lines = process.communicate()[0].split()
        last = int(lines[-1]) if lines else last
        reached = state(index)
        assert reached in (last, last + 1)
        verify(index)
    build(index, [Document(id="later", text="x")])
    assert contents(index)["tick"] == str(reached)
    # What the killed ones left is gone.
    assert sum(path.is_dir() for path in index.iterdir()) == 2


@pytest.mark.slow
def test_readers_during_commits_see_states_in_order(index: Path) -> None:
    build(index, [Document(id="tick", text="0"), Document(id="d0", text="x")])
    stop = threading.Event()
    seen: list[int] = []
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                generation = open_generation(index)
                assert generation.damage is None
                seen.append(state(index))
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    with Writer(index) as writer:
        for number in range(1, 60):
            writer.add(Document(id="tick", text=str(number), language="en"))
            writer.add(Document(id=f"d{number}", text=str(number), language="en"))
            writer.delete(f"d{number - 21}")
            writer.commit()
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(set(seen)) > 1 and state(index) == 59


def test_readers_during_a_rebuild_see_the_old_state_or_the_new(tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "seeds"
    stop = threading.Event()
    seen: list[str] = []
    failures: list[BaseException] = []

    def rewrite(version: int) -> None:
        for number in range(30):
            write_old(folder / f"{number}.txt", f"версия{version}")
        sync(folder, index, rebuild=True)

    def read() -> None:
        try:
            while not stop.is_set():
                found = contents(index)
                assert len(found) == 30
                (text,) = set(found.values())
                seen.append(text)
        except BaseException as error:
            failures.append(error)

    rewrite(0)
    reader = threading.Thread(target=read)
    reader.start()
    for version in range(1, 12):
        rewrite(version)
    stop.set()
    reader.join()
    assert failures == []
    versions = [int(text.removeprefix("версия")) for text in seen]
    assert versions == sorted(versions) and len(set(versions)) > 1
