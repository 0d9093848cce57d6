"""An index that follows several folders: joined, moved, missing, dropped, previewed, watched."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import naidi
from commands import ROOT, called
from indexes import contents, write_old
from naidi.indexer.errors import IndexMissing, NaidiError
from naidi.indexer.folder.drop import drop
from naidi.indexer.folder.options import FolderChoices, FolderOptions, chosen
from naidi.indexer.folder.plan import plan
from naidi.indexer.folder.preview import preview
from naidi.indexer.folder.sync import sync
from naidi.indexer.folder.watching import Concern, changes
from naidi.indexer.state.roots import path_of, portable, resolved
from naidi.indexer.status import folders_of, index_status, skipped_files


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two folders: notes and books."""
    write_old(tmp_path / "notes" / "борщ.txt", "варим свёклу")
    write_old(tmp_path / "notes" / "work" / "plan.md", "# Plan\n\nquarterly targets")
    write_old(tmp_path / "books" / "whale.txt", "call me Ishmael")
    return tmp_path


@pytest.fixture
def index(home: Path) -> Path:
    return home / "index_data"


def paths(index: Path, query: str) -> list[str | None]:
    with naidi.open_index(index) as searcher:
        return [hit.path for hit in searcher.search(query)]


def followed(index: Path) -> list[str]:
    return [root["path"] for root in index_status(index)["roots"]]


# --- several folders


def test_several_folders_in_one_commit(home: Path, index: Path) -> None:
    report = sync([home / "notes", home / "books"], index)
    assert (report.added, report.roots) == (3, [str(home / "notes"), str(home / "books")])
    assert index_status(index)["generation"] == 1
    write_old(home / "notes" / "neu.txt", "new")
    (home / "books" / "whale.txt").unlink()
    report = sync(None, index)
    assert (report.added, report.removed, report.unchanged) == (1, 1, 2)


def test_folders_of_one_name(home: Path, index: Path) -> None:
    write_old(home / "old" / "notes" / "a.txt", "other")
    sync([home / "notes", home / "old" / "notes"], index)
    ids = set(contents(index))
    assert "notes/борщ.txt" in ids and len(ids) == 3
    assert any(one.endswith("old/notes/a.txt") for one in ids)
    assert paths(index, "other") == [str(home / "old" / "notes" / "a.txt")]


def test_all_folders_of_an_index_without_any(home: Path, index: Path) -> None:
    with pytest.raises(IndexMissing):
        sync(None, index)
    assert not index.exists()
    with naidi.Writer(index) as writer:
        writer.add(naidi.Document(id="a", text="text"))
    with pytest.raises(NaidiError, match="follows no folder yet; name one"):
        sync(None, index)
    with pytest.raises(NaidiError, match="no folder is named"):
        sync([], index)


def test_a_rebuild_of_all_folders_reads_each_once(home: Path, index: Path) -> None:
    sync([home / "notes", home / "books"], index)
    report = sync(None, index, rebuild=True)
    assert (report.added, report.updated, report.unchanged) == (3, 0, 0)
    assert len(contents(index)) == 3


@pytest.mark.parametrize("first", ["notes", "notes/work", "link"])
def test_overlapping_and_linked_folders_give_each_file_once(home: Path, index: Path, first: str) -> None:
    (home / "link").symlink_to("notes")
    for name in (first, "notes", "notes/work", "link"):
        sync(home / name, index)
        assert sorted(Path(one).name for one in contents(index)) in (["plan.md", "борщ.txt"], ["plan.md"])
    assert len(followed(index)) == 1 and len(contents(index)) == 2
    sync([home / "notes" / "work", home / "link", home / "notes"], index.with_name("other"))
    assert len(contents(index.with_name("other"))) == 2


def test_a_link_into_another_folder_is_that_file(home: Path, index: Path) -> None:
    (home / "books" / "recipe.txt").symlink_to(home / "notes" / "борщ.txt")
    report = sync([home / "notes", home / "books"], index, options=FolderOptions(follow_links=True))
    assert report.added == 3
    assert (str(home / "books" / "recipe.txt"), "the same file as one of another folder") in report.skipped


# --- moved and missing


def test_a_folder_that_has_moved_is_known_by_its_files(home: Path, index: Path) -> None:
    sync([home / "notes", home / "books"], index)
    before = set(contents(index))
    (home / "notes").rename(home / "заметки")
    report = sync(home / "заметки", index)
    assert report.moved == [(str(home / "notes"), str(home / "заметки"))]
    assert (report.added, report.unchanged, report.removed) == (0, 2, 0)
    assert set(contents(index)) == before
    assert paths(index, "свёкла") == [str(home / "заметки" / "борщ.txt")]
    assert followed(index) == sorted([str(home / "заметки"), str(home / "books")])


