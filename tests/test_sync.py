"""sync: the index follows a folder, reads only what changed, and never loses what the folder cannot give again."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexes import answers, build, contents, flip_byte, live_directory, replace_file, section_start, verify, write_old
from naidi.indexer.analysis.lemmatize import fingerprint as fingerprint_module
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, NaidiError
from naidi.indexer.folder import followed, read_group, staleness, sync_run
from naidi.indexer.folder import sync as folder_sync
from naidi.indexer.folder.options import FolderOptions
from naidi.indexer.folder.report import SyncReport
from naidi.indexer.folder.staleness import newer_than_index
from naidi.indexer.folder.sync import Progress, sync
from naidi.indexer.readers import Content, Format, Source, register, registry
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.losses import Losses
from naidi.indexer.state.manifest import Manifest
from naidi.indexer.status import index_status
from naidi.indexer.writing import reanalyse as reanalyse_module
from naidi.indexer.writing import workers, writer
from naidi.indexer.writing.reanalyse import reanalyse
from naidi.indexer.writing.writer import Writer
from naidi.search.open_index import open_index


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Three files that were written a minute ago."""
    folder = tmp_path / "seeds"
    write_old(folder / "a.txt", "Казахстан закупит вакцины")
    write_old(folder / "b.txt", "The vaccine works")
    write_old(folder / "sub" / "c.md", "# Заголовок\n\nтекст")
    return folder


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


