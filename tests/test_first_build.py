"""An index that is not there yet, one that was never finished, and folders that are none: what is made, what is left alone."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import called
from indexes import build, contents, documents, live_directory, verify
from naidi import Document, IndexDamaged, IndexMissing, IndexUnwritable, Writer, open_index, sync
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.layout import CURRENT, IGNORE

CALLS = ["fsync", "rename", "replace", "mkdir", "open", "unlink", "link", "write"]


def killed_at(number: int, act: Callable[[], object]) -> bool:
    """Let a child do something until its `number`-th call of the system that changes a file. Returns whether it was killed."""
    child = os.fork()
    if child == 0:
        calls = 0

        def counting(real: Callable[..., Any], after: bool) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls == number and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
                this = calls
                try:
                    return real(*arguments, **options)
                finally:
                    if this == number:
                        os.kill(os.getpid(), signal.SIGKILL)

            return call

        for name in CALLS:
            setattr(os, name, counting(getattr(os, name), after=bool(number % 2)))
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


EVERY = [pytest.param(3, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("how", ["writer", "sync"])
@pytest.mark.parametrize("every", EVERY)
def test_a_first_build_that_is_killed_anywhere(tmp_path: Path, how: str, every: int) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "0.txt").write_text("кот и дом", encoding="utf-8")

    def make(index: Path) -> None:
        if how == "writer":
            build(index, documents("кот"))
        else:
            sync(folder, index)

    killed = without = 0
    for number in range(1, 200, every):
        index = tmp_path / str(number) / "index"
        if not killed_at(number, lambda: make(index)):  # noqa: B023
            break
        killed += 1
        try:
            open_index(index).search("кот")
            assert open_generation(index).damage is None
        except IndexMissing:
            without += 1
        make(index)  # without --rebuild
        assert len(contents(index)) == 1
        verify(index)
        build(index, [Document(id="next", text="dog")])
        assert sorted(path.name for path in index.iterdir())[:2] == [IGNORE, CURRENT]
        assert len(list(index.glob("gen-*"))) <= 2
    assert killed > 20 // every and 0 < without < killed


@pytest.mark.parametrize("every", EVERY)
def test_a_second_build_that_is_killed_anywhere(tmp_path: Path, every: int) -> None:
    start = tmp_path / "start"
    build(start, documents("кот", "пёс", "дом"))
    build(start, [Document(id="one", text="cat")])
    before = contents(start)
    seen = set()
    for number in range(1, 200, every):
        index = tmp_path / str(number)
        shutil.copytree(start, index)
        killed = killed_at(number, lambda: build(index, [Document(id="new", text="dog")]))  # noqa: B023
        seen.add("new" in contents(index))
        assert {doc_id: text for doc_id, text in contents(index).items() if doc_id != "new"} == before
        verify(index)
        build(index, [Document(id="later", text="dog")])
        assert before.keys() | {"later"} <= contents(index).keys()
        assert len(list(index.glob("gen-*"))) <= 3
        build(index, [Document(id="last", text="dog")])
        assert len(list(index.glob("gen-*"))) == 2
        if not killed:
            break
    assert seen == {False, True}


def test_a_current_that_was_removed_after_a_commit_is_damage(index: Path) -> None:
    """Even after the first one, which leaves one generation as a killed writer does."""
    build(index, documents("кот"))
    (index / CURRENT).unlink()
    assert contents(index) == {"0": "кот"}
    with pytest.raises(IndexDamaged, match="CURRENT: missing; rebuild"):
        Writer(index)
    with pytest.raises(IndexDamaged, match="missing"):
        verify(index)


def test_nothing_committed_is_no_index(index: Path) -> None:
    build(index, documents("кот"))
    (index / CURRENT).write_text("none\n")
    with pytest.raises(IndexMissing, match="no index here"):
        open_index(index)
    build(index, documents("cat"))
    assert contents(index) == {"0": "cat"}
    assert [path.name for path in index.glob("gen-*")] == ["gen-00000001"]


# Folders of others


def fill(folder: Path) -> dict[str, bytes]:
    """Put things into a folder that look like ours and are not."""
    for name in ("gen-20240101", "gen-photos.tmp", "gen-00000007", "gen-next.tmp.old", "gen-00000003.tmp"):
        (folder / name / "below").mkdir(parents=True)
        (folder / name / "photo.jpg").write_bytes(b"photo")
        (folder / name / "below" / "photo.jpg").write_bytes(b"photo")
    (folder / "gen-00000007" / "manifest.json").write_text('{"name": "a web application"}')
    (folder / "gen-00000042").write_text("a file")
    (folder / "notes.txt").write_text("mine")
    return everything(folder)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_index_is_made_in_a_folder_of_others(index: Path) -> None:
    index.mkdir()
    mine = fill(index)
    for rebuild in (False, True):
        with pytest.raises(IndexUnwritable, match=r"holds other things \('gen-00000003.tmp', .* and more\).*--force"):
            Writer(index, rebuild=rebuild)
    with pytest.raises(IndexMissing):
        open_index(index)
    assert everything(index) == mine


def test_with_force_it_is_made_and_what_was_there_stays(tmp_path: Path) -> None:
    folder, index = tmp_path / "folder", tmp_path / "project"
    folder.mkdir()
    (folder / "a.txt").write_text("кот", encoding="utf-8")
    index.mkdir()
    mine = fill(index)
    run = called("index", folder, index=index)
    assert run.returncode == 2 and "--force" in run.stderr and run.stderr.count("\n") == 1
    assert everything(index) == mine
    assert called("index", folder, "--force", index=index).returncode == 0
    for number in range(4):
        build(index, [Document(id=str(number), text="dog")])  # once it is an index, nothing has to be forced
    assert called("index", folder, "--rebuild", index=index).returncode == 0
    assert len(contents(index)) == 5
    assert everything(index).items() >= mine.items()
    assert sum(1 for path in index.glob("gen-*/manifest.json")) == 3  # two of ours, one of a web application
    verify(index)


@pytest.mark.parametrize("name", ["synonyms.txt", "lock", ".gitignore", "CURRENT.tmp", "lock.00000000000000000001-1-0"])
def test_what_may_be_there_before_the_index(index: Path, name: str) -> None:
    index.mkdir()
    (index / name).write_text("# mine")
    build(index, documents("кот"))
    assert contents(index) == {"0": "кот"}
    if name in ("synonyms.txt", ".gitignore"):
        assert (index / name).read_text() == "# mine"


def test_the_database_of_another_program(index: Path) -> None:
    """LevelDB has a file CURRENT, too."""
    index.mkdir()
    (index / CURRENT).write_text("MANIFEST-000001\n")
    (index / "000003.log").write_bytes(b"")
    mine = everything(index)
    for rebuild in (False, True):
        with pytest.raises(IndexUnwritable, match=r"holds other things \('000003\.log'\)"):
            Writer(index, rebuild=rebuild)
    assert everything(index) == mine


def test_a_folder_of_others_with_the_name_of_the_staging(index: Path) -> None:
    build(index, documents("кот"))
    staging = index / "gen-next.tmp"
    staging.mkdir()
    (staging / "photo.jpg").write_bytes(b"photo")
    with pytest.raises(IndexUnwritable, match=r"gen-next\.tmp: is not of naidi"):
        build(index, documents("cat"))
    assert (staging / "photo.jpg").exists() and contents(index) == {"0": "кот"}
    shutil.rmtree(staging)
    staging.symlink_to(index.parent)
    with pytest.raises(IndexUnwritable, match="is not of naidi"):
        build(index, documents("cat"))
    assert contents(index) == {"0": "кот"}


def test_a_link_to_a_folder_is_no_generation(index: Path, tmp_path: Path) -> None:
    build(index, documents("кот"))
    backup = tmp_path / "backup"
    shutil.copytree(live_directory(index), backup)
    (index / "gen-00000099").symlink_to(backup)
    for number in range(3):
        build(index, [Document(id=str(number), text="dog")])
    assert (index / "gen-00000099").is_symlink() and (backup / "manifest.json").exists()


def test_what_is_left_of_a_removal_goes(index: Path) -> None:
    """A power failure may undo the removal of some files, and not that of the manifest."""
    build(index, documents("кот"))
    left = index / "gen-00000007"
    shutil.copytree(live_directory(index), left)
    (left / "manifest.json").unlink()
    (index / "gen-20240101").mkdir()
    build(index, documents("cat"))
    build(index, documents("dog"))
    assert not left.exists() and (index / "gen-20240101").exists()


def test_a_folder_inside_a_generation_stays(index: Path) -> None:
    build(index, documents("кот"))
    (live_directory(index) / "mine").mkdir()
    for number in range(3):
        build(index, [Document(id=str(number), text="dog")])
    assert (index / "gen-00000001" / "mine").is_dir()


# The directory


def test_a_link_to_an_index_is_that_index(index: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(index)
    with pytest.raises(IndexUnwritable, match="link: is a link that leads nowhere"):
        Writer(link)
    build(index, documents("кот"))
    build(link, [Document(id="1", text="cat")])
    assert contents(index) == contents(link) == {"0": "кот", "1": "cat"}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
def test_the_way_to_the_index_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entries of new directories are fsynced in those above them."""
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")))
    rename = os.rename
    monkeypatch.setattr(os, "rename", lambda source, target: (synced.append("renamed"), rename(source, target)))
    index = tmp_path / "a" / "b" / "index"
    build(index, documents("кот"))
    assert {str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b"), str(index)} <= set(synced)
    renamed = synced.index("renamed")
    assert str(index) in synced[:renamed], (
        "that nothing is committed is durable before the first generation has its name"
    )


# Permissions


def modes(index: Path) -> dict[str, int]:
    return {str(path.relative_to(index)): path.stat().st_mode & 0o777 for path in [index, *index.rglob("*")]}


@pytest.fixture
def umask() -> Any:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize(
    ("mask", "folder", "file"), [(0o022, 0o755, 0o644), (0o077, 0o700, 0o600), (0o002, 0o775, 0o664)]
)
def test_modes_follow_the_umask(index: Path, umask: Any, mask: int, folder: int, file: int) -> None:
    umask(mask)
    build(index, documents("кот"))
    build(index, documents("cat"))
    with Writer(index) as writer:
        writer.delete("0")
    for name, mode in modes(index).items():
        assert mode == (folder if (index / name).is_dir() else file), name


def test_an_index_is_as_closed_as_its_folder(tmp_path: Path, umask: Any) -> None:
    closed, opened, index = tmp_path / "closed", tmp_path / "opened", tmp_path / "index"
    for folder in (closed, opened):
        folder.mkdir()
        (folder / "a.txt").write_text("тайна", encoding="utf-8")
    closed.chmod(0o700)
    sync(closed, index)
    assert {mode & 0o077 for mode in modes(index).values()} == {0}
    sync(opened, index)
    build(index, documents("кот"))
    assert {mode & 0o077 for mode in modes(index).values()} == {0}, "what was closed stays so"


def test_an_open_index_closes_with_a_closed_folder(tmp_path: Path, umask: Any) -> None:
    closed, index = tmp_path / "closed", tmp_path / "index"
    closed.mkdir()
    (closed / "a.txt").write_text("тайна", encoding="utf-8")
    closed.chmod(0o750)
    build(index, documents("кот"))
    sync(closed, index)
    live = live_directory(index)
    assert live.stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in live.iterdir()} == {0o640}


def test_an_index_is_made_beside_a_note_about_it(index: Path) -> None:
    """The folder of this repository has one."""
    index.mkdir()
    (index / "README").write_text("what this folder is for")
    build(index, documents("кот"))
    assert contents(index) == {"0": "кот"} and (index / "README").exists()