def test_another_folder_is_not_taken_for_a_moved_one(home: Path, index: Path) -> None:
    sync(home / "notes", index)
    shutil.rmtree(home / "notes")
    report = sync(home / "books", index)
    assert report.moved == [] and report.added == 1
    assert len(contents(index)) == 3, "what is missing stays until it is dropped"


def test_a_missing_folder_is_said_and_stays(home: Path, index: Path) -> None:
    sync([home / "notes", home / "books"], index)
    shutil.rmtree(home / "notes")
    report = sync(None, index)
    assert report.missing == [str(home / "notes")] and report.unchanged == 1
    assert len(contents(index)) == 3
    run = called("index", index=index)
    assert run.returncode == 0
    assert (
        f"{home / 'notes'}: no such folder; its documents stay until `naidi index --drop {home / 'notes'}`"
        in run.stderr
    )
    assert "missing" in called("status", index=index).stdout
    run = called("index", "--drop", home / "notes", index=index)
    assert run.stdout == f"dropped {home / 'notes'}: 2 documents\n"
    assert set(contents(index)) == {"books/whale.txt"} and followed(index) == [str(home / "books")]
    shutil.rmtree(home / "books")
    run = called("index", index=index)
    assert run.returncode == 2 and "no such folder; `naidi index --drop FOLDER`" in run.stderr


def test_drop(home: Path, index: Path) -> None:
    with pytest.raises(IndexMissing):
        drop(home / "notes", index)
    assert not index.exists()
    sync([home / "notes", home / "books"], index)
    with naidi.Writer(index) as writer:
        writer.add(naidi.Document(id="notes/mine", text="of an application"))
    with pytest.raises(NaidiError, match=r"follows no such folder; it follows .*books, .*notes"):
        drop(home / "nowhere", index)
    (home / "link").symlink_to("notes")
    assert drop(home / "link", index) == 2
    assert set(contents(index)) == {"books/whale.txt", "notes/mine"}
    assert sync(home / "notes", index).added == 2, "nothing is noted of it any more"


def test_an_index_that_is_moved_with_its_folders(home: Path) -> None:
    place = home / "place"
    for name in ("notes", "books"):
        shutil.move(home / name, place / name)
    inside, beside = place / "notes" / "index_data", place / "index"
    sync(place / "notes", inside)
    sync([place / "notes", place / "books"], beside)
    assert str(place) not in (beside / "gen-00000001" / "manifest.json").read_text()
    place.rename(home / "elsewhere")
    moved = home / "elsewhere"
    for index in (moved / "notes" / "index_data", moved / "index"):
        assert paths(index, "свёкла") == [str(moved / "notes" / "борщ.txt")]
        report = sync(None, index)
        assert (report.missing, report.added, report.removed) == ([], 0, 0)
    (moved / "books" / "whale.txt").write_text("новое")
    assert sync(None, moved / "index").updated == 1


def test_a_folder_far_from_the_index_is_noted_by_its_whole_path(home: Path) -> None:
    sync(home / "notes", home / "far" / "away" / "index")
    (home / "far").rename(home / "near")
    assert paths(home / "near" / "away" / "index", "свёкла") == [str(home / "notes" / "борщ.txt")]


@pytest.mark.parametrize(
    "root, written",
    [
        ("/a/b", ".."),
        ("/a", "../.."),
        ("/", "../../.."),
        ("/a/b/c/d", "../c/d"),
        ("/a/bc", "/a/bc"),
        ("/a/c", "/a/c"),
        ("/a/b/index", "."),
    ],
)
def test_roots_as_they_are_written(root: str, written: str) -> None:
    assert portable(root, "/a/b/index") == written
    assert resolved(written, "/a/b/index") == root


parts = st.lists(st.sampled_from(["a", "b", "c", "имя", "x y"]), max_size=4)


@given(parts, parts)
def test_any_root_is_read_as_it_was_written(root: list[str], index: list[str]) -> None:
    folder, directory = "/" + "/".join(root), "/" + "/".join([*index, "index"])
    assert resolved(portable(folder, directory), directory) == folder


