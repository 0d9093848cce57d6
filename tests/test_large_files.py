"""Files that are too large, or of which somebody lies: each is left out alone, and costs next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from commands import ROOT, called
from indexes import contents, write_old
from naidi.indexer.errors import DocumentUnreadable
from naidi.indexer.folder import followed, read_group
from naidi.indexer.folder.options import FolderOptions
from naidi.indexer.folder.report import SyncReport
from naidi.indexer.folder.sync import sync
from naidi.indexer.readers import Format, register, registry
from naidi.indexer.readers import read_file as reading
from naidi.indexer.readers.read_file import FileBytes, read_documents, too_large
from naidi.indexer.writing import batch as batch_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    write_old(root / "a.txt", "первый текст")
    write_old(root / "z.txt", "the last text")
    return root


def sparse(path: Path, size: int, start: bytes = b"") -> None:
    with open(path, "wb") as file:
        file.write(start)
        file.truncate(size)
    os.utime(path, (1e9, 1e9))


def reasons(report: SyncReport) -> dict[str, str]:
    return {os.path.basename(path): reason for path, reason in report.skipped}


def limited(script: str, *arguments: str | Path, megabytes: int) -> subprocess.CompletedProcess[str]:
    """A script in a process that may have so much address space beyond what it has with the modules loaded."""
    resource = pytest.importorskip("resource")
    assert resource.RLIMIT_AS
    head = f"""
import os, resource, sys
from naidi import open_index, sync
from naidi.indexer.writing.batch import analyse
from naidi import Document
analyse([Document("warm", "Привет, world.")])
if not os.path.exists("/proc/self/statm"):
    sys.exit("no figures of memory here")
size = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + {megabytes << 20}
resource.setrlimit(resource.RLIMIT_AS, (size, size))
"""
    run = subprocess.run(
        [sys.executable, "-c", head + script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
        timeout=120,
        check=False,
    )
    if "no figures of memory here" in run.stderr:
        pytest.skip("no figures of memory here")
    return run


def test_a_file_of_gigabytes_costs_no_memory(folder: Path, index: Path) -> None:
    """Nothing but its first bytes is read: it is binary. Another is text at first, and too large."""
    sparse(folder / "nul.txt", 1 << 31)
    sparse(folder / "large.md", 1 << 31, b"text " * 20_000)
    sparse(folder / "wide.txt", 1 << 31, b"\xff\xfea\0b\0")
    run = limited("print(sorted(sync(*sys.argv[1:]).skipped))", folder, index, megabytes=120)
    assert run.returncode == 0, run.stderr
    assert "nul.txt', 'binary file'" in run.stdout
    assert "large.md', 'larger than 64 MB'" in run.stdout and "wide.txt', 'larger than 64 MB'" in run.stdout
    assert set(contents(index)) == {"docs/a.txt", "docs/z.txt"}


LITTLE_MEMORY = """
report = sync(sys.argv[1], sys.argv[2], jobs=int(sys.argv[3]))
print(report.added, sorted((os.path.basename(path), reason) for path, reason in report.skipped))
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_for_which_memory_does_not_suffice_is_left_out_alone(folder: Path, index: Path, jobs: int) -> None:
    write_old(folder / "big.txt", "слово и дело. " * 2_000_000)
    for number in range(20):
        write_old(folder / f"{number}.txt", f"текст {number}")
    run = limited(LITTLE_MEMORY, folder, index, str(jobs), megabytes=150 if jobs == 1 else 200)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "22 [('big.txt', 'needs too much memory')]\n"
    assert len(contents(index)) == 22


