"""Memory that does not suffice for a commit: the error goes up as what it is, the live state stays, and the lock is free."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard

from commands import ROOT
from indexes import build, contents, flip_byte, pack, verify
from naidi import Document, Writer, sync
from naidi.indexer.codec import merge, older_formats, stored
from naidi.indexer.codec.container import Container, ContainerWriter
from naidi.indexer.codec.regular_file import open_regular
from naidi.indexer.codec.stored import StoredBlobs, put_blobs
from naidi.indexer.state.generations import open_generation

linux = pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="only Linux tells how much memory a process has"
)

# In a process of its own: what other tests have left free would be taken first.
COMMIT = """
import faulthandler, resource, sys
from pathlib import Path
from naidi import Document, Writer
faulthandler.dump_traceback_later(60, exit=True)
words = Path(sys.argv[2]).read_text().split()
writer = Writer(sys.argv[1])
for number in range(12):
    writer.add(Document(f"new {number}", " ".join(words[number * 700 : (number + 1) * 700])))
writer.delete("0")  # what waits is analysed now
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + int(sys.argv[3]), hard))
told = "committed"
try:
    writer.commit()
except (MemoryError, OSError) as error:
    kept = error
    told = f"{type(error).__name__} {getattr(error, 'errno', None)}"
resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
if told != "committed":
    try:
        writer.add(Document("later", "more"))
        told += ", and is open"
    except ValueError as error:
        assert "closed by an earlier error" in str(error), error
    assert sys.argv[1] not in open("/proc/self/maps").read(), "maps are left"
    assert not list(Path(sys.argv[1]).glob("*.tmp")), "what was staged is left"
    Writer(sys.argv[1], lock_timeout=0).close()  # raises IndexLocked if the lock is held
print(told)
"""


# The innermost call of the main thread after a minute.
_THREADING = r'  File .*/threading\.py", line \d+ in '
_START_OF_A_THREAD = re.compile(rf"^Timeout .*\n(?:.*\n)*Thread .*\n(?:{_THREADING}wait\n)+{_THREADING}start\n", re.M)


def no_memory(*arguments: object, **options: object) -> None:
    raise MemoryError


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of seven segments: the next commit merges. Beside it are words for more documents."""
    space = tmp_path_factory.mktemp("memory")
    chance = random.Random(1)
    words = [f"слово{number}" for number in range(9_000)] + [f"word{number}" for number in range(9_000)]
    chance.shuffle(words)
    (space / "words").write_text(" ".join(words))
    for commit in range(7):
        texts = (" ".join(chance.choices(words, k=800)) for _ in range(10))
        build(space / "index", [Document(str(commit * 10 + number), text) for number, text in enumerate(texts)])
    assert len(open_generation(space / "index").segments) == 7
    return space


@linux
@pytest.mark.parametrize(
    "rooms",
    [
        pytest.param(range(1_000_000, 10_000_000, 4_000_000), id="some"),
        pytest.param(range(0, 15_000_000, 750_000), id="many", marks=pytest.mark.slow),
    ],
)
def test_a_commit_in_so_little_memory(before: Path, tmp_path: Path, rooms: range) -> None:
    """rooms: bytes that it may take, in a merge above all."""
    outcomes = {_commit(before, tmp_path / str(room), room) for room in rooms}
    assert "MemoryError None" in outcomes
    assert outcomes <= {"MemoryError None", f"OSError {errno.ENOMEM}", "committed", "killed"}


