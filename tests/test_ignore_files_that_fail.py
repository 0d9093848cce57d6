"""An ignore file that is there and cannot be read. What it names must not be found, and what the index has must stay."""

from __future__ import annotations

import builtins
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from commands import called
from indexes import build, contents, flip_byte, live_directory, replace_file, section_start, write_old
from naidi import Document, NaidiError, sync
from naidi.indexer.folder.walk import walk

NOBODY = 65534
PASSING = [errno.EIO, errno.EMFILE, errno.ENOMEM]


@pytest.fixture
def space() -> Iterator[Path]:
    """A directory in which an ordinary user may work, too."""
    path = Path(tempfile.mkdtemp(prefix="naidi-ignore-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def seeds(space: Path) -> Path:
    """Two folders, each with an ignore file and a file that it names."""
    folder = space / "seeds"
    for place in (folder, folder / "sub"):
        write_old(place / "open.txt", "вакцина для всех")
        write_old(place / "private.txt", "вакцина, тайно")
        write_old(place / ".gitignore", "/private.txt\n")
    return folder


@contextmanager
def an_ordinary_user(space: Path) -> Iterator[None]:
    """No file is readable in spite of its permissions, as they are for root. Who is one already goes on."""
    if os.geteuid():
        yield
        return
    with (
        tempfile.TemporaryDirectory() as other
    ):  # imports all that it takes: an ordinary user may not read where Python is
        write_old(Path(other, "seeds", "a.txt"), "вакцина")
        write_old(Path(other, "seeds", ".gitignore"), "b.txt")
        for rebuild in (False, True):
            sync(Path(other, "seeds"), Path(other, "index"), rebuild=rebuild)
        contents(Path(other, "index"))
    for path in [space, *space.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def failing(path: Path, number: int, call: str = "open") -> Iterator[None]:
    """The system gives this error for one file."""
    owner: Any = builtins if call == "open" else os
    real = getattr(owner, call)

    def fail(name: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(name, int) and os.fspath(name) == str(path):
            raise OSError(number, os.strerror(number), str(path))
        return real(name, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, call, fail)
        yield


OPEN = ["seeds/open.txt", "seeds/sub/open.txt"]


def test_no_permission(seeds: Path, space: Path) -> None:
    index = space / "index"
    with an_ordinary_user(space):
        sync(seeds, index)
        write_old(seeds / "sub" / "new.txt", "новое")
        write_old(seeds / "new.txt", "новое")
        (seeds / "sub" / "open.txt").unlink()
        (seeds / "sub" / ".gitignore").chmod(0)
        for _ in range(2):
            report = sync(seeds, index)
            assert report.skipped == [
                *((f"{seeds}/.gitignore", "hidden"), (f"{seeds}/private.txt", "ignored by .gitignore")),
                (f"{seeds}/sub/", ".gitignore: no permission"),
            ]
            # What is known of the folder stays as it was; beside it, life goes on.
            assert sorted(contents(index)) == ["seeds/new.txt", *OPEN]
        (seeds / "sub" / ".gitignore").chmod(0o644)
        report = sync(seeds, index)
        assert (report.added, report.removed) == (1, 1)
        assert sorted(contents(index)) == ["seeds/new.txt", "seeds/open.txt", "seeds/sub/new.txt"]


def test_no_permission_for_that_of_the_folder_itself(seeds: Path, space: Path) -> None:
    index = space / "index"
    with an_ordinary_user(space):
        (seeds / ".gitignore").chmod(0)
        with pytest.raises(NaidiError, match=r"seeds/\.gitignore: no permission; make it readable"):
            sync(seeds, index)
        assert not index.exists()
        (seeds / ".gitignore").chmod(0o644)
        sync(seeds, index)
        (seeds / ".gitignore").chmod(0)
        with pytest.raises(NaidiError, match="no permission"):
            sync(seeds, index)
        assert sorted(contents(index)) == OPEN


def test_the_command_says_which_file_and_why(seeds: Path, space: Path) -> None:
    index = space / "index"
    with failing(seeds / "sub" / ".gitignore", errno.EIO):
        run = called("index", seeds, index=index)
        assert run.returncode == 0 and "1 .gitignore: cannot be read: input/output error" in run.stdout
        run = called("index", seeds, "-v", index=index)
    assert f"skipped {seeds}/sub/: .gitignore: cannot be read: input/output error\n" in run.stderr
    with failing(seeds / ".gitignore", errno.EIO):
        run = called("index", seeds, index=index)
    assert (run.returncode, run.stdout) == (2, "") and run.stderr.count("\n") == 1
    assert "Input/output error" in run.stderr and ".gitignore" in run.stderr
    assert sorted(contents(index)) == OPEN[:1]


@pytest.mark.parametrize("call", ["open", "stat"])
@pytest.mark.parametrize("number", PASSING, ids=errno.errorcode.get)
@pytest.mark.parametrize("rebuild", [False, True])
def test_a_passing_error(seeds: Path, space: Path, number: int, call: str, rebuild: bool) -> None:
    """A rebuild as well keeps what it could not look at."""
    index = space / "index"
    sync(seeds, index)
    build(index, [Document("mine", "моё")])
    with failing(seeds / "sub" / ".gitignore", number, call):
        report = sync(seeds, index, rebuild=rebuild)
        assert (report.removed, report.lost) == (0, [])
    assert sorted(contents(index)) == ["mine", *OPEN]
    with failing(seeds / ".gitignore", number, call), pytest.raises(OSError, match=os.strerror(number)):
        sync(seeds, index, rebuild=rebuild)
    assert sorted(contents(index)) == ["mine", *OPEN]
    report = sync(seeds, index)
    # What a rebuild could not read anew is read as soon as that is possible.
    assert (report.updated, report.unchanged) == ((1, 1) if rebuild else (0, 2))
    assert sorted(contents(index)) == ["mine", *OPEN]


@pytest.mark.parametrize(
    "spoil", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere"), lambda path: path.symlink_to(path)]
)
def test_what_is_no_file_has_no_rules(seeds: Path, spoil: Callable[[Path], object]) -> None:
    (seeds / "sub" / ".gitignore").unlink()
    spoil(seeds / "sub" / ".gitignore")
    assert [file.relative for file in walk(seeds)] == ["open.txt", "sub/open.txt", "sub/private.txt"]


# A rebuild keeps what it cannot look at, whatever the reason.


def test_a_rebuild_keeps_the_documents_of_files_out_of_reach(seeds: Path, space: Path) -> None:
    index = space / "index"
    with an_ordinary_user(space):
        sync(seeds, index)
        build(index, [Document("mine", "моё")])
        (seeds / "sub").chmod(0)
        (seeds / "open.txt").chmod(0)
        for _ in range(2):
            report = sync(seeds, index, rebuild=True)
            assert (report.removed, report.lost) == (0, [])
            assert dict(report.skipped)[f"{seeds}/sub/"] == dict(report.skipped)[f"{seeds}/open.txt"] == "no permission"
            assert sorted(contents(index)) == ["mine", *OPEN]
            assert sync(seeds, index).removed == 0 and sorted(contents(index)) == ["mine", *OPEN]
        (seeds / "sub").chmod(0o755)
        (seeds / "open.txt").chmod(0o644)
        write_old(seeds / "sub" / "open.txt", "другое")
        report = sync(seeds, index)
        assert report.updated == 2 and contents(index)["seeds/sub/open.txt"] == "другое"


@pytest.mark.parametrize("damage", ["text", "segment"])
def test_a_rebuild_tells_what_is_damaged_of_files_out_of_reach(seeds: Path, space: Path, damage: str) -> None:
    index = space / "index"
    with an_ordinary_user(space):
        sync(seeds, index)
        write_old(seeds / "sub" / "open.txt", "вторая версия", seconds=30)
        write_old(seeds / "sub" / "new.txt", "новый файл")
        sync(seeds, index)
        path = sorted(live_directory(index).glob("*.seg"))[-1]
        if damage == "text":
            flip_byte(path, section_start(path, "texts.blocks"))
        else:
            replace_file(path, path.read_bytes()[:-1])
        (seeds / "sub").chmod(0)
        report = sync(seeds, index, rebuild=True)
        (seeds / "sub").chmod(0o755)
        assert [name for name, _ in report.older] == ["seeds/sub/open.txt"]
        assert [name for name, _ in report.lost] == ["seeds/sub/new.txt"]
        # The state before has the file in reach as it was. Without ids it is not known that it has.
        assert [name for name, _ in report.recovered] == (["seeds/open.txt"] if damage == "segment" else [])
        assert sorted(contents(index)) == OPEN and contents(index)["seeds/sub/open.txt"] == "вакцина для всех"
        assert sync(seeds, index).added == 1 and contents(index)["seeds/sub/open.txt"] == "вторая версия"


def test_an_index_in_the_folder_that_cannot_be_looked_at(seeds: Path, space: Path) -> None:
    """Its synonyms.txt is no document."""
    sync(seeds, seeds / "other")
    write_old(seeds / "other" / "synonyms.txt", "a = b")
    (manifest,) = (seeds / "other").glob("gen-*/manifest.json")
    with failing(manifest, errno.EIO, "stat"):
        report = sync(seeds, space / "index")
    assert (f"{seeds}/other/", "cannot be read: input/output error") in report.skipped
    assert sorted(contents(space / "index")) == OPEN


def test_an_own_index_that_cannot_be_looked_at_is_not_walked(seeds: Path) -> None:
    index = seeds / "index_data"
    sync(seeds, index)
    with failing(index, errno.EIO, "stat"), pytest.raises(OSError, match="Input/output error"):
        list(walk(seeds, exclude=[index]))