def test_the_path_of_a_document() -> None:
    roots = {"/home/notes": {"prefix": "notes"}, "/old/notes": {"prefix": "old/notes"}, "/n": {"prefix": "notes/deep"}}
    assert path_of("notes/a/b.txt", roots) == "/home/notes/a/b.txt"
    assert path_of("notes/deep/b.zip//in/c.txt", roots) == "/n/b.zip"
    assert path_of("old/notes/b", roots) == "/old/notes/b"
    assert path_of("other/b", roots) is None


def test_what_is_planned_without_notes() -> None:
    made = plan(["/no/such/new"], {"/no/such/old": {}}, lambda root: ())
    assert (made.roots, made.moved) == (["/no/such/new"], [])


# --- choices


def test_choices_are_noted(home: Path, index: Path) -> None:
    write_old(home / "notes" / "node_modules" / "x.txt", "foreign")
    write_old(home / "notes" / ".hidden.txt", "hidden")
    write_old(home / "notes" / "a.log.txt", "log")
    run = called(
        "index", home / "notes", "--exclude", "*.log.txt", "--exclude", "!node_modules", "--hidden", index=index
    )
    assert run.returncode == 0, run.stderr
    names = {"борщ.txt", "plan.md", "x.txt", ".hidden.txt"}
    assert {Path(one).name for one in contents(index)} == names
    called("index", index=index)
    assert {Path(one).name for one in contents(index)} == names, "as noted"
    called("index", "--no-hidden", index=index)
    assert {Path(one).name for one in contents(index)} == names - {".hidden.txt"}, "the others as noted"
    shown = called("folders", index=index).stdout
    assert f"{home / 'notes'}  3 documents (up to date)" in shown and "exclude=['*.log.txt', '!node_modules']" in shown
    called("index", "--defaults", index=index)
    assert {Path(one).name for one in contents(index)} == {"борщ.txt", "plan.md", "a.log.txt"}
    assert folders_of(index)[0]["options"] == {}


@pytest.mark.parametrize(
    "include, expected",
    [
        (["*.md"], {"plan.md"}),
        (["work/"], {"plan.md"}),
        (["*.txt", "*.md"], {"plan.md", "борщ.txt"}),
        (["*", "!*.md"], {"борщ.txt"}),
        (["nothing"], set()),
    ],
)
def test_include(home: Path, index: Path, include: list[str], expected: set[str]) -> None:
    report = sync(home / "notes", index, options={"include": tuple(include)})
    assert {Path(one).name for one in contents(index)} == expected
    assert {Path(path).name for path, why in report.skipped if why == "not included"} == {
        "plan.md",
        "борщ.txt",
    } - expected


def test_what_is_left_out_by_default(home: Path, index: Path) -> None:
    names = ["node_modules/a.txt", "__pycache__/b.txt", "x/site-packages/c.txt", "~$d.md", "e.txt~", "#f.md#", "g.tmp"]
    for name in names:
        write_old(home / "notes" / name, "text")
    report = sync(home / "notes", index)
    assert report.added == 2
    assert [why for _, why in report.skipped] == ["left out by default"] * len(names)
    write_old(home / "notes" / ".ignore", "!node_modules\n")
    assert sync(home / "notes", index).added == 1, "an ignore file may take it in"


options = st.builds(
    FolderOptions,
    include=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    hidden=st.booleans(),
    max_file_size=st.integers(0, 10**12),
    ocr=st.lists(st.sampled_from(["rus", "eng"]), max_size=2).map(tuple),
)


@given(options)
def test_options_are_read_as_they_were_noted(one: FolderOptions) -> None:
    assert FolderOptions.from_noted(json.loads(json.dumps(one.noted()))) == one
    assert chosen(None, one.noted()) == one and chosen(one, {}) == one
    assert chosen({"hidden": True}, one.noted()).hidden


@given(
    st.dictionaries(
        st.sampled_from(["include", "hidden", "max_file_size", "x"]),
        st.from_type(type(None)) | st.text() | st.lists(st.integers()),
    )
)
def test_odd_notes_are_no_options(noted: dict[str, Any]) -> None:
    assert FolderOptions.from_noted(noted) in (FolderOptions(), FolderOptions(include=()))