def generation_number(index: Path) -> int:
    return open_generation(index).manifest.generation


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and from then on reading any file fails the test."""

    def forbid() -> None:
        def read(path: object, shown: str) -> bytes:
            raise AssertionError(f"{path} was read")

        monkeypatch.setattr(read_group, "read_file", read)

    return forbid


def make_unreadable(patch: pytest.MonkeyPatch, *paths: Path) -> None:
    """What an ordinary user meets with chmod 000; root, as whom tests may run, may read everything."""
    names = {str(path) for path in paths}
    real_open, real_scandir = os.open, os.scandir

    def refuse(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if not isinstance(path, int) and os.fspath(path) in names:
                raise PermissionError(13, "Permission denied", os.fspath(path))
            return real(path, *arguments, **options)

        return call

    patch.setattr(os, "open", refuse(real_open))
    patch.setattr(os, "scandir", refuse(real_scandir))


# What changed


def test_the_first_sync(seeds: Path, index: Path) -> None:
    report = sync(seeds, index)
    assert counts(report) == (3, 0, 0, 0)
    assert report.skipped == [] and report.warnings == [] and report.rebuilt is None
    assert set(contents(index)) == {"seeds/a.txt", "seeds/b.txt", "seeds/sub/c.md"}
    with open_index(index) as searcher:
        hit = searcher.search("заголовок").hits[0]
        assert (hit.id, hit.path, hit.title) == ("seeds/sub/c.md", str(seeds / "sub" / "c.md"), "Заголовок")
        assert searcher.search("вакцина", translate=False).total == 1
    verify(index)


def test_without_changes_nothing_is_read_or_written(seeds: Path, index: Path, unread: Callable[[], None]) -> None:
    sync(seeds, index)
    unread()
    for _ in range(2):
        assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    assert generation_number(index) == 1


def test_added_updated_removed(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    write_old(seeds / "new.txt", "совсем новый")
    write_old(seeds / "b.txt", "changed")
    (seeds / "a.txt").unlink()
    assert counts(sync(seeds, index)) == (1, 1, 1, 1)
    found = contents(index)
    assert set(found) == {"seeds/new.txt", "seeds/b.txt", "seeds/sub/c.md"}
    assert found["seeds/b.txt"] == "changed"
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    verify(index)


def test_an_update_of_the_same_size_and_an_older_time(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    write_old(seeds / "b.txt", "The vaccine fails", seconds=9999)
    assert counts(sync(seeds, index)) == (0, 1, 0, 2)
    assert contents(index)["seeds/b.txt"] == "The vaccine fails"


def test_a_file_that_was_only_touched(seeds: Path, index: Path, unread: Callable[[], None]) -> None:
    sync(seeds, index)
    changed = time.time() - 10
    os.utime(seeds / "a.txt", (changed, changed))
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    segments = open_generation(index).manifest.segments
    assert [segment.doc_count for segment in segments] == [3]
    unread()
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_a_renamed_file(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    (seeds / "a.txt").rename(seeds / "z.txt")
    assert counts(sync(seeds, index)) == (1, 0, 1, 2)
    assert set(contents(index)) == {"seeds/b.txt", "seeds/sub/c.md", "seeds/z.txt"}


def test_a_renamed_folder(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    (seeds / "sub").rename(seeds / "other")
    assert counts(sync(seeds, index)) == (1, 0, 1, 2)


def test_a_folder_that_is_emptied(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    shutil.rmtree(seeds)
    seeds.mkdir()
    assert counts(sync(seeds, index)) == (0, 0, 3, 0)
    assert contents(index) == {}


def test_an_empty_folder(index: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert counts(sync(tmp_path / "empty", index)) == (0, 0, 0, 0)
    assert contents(index) == {}


def test_a_file_that_was_written_a_moment_ago_is_read_again(seeds: Path, index: Path) -> None:
    """Within a tick of the clock it may change again without its time showing it."""
    path = seeds / "a.txt"
    path.write_text("one")
    ahead = time.time() + 0.5
    os.utime(path, (ahead, ahead))
    sync(seeds, index)
    stamp = path.stat().st_mtime_ns
    path.write_text("two")
    os.utime(path, ns=(stamp, stamp))
    assert counts(sync(seeds, index)) == (0, 1, 0, 2)
    assert contents(index)["seeds/a.txt"] == "two"


@pytest.mark.parametrize(("milliseconds", "read_again"), [(10, True), (30, False)])
def test_a_tick_of_the_clock_is_twenty_milliseconds(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch, milliseconds: int, read_again: bool
) -> None:
    path = seeds / "a.txt"
    stamp = path.stat().st_mtime_ns
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: stamp + milliseconds * 1_000_000)
        sync(seeds, index)
    path.write_bytes(path.read_bytes()[::-1])  # of the same size
    os.utime(path, ns=(stamp, stamp))
    assert counts(sync(seeds, index)) == ((0, 1, 0, 2) if read_again else (0, 0, 0, 3))


def test_many_files(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for number in range(450):
        write_old(folder / str(number % 7) / f"{number}.txt", f"кот номер{number}")
    seen: list[Progress] = []
    assert counts(sync(folder, index, progress=seen.append)) == (450, 0, 0, 0)
    assert len(contents(index)) == 450
    assert [step.files for step in seen] == sorted(step.files for step in seen)
    assert seen[-1].files == seen[-1].total_files == 450
    assert seen[-1].bytes == seen[-1].total_bytes
    for number in range(0, 450, 3):
        write_old(folder / str(number % 7) / f"{number}.txt", f"пёс номер{number}", seconds=30)
    assert counts(sync(folder, index)) == (0, 150, 0, 300)
    with open_index(index) as searcher:
        assert searcher.search("пёс").total == 150
        assert searcher.search("кот").total == 300


def test_a_relative_root_and_a_pathlib_root(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(seeds.parent)
    sync("seeds", index)
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    assert counts(sync("./seeds/", index)) == (0, 0, 0, 3)
    (seeds / "a.txt").write_bytes(b"\0\1\2" * 50)
    assert sync("seeds", index).skipped == [("seeds/a.txt", "binary file")]


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_root_that_is_no_folder(seeds: Path, index: Path, kind: str) -> None:
    root = seeds / "none" if kind == "missing" else seeds / "a.txt"
    with pytest.raises(NaidiError, match="folder"):
        sync(root, index)
    assert not index.exists()


def test_a_folder_that_is_gone_keeps_its_documents(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    seeds.rename(seeds.with_name("elsewhere"))
    with pytest.raises(NaidiError, match="name an existing folder"):
        sync(seeds, index)
    assert len(contents(index)) == 3


# Documents of applications


def test_documents_of_an_application_are_never_removed(seeds: Path, index: Path) -> None:
    build(index, [Document(id="note", text="моё"), Document(id="seeds/mine", text="моё тоже")])
    sync(seeds, index)
    shutil.rmtree(seeds / "sub")
    assert counts(sync(seeds, index)) == (0, 0, 1, 2)
    assert set(contents(index)) == {"note", "seeds/mine", "seeds/a.txt", "seeds/b.txt"}


def test_an_id_that_an_application_has_taken(seeds: Path, index: Path) -> None:
    build(index, [Document(id="seeds/a.txt", text="моё")])
    report = sync(seeds, index)
    assert counts(report) == (2, 0, 0, 0)
    assert report.skipped == [(str(seeds / "a.txt"), "the id seeds/a.txt belongs to a document of an application")]
    assert contents(index)["seeds/a.txt"] == "моё"
    with Writer(index) as writer:
        writer.delete("seeds/a.txt")
    assert counts(sync(seeds, index)) == (1, 0, 0, 2)
    assert contents(index)["seeds/a.txt"].startswith("Казахстан")


def test_a_file_that_an_application_deleted_comes_back(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    with Writer(index) as writer:
        writer.delete("seeds/a.txt")
    assert counts(sync(seeds, index)) == (1, 0, 0, 2)


# Several folders


def test_two_folders_in_one_index(seeds: Path, index: Path, tmp_path: Path, unread: Callable[[], None]) -> None:
    other, twin = tmp_path / "other", tmp_path / "deep" / "seeds"
    write_old(other / "a.txt", "другой")
    write_old(twin / "a.txt", "близнец")
    for folder in (seeds, other, twin):
        sync(folder, index)
    twin_prefix = str(twin).strip("/")
    assert set(contents(index)) == {
        "seeds/a.txt", "seeds/b.txt", "seeds/sub/c.md", "other/a.txt", f"{twin_prefix}/a.txt",
    }  # fmt: skip
    (other / "a.txt").unlink()
    assert counts(sync(other, index)) == (0, 0, 1, 0)
    unread()
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    assert counts(sync(twin, index)) == (0, 0, 0, 1)
    assert len(index_status(index)["roots"]) == 3


def test_a_folder_named_as_the_path_of_another_begins(index: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "x" / "seeds", tmp_path / "y" / "seeds"
    third = tmp_path / "z" / tmp_path.parts[1]  # its ids begin as those of the second folder, named in full
    for folder in (first, second, third):
        write_old(folder / "a.txt", "кот")
        sync(folder, index)
    assert len(contents(index)) == 3
    for folder in (first, second, third):
        assert counts(sync(folder, index)) == (0, 0, 0, 1)


def test_a_folder_inside_another(seeds: Path, index: Path) -> None:
    """It is a part of the other, whichever came first: no file is there twice."""
    sync(seeds, index)
    report = sync(seeds / "sub", index)
    assert counts(report) == (0, 0, 0, 3) and report.joined == [(str(seeds / "sub"), str(seeds))]
    assert {"seeds/a.txt", "seeds/b.txt", "seeds/sub/c.md"} == set(contents(index))
    other = index.with_name("other")
    sync(seeds / "sub", other)
    assert set(contents(other)) == {"sub/c.md"}
    report = sync(seeds, other)
    assert counts(report) == (3, 0, 0, 0) and report.joined == [(str(seeds / "sub"), str(seeds))]
    assert set(contents(other)) == set(contents(index))
    assert [root["path"] for root in index_status(other)["roots"]] == [str(seeds)]


def test_an_index_inside_the_folder(seeds: Path) -> None:
    index = seeds / "index_data"
    for _ in range(3):
        report = sync(seeds, index)
        assert report.added + report.unchanged == 3
        write_old(index / "lost.txt", "no document")
    assert len(contents(index)) == 3
    assert newer_than_index(open_generation(index).manifest.roots, exclude=index) is None


# Files that cannot be read


def test_files_that_are_no_documents(seeds: Path, index: Path, unread: Callable[[], None]) -> None:
    write_old(seeds / "binary.txt", b"\0\1\2\3" * 100)
    write_old(seeds / "empty.txt", "")
    write_old(seeds / "blank.txt", " \n ")
    write_old(seeds / "x.pdf", b"%PDF")
    report = sync(seeds, index)
    assert counts(report) == (3, 0, 0, 0)
    skipped = [(os.path.basename(path), reason) for path, reason in report.skipped]
    assert [name for name, _ in skipped] == ["binary.txt", "blank.txt", "empty.txt", "x.pdf"]
    assert dict(skipped)["empty.txt"] == "empty"
    unread()  # they are not read again either
    again = sync(seeds, index)
    assert counts(again) == (0, 0, 0, 3) and again.skipped == report.skipped


@pytest.mark.parametrize("content", [b"", b"\0\1\2\3" * 100])
def test_a_file_that_becomes_useless_leaves_the_index(seeds: Path, index: Path, content: bytes) -> None:
    sync(seeds, index)
    write_old(seeds / "a.txt", content)
    report = sync(seeds, index)
    assert counts(report) == (0, 0, 1, 2) and len(report.skipped) == 1
    assert "seeds/a.txt" not in contents(index)
    assert counts(sync(seeds, index)) == (0, 0, 0, 2)
    write_old(seeds / "a.txt", "снова текст")
    assert counts(sync(seeds, index)) == (1, 0, 0, 2)


def test_another_limit_of_size_holds_for_files_that_are_known(seeds: Path, index: Path) -> None:
    write_old(seeds / "large.txt", "слово " * 100)
    sync(seeds, index)
    report = sync(seeds, index, options=FolderOptions(max_file_size=600))
    assert counts(report) == (0, 0, 1, 3) and len(report.skipped) == 1
    assert "seeds/large.txt" not in contents(index)
    for size, expected in ((1000, (0, 0, 0, 3)), (1100, (1, 0, 0, 3)), (1101, (0, 0, 0, 4)), (1099, (0, 0, 1, 3))):
        assert (seeds / "large.txt").stat().st_size == 1100
        assert counts(sync(seeds, index, options=FolderOptions(max_file_size=size))) == expected, size


def test_a_file_that_becomes_unreadable_stays(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, index)
    write_old(seeds / "a.txt", "новый текст")
    with monkeypatch.context() as patch:
        make_unreadable(patch, seeds / "a.txt")
        for _ in range(2):
            report = sync(seeds, index)
            assert counts(report) == (0, 0, 0, 2)
            assert report.skipped == [(str(seeds / "a.txt"), "no permission")]
            assert contents(index)["seeds/a.txt"].startswith("Казахстан")
    assert counts(sync(seeds, index)) == (0, 1, 0, 2)
    assert contents(index)["seeds/a.txt"] == "новый текст"


def test_an_unreadable_folder_keeps_its_documents(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch, unread: Callable[[], None]
) -> None:
    write_old(seeds / "sub" / "deep" / "d.txt", "глубоко")
    write_old(seeds / "sub2.txt", "рядом")
    sync(seeds, index)
    (seeds / "sub2.txt").unlink()
    with monkeypatch.context() as patch:
        make_unreadable(patch, seeds / "sub")
        report = sync(seeds, index)
        assert counts(report) == (0, 0, 1, 2)
        assert report.skipped == [(f"{seeds}/sub/", "no permission")]
        assert {"seeds/sub/c.md", "seeds/sub/deep/d.txt"} <= set(contents(index))
    unread()
    assert counts(sync(seeds, index)) == (0, 0, 0, 4)


def test_a_file_of_which_nothing_can_be_known_keeps_its_document(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that may be listed but not entered, as chmod a-x leaves it."""
    sync(seeds, index)
    real = followed.walk

    def walk(root: Any, *, skip: Any = None, **options: Any) -> Any:
        def found() -> Any:
            for file in real(root, skip=skip, **options):
                if file.relative.startswith("sub/"):
                    skip(file.relative, "no permission")
                    options["out_of_reach"](file.relative)
                else:
                    yield file

        return found()

    monkeypatch.setattr(followed, "walk", walk)
    write_old(seeds / "sub" / "c.md.txt", "x")
    report = sync(seeds, index)
    assert counts(report) == (0, 0, 0, 2)
    assert "seeds/sub/c.md" in contents(index)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ESTALE])