def _commit(before: Path, space: Path, room: int) -> str:
    index = Path(shutil.copytree(before / "index", space / "index"))
    old = contents(index)
    run = subprocess.run(
        [sys.executable, "-c", COMMIT, index, before / "words", str(room)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENBLAS_NUM_THREADS": "1"},
    )
    outcome = run.stdout.strip()
    if run.returncode == -signal.SIGSEGV:
        outcome = "killed"  # numpy does not look whether it got the memory of its small buffers
    elif _START_OF_A_THREAD.search(run.stderr):
        outcome = "killed"  # one time in a thousand; Python waits for ever for a thread that had no memory to say that it runs
    else:
        assert run.returncode == 0, run.stderr
    verify(index)
    new = contents(index)
    if outcome == "committed":
        assert new.keys() == old.keys() - {"0"} | {f"new {number}" for number in range(12)}
    else:
        assert new == old
    build(index, [Document("later", "more")])
    assert contents(index) == {**new, "later": "more"}
    shutil.rmtree(space)
    return outcome


def test_a_writer_that_could_not_be_closed_closes_at_its_next_use(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no memory at all, an error may pass by the lines that close the writer. Half of a merge must not be committed then."""
    for number in range(7):
        build(index, [Document(str(number), f"слово {number}")])
    before = contents(index)
    writer = Writer(index)
    writer.add(Document("new", "новое"))

    with monkeypatch.context() as patch:
        patch.setattr("naidi.indexer.writing.merger.merge_segments", no_memory)
        patch.setattr(Writer, "close", lambda self: None)
        with pytest.raises(MemoryError):
            writer.commit()
    for act in (writer.commit, lambda: writer.add(Document("later", "позже")), writer.rollback):
        with pytest.raises(ValueError, match="closed by an earlier error"):
            act()
    assert contents(index) == before
    Writer(index, lock_timeout=0).close()


@pytest.mark.parametrize("name", ["remove_generations", "fsync_directory"])
def test_what_fails_for_want_of_memory_after_the_switch_is_no_error(
    index: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    build(index, [Document("a", "один")])
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        real(source, target)
        monkeypatch.setattr(f"naidi.indexer.state.commit.{name}", no_memory)

    monkeypatch.setattr(os, "replace", replace)
    build(index, [Document("b", "два")])
    monkeypatch.undo()
    assert contents(index).keys() == {"a", "b"}
    build(index, [Document("c", "три")])


def test_a_switch_that_fails_after_it_was_done(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, [Document("a", "один")])
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        real(source, target)
        raise MemoryError

    monkeypatch.setattr(os, "replace", replace)
    build(index, [Document("b", "два")])
    assert contents(index).keys() == {"a", "b"}


def test_a_writer_that_cannot_go_on_after_its_commit(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Writer(index) as writer:
        writer.add(Document("a", "один"))
        monkeypatch.setattr(
            "naidi.indexer.writing.writer.remove_staging", no_memory
        )  # the first step behind the commit
        writer.commit()
        monkeypatch.undo()
        with pytest.raises(ValueError, match="closed after its last commit"):
            writer.add(Document("b", "два"))
        Writer(index, lock_timeout=0).close()
        with pytest.raises(ValueError, match="closed after its last commit"):
            writer.commit()
        monkeypatch.setattr(Writer, "commit", lambda self: None)
    assert contents(index).keys() == {"a"}


def test_a_merge_without_a_thread(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack of a thread takes memory, too. Then the work is done without one."""
    for number in range(7):
        build(index, [Document(f"{number} {n}", f"слово {number} {n} общее") for n in range(20)])
    before = contents(index)
    monkeypatch.setattr(merge, "CHUNK_ROWS", 50)
    started = 0

    def none(*arguments: object, **options: object) -> None:
        nonlocal started
        started += 1
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading, "_start_new_thread", none)
    build(index, [Document("new", "новое")])
    assert started and len(open_generation(index).segments) < 7
    monkeypatch.undo()
    verify(index)
    assert contents(index) == {**before, "new": "новое"}


def test_no_memory_is_no_damage(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild that cannot unpack a text for the moment does not call it lost."""
    (tmp_path / "seeds").mkdir()
    texts = {name: f"{name} " * 5_000 for name in ("first", "last")}  # each in a block of its own
    build(index, [Document(name, text) for name, text in texts.items()])
    (path,) = next(index.glob("gen-*")).glob("*.seg")
    offset, size, _ = Container(path).table["texts.blocks"]
    flip_byte(path, offset + size - 3)  # the other block is sound, but its section is not
    monkeypatch.setattr(stored, "_local", SimpleNamespace(decompressor=SimpleNamespace(decompress=no_memory)))
    with pytest.raises(MemoryError):
        sync(tmp_path / "seeds", index, rebuild=True)
    monkeypatch.undo()
    report = sync(tmp_path / "seeds", index, rebuild=True)
    assert [name for name, _ in report.lost] == ["last"] and contents(index) == {"first": texts["first"]}


def test_a_sound_block_that_claims_too_much_is_damaged(tmp_path: Path) -> None:
    """So much memory is not even asked for."""
    packer = pack([b"a text"])
    frame = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(bytes(2_000_000))
    packer.blocks[0] = frame
    with ContainerWriter(tmp_path / "b", {}) as file:
        put_blobs(file, "b", packer)
    assert not StoredBlobs(Container(tmp_path / "b"), "b").is_sound(0)


@pytest.mark.parametrize("version", [1, 2])
def test_a_block_of_an_older_format_that_claims_too_much(version: int) -> None:
    text = b"text " * 1_000
    packed = zlib.compress(text) if version == 1 else zstandard.ZstdCompressor().compress(text)
    unpack = older_formats._inflated if version == 1 else older_formats._decompressed
    assert unpack(packed, len(text)) == text
    with pytest.raises((zlib.error, zstandard.ZstdError)):
        unpack(packed, len(text) - 1)
    with pytest.raises((zlib.error, zstandard.ZstdError)):
        unpack(packed[:-3], len(text))


def test_a_file_that_is_opened_without_memory_closes_no_other(tmp_path: Path) -> None:
    """At each allocation of Python, in a child. A descriptor that is closed twice may be that of somebody else by then."""
    memory = pytest.importorskip("_testcapi")
    (tmp_path / "file").write_bytes(b"content")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            open_regular(tmp_path / "file").close()
            before = len(os.listdir("/dev/fd"))
            for number in range(1, 150):
                memory.set_nomemory(number, number + 1)
                try:
                    open_regular(tmp_path / "file").close()
                except MemoryError:
                    pass
                except (TypeError, RuntimeError):  # as Python itself tells it here and there
                    pass
                finally:
                    memory.remove_mem_hooks()
            status = 0 if len(os.listdir("/dev/fd")) == before else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