@pytest.mark.parametrize(
    "name, value",
    [
        ("exclude", "*.log"),
        ("include", "*.md"),
        ("extensions", ".foo"),
        ("extensions", ("foo",)),
        ("columns", "text"),
        ("ocr", "rus"),
        ("exclude", (1,)),
        ("exclude", None),
        ("hidden", "no"),
        ("follow_links", 1),
        ("max_file_size", "1M"),
        ("max_file_size", True),
        ("max_unpacked", -1),
    ],
)
def test_an_option_of_another_type_is_refused_by_its_name(home: Path, index: Path, name: str, value: object) -> None:
    """A string was its letters: `*` alone excludes every file."""
    wrong: Any = {name: value}
    with pytest.raises(NaidiError, match=f"^{name}") as refused:
        FolderOptions(**wrong)
    assert "\n" not in str(refused.value)
    with pytest.raises(NaidiError, match=f"^{name}"):
        sync(home / "notes", index, options=wrong)
    assert not index.exists(), "it is refused before anything is made"
    sync(home / "notes", index)
    with pytest.raises(NaidiError, match=f"^{name}"):
        sync(home / "notes", index, options=wrong)
    with pytest.raises(NaidiError, match=f"^{name}"):
        preview([str(home / "notes")], index, wrong)
    assert sync(home / "notes", index).unchanged == 2 and folders_of(index)[0]["options"] == {}
    assert FolderOptions.from_noted(wrong) == FolderOptions()


def test_an_option_may_be_a_list(home: Path, index: Path) -> None:
    options: FolderChoices = {"exclude": ["*.md"], "extensions": [".FOO"]}
    assert chosen(options, {}) == FolderOptions(exclude=("*.md",), extensions=(".foo",))
    assert sync(home / "notes", index, options=options).added == 1
    assert sync(home / "notes", index, options={"exclude": ("*.md",)}).unchanged == 1


def test_an_unknown_option_is_named(home: Path, index: Path) -> None:
    unknown: Any = {"exlude": ("*.md",)}
    with pytest.raises(TypeError, match="no option exlude; there are include, exclude, "):
        sync(home / "notes", index, options=unknown)
    assert not index.exists()


def test_choices_by_name_are_the_options() -> None:
    assert list(FolderChoices.__annotations__) == [field.name for field in dataclasses.fields(FolderOptions)]


# --- without doing it


def test_a_preview_changes_nothing(home: Path, index: Path) -> None:
    found = preview([str(home / "notes")], index)
    assert [Path(path).name for path in found.added] == ["plan.md", "борщ.txt"] and not index.exists()
    sync(home / "notes", index)
    before = {path: path.stat().st_mtime_ns for path in index.rglob("*")}
    write_old(home / "notes" / "new.txt", "new")
    write_old(home / "notes" / "борщ.txt", "варим капусту, и долго")
    (home / "notes" / "work" / "plan.md").unlink()
    write_old(home / "notes" / "b.odd", "odd")
    run = called("index", "--dry-run", "-v", index=index, cwd=home)
    assert run.stdout.splitlines() == ["add notes/new.txt", "read again notes/борщ.txt", "remove notes/work/plan.md"]
    assert "skipped notes/b.odd: unsupported format .odd" in run.stderr
    assert "would add 1, read again 1, remove 1, skip 1 (1 unsupported format .odd); nothing was done" in run.stderr
    assert {path: path.stat().st_mtime_ns for path in index.rglob("*")} == before
    value = json.loads(called("index", "--dry-run", "--json", index=index).stdout)
    assert value["dry_run"] and len(value["added"]) == 1
    assert skipped_files(index) == [(str(home / "notes" / "b.odd"), "unsupported format .odd")]


def test_a_file_that_is_tried_again_each_time_is_skipped_until_it_is_read(home: Path, index: Path) -> None:
    """The limit, or a package, may be another one the next time. So its time is not noted."""
    write_old(home / "notes" / "big.txt", "x" * 2_000)
    sync(home / "notes", index, options={"max_file_size": 1_000})
    assert skipped_files(index) == [(str(home / "notes" / "big.txt"), "larger than 1000 bytes")]
    found = preview(None, index)
    assert (found.added, found.changed, found.removed) == ([], [], [])
    assert sync(None, index, options={"max_file_size": 3_000}).added == 1
    assert skipped_files(index) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--drop", "x", "notes"],
        ["--upgrade", "notes"],
        ["--upgrade", "--drop", "x"],
        ["--drop", "x", "--watch"],
        ["--watch", "--dry-run"],
    ],
)
def test_what_makes_no_sense_together(home: Path, index: Path, arguments: list[str]) -> None:
    run = called("index", *arguments, index=index, cwd=home)
    assert run.returncode == 2 and "takes no" in run.stderr and not index.exists()