@pytest.mark.parametrize("name", ["stat", "open"])
def test_a_passing_error_of_the_system_loses_no_document(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch, number: int, name: str
) -> None:
    sync(seeds, index)
    write_old(seeds / "a.txt", "новый текст")
    real = getattr(os, name)

    def fail(path: Any, *arguments: Any, **options: Any) -> Any:
        if path == str(seeds / "a.txt"):
            raise OSError(number, os.strerror(number), path)
        return real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        for _ in range(2):
            report = sync(seeds, index)
            assert counts(report) == (0, 0, 0, 2)
            assert report.skipped == [(str(seeds / "a.txt"), f"cannot be read: {os.strerror(number).lower()}")]
            assert contents(index)["seeds/a.txt"].startswith("Казахстан")
    assert counts(sync(seeds, index)) == (0, 1, 0, 2)
    assert contents(index)["seeds/a.txt"] == "новый текст"


def test_a_file_that_goes_before_it_is_read_is_gone(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, index)
    write_old(seeds / "a.txt", "новый текст")
    real = followed.walk

    def walk(root: Any, **options: Any) -> Any:
        found = list(real(root, **options))
        if "exclude" in options:
            (seeds / "a.txt").unlink()
        return iter(found)

    monkeypatch.setattr(followed, "walk", walk)
    report = sync(seeds, index)
    assert report.skipped == [(str(seeds / "a.txt"), "no such file")]
    assert "seeds/a.txt" not in contents(index)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE])