def test_memory_that_ends_while_several_are_analysed(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the document that needs it is left out; the one in the index stays as it was."""
    write_old(folder / "m.txt", "огромный")
    sync(folder, index)
    real = read_group.analyse

    def analyse(documents: list[reading.Document]) -> batch_module.AnalysedBatch:
        if any("огромный" in document.text for document in documents):
            raise MemoryError
        return real(documents)

    write_old(folder / "m.txt", "огромный и новый")
    for name in ("a.txt", "b.txt", "c.txt", "z.txt"):
        write_old(folder / name, f"новый текст {name}")
    monkeypatch.setattr(read_group, "analyse", analyse)
    for expected in ((2, 2), (0, 0)):
        report = sync(folder, index)
        assert (report.added, report.updated) == expected
        assert reasons(report) == {"m.txt": "needs too much memory"}
        assert contents(index)["docs/m.txt"] == "огромный"
    monkeypatch.undo()
    assert sync(folder, index).updated == 1
    assert contents(index)["docs/m.txt"] == "огромный и новый"


def test_numbers_of_words_stay_right_after_memory_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    met = batch_module._Met()
    monkeypatch.setattr(batch_module, "_met", met)
    first = met.number(["one two"])[2]

    number = met.numbering.number

    def broken(texts: list[str]) -> None:
        number(texts)  # it knows "three", and nobody was told
        raise MemoryError

    monkeypatch.setattr(met.numbering, "number", broken)
    with pytest.raises(MemoryError):
        met.number(["three"])
    tokens, _, forms = met.number(["three one"])
    assert [forms.forms[token] for token in tokens] == ["three", "one"] and forms.serial != first.serial


def test_the_limit(folder: Path, index: Path) -> None:
    write_old(folder / "b.txt", "x" * 1000)
    write_old(folder / "c.txt", "y " * 500 + "z")
    report = sync(folder, index, options={"max_file_size": 1000})
    assert report.added == 3 and reasons(report) == {"c.txt": "larger than 1000 bytes"}
    assert sync(folder, index).added == 0, "the limit is noted"
    report = sync(folder, index, options=FolderOptions())
    assert (report.added, report.unchanged, report.skipped) == (1, 3, []), "another limit, another look"
    report = sync(folder, index, options={"max_file_size": 1000})
    assert (report.removed, report.unchanged) == (1, 3), "it holds for what is in the index, too"
    assert reasons(report) == {"c.txt": "larger than 1000 bytes"} and "docs/c.txt" not in contents(index)


def test_the_option(folder: Path, index: Path) -> None:
    write_old(folder / "b.txt", "x" * 3000)
    run = called("index", folder, "--max-size", "2K", index=index)
    assert run.returncode == 0 and "1 larger than 2 KB" in run.stdout
    assert called("index", folder, "--max-size", "1.5m", index=index).stdout.startswith("added 1,")
    for wrong in ("x", "-1", "1T", "", "1e9", "²M"):
        run = called("index", folder, "--max-size", wrong, index=index)
        assert run.returncode == 2 and "is no size; write 500K, 64M or 2G" in run.stderr, wrong


def test_the_words_of_a_limit() -> None:
    words = {64 << 20: "64 MB", 3 << 29: "1.5 GB", 1 << 10: "1 KB", 1023: "1023 bytes", 0: "0 bytes"}
    assert {size: too_large(size) for size in words} == {size: f"larger than {said}" for size, said in words.items()}


def test_only_the_start_of_a_binary_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_by_extension", dict(registry._by_extension))
    register(Format("binary", (".bin",), "nowhere:nothing"))
    (tmp_path / "a.txt").write_bytes(b"\1\2\3" * 30_000)
    (tmp_path / "b.bin").write_bytes(b"\1\2\3" * 30_000)
    with pytest.raises(DocumentUnreadable, match="binary file"):
        reading.read_file(tmp_path / "a.txt", "a.txt")
    assert len(reading.read_file(tmp_path / "b.bin", "b.bin").data) == 90_000, "other formats may be binary"
    (tmp_path / "c.txt").write_text("x" * 1025)
    with pytest.raises(DocumentUnreadable, match="larger than 1 KB"):
        read_documents(tmp_path / "c.txt", file_id="c", max_file_size=1024)


def test_a_nul_far_behind_is_still_binary(folder: Path, index: Path) -> None:
    write_old(folder / "b.txt", b"text " * 30_000 + b"\0")
    assert reasons(sync(folder, index)) == {"b.txt": "binary file"}


def test_a_file_that_grows_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer is faster than the reader: only the limit ends it."""
    monkeypatch.setattr(reading, "_MORE", 1000)
    path = folder / "log.txt"
    write_old(path, "line\n")
    real = os.fstat
    with open(path, "ab", buffering=0) as log:

        def grow(descriptor: int) -> os.stat_result:
            status = real(descriptor)
            log.write(b"line\n" * 1000)
            return status

        with monkeypatch.context() as patch:
            patch.setattr(os, "fstat", grow)
            with pytest.raises(DocumentUnreadable, match="larger than 4 KB"):
                reading.read_file(path, "log.txt", 4096)


@pytest.mark.parametrize("change", [b"", b"longer than before, much longer"])
def test_a_file_that_changes_its_size_while_it_is_read_is_read_again(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    path = folder / "a.txt"
    real = read_group.read_file

    def read(name: str, shown: str, limit: int, *more: Any) -> FileBytes:
        if name == str(path):
            write_old(path, change or b"x")
        return real(name, shown, limit, *more)

    with monkeypatch.context() as patch:
        patch.setattr(read_group, "read_file", read)
        sync(folder, index)
    write_old(path, "другое")
    os.utime(path, ns=(0, os.stat(folder / "z.txt").st_mtime_ns))
    sync(folder, index)
    assert contents(index)["docs/a.txt"] == "другое"


def test_a_file_that_becomes_a_pipe_after_the_walk(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = followed.walk

    def walk(*arguments: object, **options: object) -> object:
        files = list(real(*arguments, **options))  # type: ignore[arg-type]
        if (folder / "a.txt").is_file():
            (folder / "a.txt").unlink()
            os.mkfifo(folder / "a.txt")
        return files

    monkeypatch.setattr(followed, "walk", walk)
    report = sync(folder, index)
    assert report.added == 1 and reasons(report) == {"a.txt": "not a regular file"}


def test_links_out_of_the_folder_on_request(folder: Path, index: Path, tmp_path: Path) -> None:
    write_old(tmp_path / "far.txt", "далёкий")
    (folder / "far.txt").symlink_to(tmp_path / "far.txt")
    assert reasons(sync(folder, index)) == {"far.txt": "link out of the folder"}
    assert sync(folder, index, options={"follow_links": True}).added == 1
    assert called("index", folder, "--follow", index=index).stdout.startswith(
        "added 0, updated 0, removed 0, unchanged 3"
    )
    assert sync(folder, index).unchanged == 3, "the choice is noted"
    assert sync(folder, index, options=FolderOptions()).removed == 1 and "docs/far.txt" not in contents(index)


@pytest.mark.slow
def test_a_line_of_sixty_megabytes(tmp_path: Path, index: Path) -> None:
    write_old(tmp_path / "docs" / "line.txt", "Казахстан закупит вакцины, the vaccine works; " * 900_000)
    begin = time.process_time()
    assert sync(tmp_path / "docs", index).added == 1
    assert time.process_time() - begin < 60
    assert threading.active_count() == 1