def test_the_first_time_without_a_folder(tmp_path: Path) -> None:
    run = called("index", index=tmp_path / "i", cwd=tmp_path)
    assert (
        run.returncode == 2 and run.stderr == "naidi: the index follows no folder yet; name one: `naidi index FOLDER`\n"
    )
    write_old(tmp_path / "seeds" / "a.txt", "text")
    assert called("index", index=tmp_path / "i", cwd=tmp_path).returncode == 0
    (tmp_path / "sub").mkdir()
    assert "unchanged 1" in called("index", index=tmp_path / "i", cwd=tmp_path / "sub").stdout


# --- watching


@pytest.mark.parametrize(
    "path, counts",
    [
        ("/n/a.txt", True),
        ("/n/sub/a.odd", True),
        ("/n/index_data/lock", False),
        ("/n/index_data", False),
        ("/n/index_data.txt", True),
        ("/n/.git/HEAD", False),
        ("/n/.hidden.txt", False),
        ("/n/.gitignore", True),
        ("/n/sub/.ignore", True),
        ("/n/.git/.gitignore", False),
        ("/n/node_modules/a.txt", False),
        ("/n/a.txt~", False),
        ("/n/sub/.a.txt.swp", False),
    ],
)
def test_what_concerns_the_index(path: str, counts: bool) -> None:
    assert Concern(["/n"], Path("/n/index_data"), FolderOptions())(path) == counts
    if "hidden" in path:
        assert Concern(["/n"], Path("/n/index_data"), FolderOptions(hidden=True))(path)


def waited_for(what: Any, seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if what():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("polling", [False, True])
def test_a_burst_is_told_once_and_rest_is_rest(home: Path, polling: bool) -> None:
    stop, seen = threading.Event(), []
    inside = home / "notes" / "index_data"
    watching = changes([str(home / "notes")], inside, polling=polling, stop=stop)
    thread = threading.Thread(target=lambda: seen.extend(watching))
    thread.start()
    try:
        time.sleep(1 if not polling else 4)
        inside.mkdir()
        (inside / "lock").write_text("")
        (home / "notes" / ".hidden").write_text("")
        time.sleep(0.6 if not polling else 4)
        assert seen == [set()]
        for number in range(200):
            (home / "notes" / f"{number}.txt").write_text("text")
        assert waited_for(lambda: sum(map(len, seen)) >= 200)
        assert len(seen) <= (3 if not polling else 5)
        time.sleep(0.5)
        assert sum(map(len, seen)) <= 210
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_what_changes_before_the_watch_begins_is_not_lost(home: Path) -> None:
    """The first sync may take minutes. What it has passed by already is looked at once more."""
    notes, stop = home / "notes", threading.Event()
    watching = changes([str(notes)], home / "index", stop=stop)
    sync(str(notes), home / "index")
    (notes / "late.txt").write_text("written while the first sync went on")
    threading.Timer(8, stop.set).start()
    assert next(watching, None) is not None
    assert sync(str(notes), home / "index").added == 1


def test_watching_with_the_index_inside_the_folder_rests(home: Path) -> None:
    index = home / "notes" / "index_data"
    process = subprocess.Popen(
        [sys.executable, "-m", "naidi", "index", str(home / "notes"), "--watch", "--index", str(index)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        assert waited_for(lambda: index.joinpath("CURRENT").exists())
        time.sleep(1.5)
        (home / "notes" / "neu.txt").write_text("ежевика")
        assert waited_for(lambda: paths(index, "ежевика"))
        generation = index_status(index)["generation"]
        before = cpu_seconds(process.pid)
        time.sleep(2)
        assert index_status(index)["generation"] == generation
        assert cpu_seconds(process.pid) - before < 0.2
        os.kill(process.pid, 2)
        assert process.wait(10) in (0, 130)
    finally:
        process.kill()
    out = process.communicate()[0]
    assert out.count("added") == 2


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_without_watchfiles(home: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    run = called("index", home / "notes", "--watch", index=index)
    assert run.returncode == 2 and "needs the package watchfiles: pip install watchfiles" in run.stderr
    assert not index.exists()


def test_a_cleared_index_follows_its_folders_and_reads_all_their_files_again(home: Path, index: Path) -> None:
    first = sync(home / "notes", index)
    assert first.added and not sync(home / "notes", index).added
    with naidi.Writer(index) as writer:
        writer.clear()
    assert contents(index) == {}
    assert index_status(index)["roots"][0]["newer"], "it lacks what the folder has"
    again = sync(None, index)
    assert again.added == first.added and again.roots == [str(home / "notes")]
    with naidi.Writer(index) as writer:
        writer.clear()
        writer.rollback()
    assert sync(home / "notes", index).unchanged == first.added