def test_a_folder_that_cannot_be_listed_for_the_moment_keeps_its_documents(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sync(seeds, index)
    real = os.scandir

    def fail(path: Any) -> Any:
        if path == str(seeds / "sub"):
            raise OSError(number, os.strerror(number), path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", fail)
        assert sync(seeds, index).removed == 0
        assert "seeds/sub/c.md" in contents(index)
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_a_file_of_1970_is_read_again_after_an_error(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(seeds / "a.txt", ns=(0, 0))
    with monkeypatch.context() as patch:
        make_unreadable(patch, seeds / "a.txt")
        assert counts(sync(seeds, index)) == (2, 0, 0, 0)
    assert counts(sync(seeds, index)) == (1, 0, 0, 2)


def test_a_path_that_makes_too_long_an_id(seeds: Path, index: Path) -> None:
    deep = seeds.joinpath(*["x" * 200] * 6)
    deep.mkdir(parents=True)
    write_old(deep / "a.txt", "слишком глубоко")
    report = sync(seeds, index)
    assert counts(report) == (3, 0, 0, 0)
    assert len(report.skipped) == 1 and "at most 1024" in report.skipped[0][1]
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_a_root_whose_name_is_not_utf8(index: Path, tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        write_old(root / "a.txt", "кот")
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    assert counts(sync(root, index)) == (1, 0, 0, 0)
    assert set(contents(index)) == {r"caf\xe9/a.txt"}
    assert counts(sync(root, index)) == (0, 0, 0, 1)
    verify(index)


# Building anew


def test_rebuild_reads_everything_and_keeps_what_the_folder_cannot_give(
    seeds: Path, index: Path, tmp_path: Path, unread: Callable[[], None]
) -> None:
    other = tmp_path / "other"
    write_old(other / "o.txt", "другой")
    sync(seeds, index)
    sync(other, index)
    mine = Document(id="mine", text="моё слово", title="Т", meta={"n": 1}, path="p", language="kk")
    build(index, [mine])
    queries = ["вакцина", "моё", "другой", "lang:kk"]
    before = contents(index), answers(index, queries)
    report = sync(seeds, index, rebuild=True)
    assert counts(report) == (3, 0, 0, 0) and report.rebuilt == "as asked"
    assert (contents(index), answers(index, queries)) == before
    with open_index(index) as searcher:
        hit = searcher.search("моё").hits[0]
        assert (hit.title, hit.meta, hit.path, hit.language) == ("Т", {"n": 1}, "p", "kk")
    verify(index)
    unread()  # what was noted of the other folder is kept too
    assert counts(sync(other, index)) == (0, 0, 0, 1)
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_an_index_of_another_analysis_is_built_anew(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, index)
    build(index, [Document(id="mine", text="моё")])
    for module in (writer, fingerprint_module):
        monkeypatch.setattr(module, "fingerprint", lambda: "newer rules")
    report = sync(seeds, index)
    assert counts(report) == (0, 0, 0, 3) and report.rebuilt == "made by another version"
    assert open_generation(index).manifest.fingerprint == "newer rules"
    assert len(contents(index)) == 4
    with open_index(index) as searcher:
        assert searcher.search("моё").total == 1
    assert sync(seeds, index).rebuilt is None


def test_building_anew_loses_no_file_that_cannot_be_read_now(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch, unread: Callable[[], None]
) -> None:
    """What is stored is analysed anew; a folder that is not there, or a file nobody may read, costs nothing."""
    build(index, [Document(id="mine", text="моё", meta={"n": 1})])
    sync(seeds, index)
    before = contents(index)
    for module in (writer, fingerprint_module):
        monkeypatch.setattr(module, "fingerprint", lambda: "newer rules")
    unread()
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)
    assert contents(index) == before
    monkeypatch.setattr(fingerprint_module, "fingerprint", lambda: "newest rules")
    monkeypatch.setattr(writer, "fingerprint", lambda: "newest rules")
    reanalyse(index)
    assert contents(index) == before and open_generation(index).manifest.fingerprint == "newest rules"
    assert sync(seeds, index).rebuilt is None


def test_a_rebuild_leaves_an_id_to_the_application_that_has_taken_it(seeds: Path, index: Path) -> None:
    build(index, [Document(id="seeds/a.txt", text="моё")])
    sync(seeds, index)
    report = sync(seeds, index, rebuild=True)
    assert contents(index)["seeds/a.txt"] == "моё"
    assert [reason for _, reason in report.skipped] == ["the id seeds/a.txt belongs to a document of an application"]


def test_an_outdated_index_that_is_damaged_is_not_built_anew_unasked(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state before lacks what was committed last, so it takes a word of the owner."""
    sync(seeds, index)
    build(index, [Document(id="mine", text="моё")])
    damage_segment(index)
    manifest = Manifest.from_json

    def older(data: bytes, path: Path, oldest: int = 4) -> Manifest:
        if oldest > 1:
            raise IndexOutdated("older")
        return manifest(data, path, oldest)

    monkeypatch.setattr(Manifest, "from_json", older)
    with pytest.raises(IndexDamaged, match="rebuild"):
        sync(seeds, index)
    with pytest.raises(IndexDamaged, match="rebuild"):
        reanalyse(index)
    monkeypatch.undo()
    report = sync(seeds, index, rebuild=True)
    assert report.rebuilt is not None and report.rebuilt.startswith("as asked, without what is damaged: ")
    assert report.lost == [("1 document of 00000002-0.seg", report.rebuilt.partition("damaged: ")[2])]
    assert counts(report) == (3, 0, 0, 0)


def test_a_document_that_cannot_be_read_ends_a_reanalysis(seeds: Path, index: Path) -> None:
    build(index, [Document(id="mine", text="моё")])
    build(index, [Document(id="yours", text="твоё")])
    segment = open_generation(index).segments[0]
    path = segment.container.path
    flip_byte(path, section_start(path, "texts.blocks"))
    with pytest.raises(IndexDamaged, match=r"altered; rebuild .*\(damaged documents: 'mine'\)"):
        reanalyse(index)
    assert open_generation(index).manifest.generation == 2
    found: list[Losses] = []
    reanalyse(index, accept=found.append)
    assert [doc_id for doc_id, _ in found[0].lost] == ["mine"] and contents(index) == {"yours": "твоё"}


def test_no_index_to_reanalyse(index: Path) -> None:
    with pytest.raises(IndexMissing):
        reanalyse(index)
    assert not index.exists()


def test_several_jobs_reanalyse_the_same(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reanalyse_module, "WORKER_BYTES", 0)
    monkeypatch.setattr(reanalyse_module, "BATCH_DOCUMENTS", 7)
    build(index, [Document(id=str(number), text=f"кот номер{number}") for number in range(50)])
    queries = ["кот", "номер7"]
    before = contents(index), answers(index, queries)
    reanalyse(index, jobs=2)
    assert (contents(index), answers(index, queries)) == before
    verify(index)


def damage_manifest(directory: Path) -> None:
    replace_file(live_directory(directory) / "manifest.json", b"{}")


def damage_current(directory: Path) -> None:
    (directory / "CURRENT").write_text("?")


def damage_segment(directory: Path) -> None:
    path = sorted(live_directory(directory).glob("*.seg"))[-1]
    replace_file(path, path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [damage_manifest, damage_current, damage_segment])
def test_a_damaged_index_can_be_rebuilt_and_keeps_documents_of_applications(
    seeds: Path, index: Path, damage: Callable[[Path], None]
) -> None:
    build(index, [Document(id="mine", text="моё")])
    sync(seeds, index)
    damage(index)
    with pytest.raises(IndexDamaged, match="rebuild"):
        sync(seeds, index)
    assert counts(sync(seeds, index, rebuild=True)) == (3, 0, 0, 0)
    assert set(contents(index)) == {"mine", "seeds/a.txt", "seeds/b.txt", "seeds/sub/c.md"}
    verify(index)
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_a_rebuild_over_documents_that_cannot_be_read(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    build(index, [Document(id="mine", text="моё")])
    build(index, [Document(id="yours", text="твоё")])
    generation = open_generation(index)
    segment = next(segment for segment in generation.segments if segment.doc_of_id("mine") >= 0)
    path = segment.container.path
    flip_byte(path, section_start(path, "texts.blocks"))
    report = sync(seeds, index, rebuild=True)
    assert set(contents(index)) == {"yours", "seeds/a.txt", "seeds/b.txt", "seeds/sub/c.md"}
    assert [name for name, _ in report.lost] == ["mine"] and report.skipped == []
    verify(index)


def test_a_rebuild_where_nothing_of_the_old_state_can_be_opened(seeds: Path, index: Path) -> None:
    build(index, [Document(id="mine", text="моё")])
    for path in index.glob("gen-*/manifest.json"):
        path.unlink()
    report = sync(seeds, index, rebuild=True)
    assert report.rebuilt is not None and "from the folder alone" in report.rebuilt and "manifest" in report.rebuilt
    assert len(contents(index)) == 3
    verify(index)


def test_a_rebuild_of_no_index(seeds: Path, index: Path) -> None:
    assert counts(sync(seeds, index, rebuild=True)) == (3, 0, 0, 0)


TABLES = """
?
[]
{"ROOT": 5}
{"ROOT": {"a.txt": 5}}
{"ROOT": {"a.txt": [1]}}
{"ROOT": {"a.txt": [1, 2, 3, null, 5]}}
{"ROOT": {"a.txt": ["1", "2", 3]}}
{"ROOT": {"a.txt": [1, 2, "", 7]}}
"""


@pytest.mark.parametrize("table", TABLES.split("\n")[1:-1])
def test_a_table_of_files_that_makes_no_sense_counts_as_empty(seeds: Path, index: Path, table: str) -> None:
    sync(seeds, index)
    with Writer(index) as writer:
        writer.write_sources(table.replace("ROOT", str(seeds)).encode())
    report = sync(seeds, index)
    assert (report.added, report.removed, report.updated + report.unchanged) == (0, 0, 3)
    assert len(contents(index)) == 3
    assert counts(sync(seeds, index)) == (0, 0, 0, 3)


def test_a_table_of_files_that_nests_too_deeply_counts_as_empty(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    with Writer(index) as writer:
        writer.write_sources(b"[" * 200_000)
    report = sync(seeds, index)
    assert (report.added, report.removed, report.updated + report.unchanged) == (0, 0, 3)


# At the same time


def test_a_sync_waits_for_another_writer(seeds: Path, index: Path) -> None:
    with Writer(index), pytest.raises(IndexLocked):
        sync(seeds, index, lock_timeout=0)
    sync(seeds, index, lock_timeout=0)


def test_the_folder_is_looked_at_when_the_index_is_ours(
    seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a sync that waited for another one would take away the files that came meanwhile."""
    sync(seeds, index)

    def slow(*arguments: Any, **options: Any) -> Writer:
        monkeypatch.undo()
        write_old(seeds / "late.txt", "поздно")
        assert counts(sync(seeds, index)) == (1, 0, 0, 3)
        return Writer(*arguments, **options)

    monkeypatch.setattr(folder_sync, "Writer", slow)
    assert counts(sync(seeds, index)) == (0, 0, 0, 4)
    assert "seeds/late.txt" in contents(index)


def test_little_is_read_without_worker_processes(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("worker processes were started")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", refuse)
    assert counts(sync(seeds, index, jobs=4)) == (3, 0, 0, 0)
    monkeypatch.setattr(sync_run, "WORKER_BYTES", 10)
    with pytest.raises(AssertionError, match="were started"):
        sync(seeds, index, jobs=4, rebuild=True)


def test_several_jobs_make_the_same_index(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_run, "WORKER_BYTES", 0)
    monkeypatch.setattr(followed, "GROUP_FILES", 7)
    folder = tmp_path / "seeds"
    for number in range(60):
        write_old(folder / f"{number}.txt", f"кот cat номер{number} " * (1 + number % 5))
    write_old(folder / "bad.txt", b"\0\1\2" * 50)
    one = index.with_name("one")
    first, second = sync(folder, one), sync(folder, index, jobs=2)
    assert counts(first) == counts(second) == (60, 0, 0, 0)
    assert first.skipped == second.skipped
    assert contents(one) == contents(index)
    assert answers(one, ["кот", "номер7", "cats"]) == answers(index, ["кот", "номер7", "cats"])


def test_an_error_leaves_the_index_as_it_was(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, index)
    write_old(seeds / "a.txt", "новый")

    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(seeds, index, progress=fail)
    assert contents(index)["seeds/a.txt"].startswith("Казахстан")

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            sync(seeds, index)
    assert contents(index)["seeds/a.txt"].startswith("Казахстан")
    assert counts(sync(seeds, index)) == (0, 1, 0, 2)


# Staleness


def newer(index: Path) -> str | None:
    return newer_than_index(open_generation(index).manifest.roots, exclude=index, budget=10)


def test_a_folder_that_was_not_changed(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    assert newer(index) is None
    assert index_status(index)["roots"] == [{"path": str(seeds), "newer": None, "missing": False}]


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file written": lambda seeds: (seeds / "a.txt").write_text("x"),
    "a file added": lambda seeds: write_old(seeds / "sub" / "new.txt", "x"),
    "a file removed": lambda seeds: (seeds / "sub" / "c.md").unlink(),
    "a file renamed": lambda seeds: (seeds / "a.txt").rename(seeds / "z.txt"),
    "a folder added": lambda seeds: (seeds / "folder").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_folder_that_changed(seeds: Path, index: Path, change: Callable[[Path], object]) -> None:
    sync(seeds, index)
    time.sleep(0.02)  # the clock of the file system may be a tick behind
    change(seeds)
    path = newer(index)
    assert path is not None and path.startswith(str(seeds))
    assert index_status(index)["roots"][0]["newer"] == path
    sync(seeds, index)
    assert newer(index) is None


def test_hidden_files_do_not_make_an_index_old(seeds: Path, index: Path) -> None:
    """They are not in it."""
    write_old(seeds / ".hidden", "x")
    write_old(seeds / "sub" / ".folder" / "file.txt", "x")
    assert counts(sync(seeds, index)) == (3, 0, 0, 0)
    ahead = time.time() + 5
    for path in (seeds / ".hidden", seeds / "sub" / ".folder", seeds / "sub" / ".folder" / "file.txt"):
        os.utime(path, (ahead, ahead))
    assert newer(index) is None
    os.utime(seeds / "a.txt", (ahead, ahead))
    assert newer(index) == str(seeds / "a.txt")


def test_a_change_while_the_sync_waited_or_walked_is_seen(seeds: Path, index: Path) -> None:
    def write_late(progress: Progress) -> None:
        time.sleep(0.02)
        (seeds / "late.txt").write_text("поздно")

    sync(seeds, index, progress=write_late)
    assert "seeds/late.txt" not in contents(index)
    assert newer(index) is not None


def test_a_folder_that_is_gone_is_not_called_changed(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    shutil.rmtree(seeds)
    assert newer(index) is None


def test_looking_takes_no_longer_than_allowed(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, index)
    (seeds / "a.txt").write_text("x")
    roots = open_generation(index).manifest.roots
    assert newer_than_index(roots, exclude=index, budget=0.0) is None
    ticks = iter(range(1000))
    monkeypatch.setattr(staleness.time, "monotonic", lambda: float(next(ticks)))
    assert newer_than_index(roots, exclude=index, budget=0.5) is None


# --- files of several documents


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A format of which each line is a document: `name text`."""
    monkeypatch.setattr(registry, "_by_extension", dict(registry._by_extension))
    register(Format("lines", (".lines",), _read_lines))


def _read_lines(source: Source) -> Iterator[Content]:
    for line in source.data.decode().splitlines():
        name, _, text = line.partition(" ")
        yield Content(text, part=name)


@pytest.mark.usefixtures("tables")
def test_the_parts_of_a_file_follow_it(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    write_old(folder / "t.lines", "a первый\nb второй")
    write_old(folder / "plain.txt", "third")
    assert counts(sync(folder, index)) == (2, 0, 0, 0), "files are counted"
    before = {"docs/t.lines//a": "первый", "docs/t.lines//b": "второй", "docs/plain.txt": "third"}
    assert contents(index) == before
    assert counts(sync(folder, index)) == (0, 0, 0, 2)
    os.utime(folder / "t.lines")
    assert counts(sync(folder, index)) == (0, 0, 0, 2)
    assert contents(index) == before

    write_old(folder / "t.lines", "b второй\nc новый")
    assert counts(sync(folder, index)) == (0, 1, 0, 1)
    assert contents(index) == {"docs/t.lines//b": "второй", "docs/t.lines//c": "новый", "docs/plain.txt": "third"}
    assert counts(sync(folder, index, rebuild=True)) == (2, 0, 0, 0)

    write_old(folder / "t.lines", b"a \xff\xff")
    report = sync(folder, index)
    assert (report.removed, len(report.skipped)) == (1, 1)
    assert contents(index) == {"docs/plain.txt": "third"}
    write_old(folder / "t.lines", "a снова\nd и опять")
    assert counts(sync(folder, index)) == (1, 0, 0, 1)
    (folder / "t.lines").unlink()
    assert counts(sync(folder, index)) == (0, 0, 1, 1)
    assert contents(index) == {"docs/plain.txt": "third"}
