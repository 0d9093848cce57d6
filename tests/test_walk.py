"""Walking a folder: what is found, in which order, and why the rest is left out."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi.indexer.errors import NaidiError
from naidi.indexer.folder.options import FolderOptions
from naidi.indexer.folder.staleness import newer_than_index
from naidi.indexer.folder.sync import sync
from naidi.indexer.folder.walk import FoundFile, walk


def make(root: Path, *names: str, text: str = "text") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(root: Path, **options: Any) -> list[str]:
    return [file.relative for file in walk(root, **options)]


def skipped(root: Path, **options: Any) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for _ in walk(root, skip=reasons.__setitem__, **options):
        pass
    return reasons


def test_what_a_found_file_tells(tmp_path: Path) -> None:
    make(tmp_path, "папка/текст.txt", text="ёж")
    path = tmp_path / "папка" / "текст.txt"
    assert list(walk(tmp_path)) == [FoundFile(str(path), "папка/текст.txt", 4, path.stat().st_mtime_ns)]


def test_order_is_by_name_folder_by_folder(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "a.txt", "c/a.md", "B.TXT")
    assert found(tmp_path) == ["B.TXT", "a/b/c.txt", "a/z.txt", "a.txt", "b.txt", "c/a.md"]
    assert found(tmp_path) == found(tmp_path)


def test_formats(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.TEXT", "c.md", "d.markdown", "e.ODD", "README", "f.odd.even", "trailing.")
    assert found(tmp_path) == ["README", "a.txt", "b.TEXT", "c.md", "d.markdown", "trailing."]
    assert skipped(tmp_path) == {"e.ODD": "unsupported format .odd", "f.odd.even": "unsupported format .even"}


def test_hidden(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.txt", ".git/config.txt", "a/.b/c.txt", "a/d.txt")
    assert found(tmp_path) == ["a/d.txt"]
    assert skipped(tmp_path) == {".hidden.txt": "hidden", ".git/": "hidden", "a/.b/": "hidden"}


def test_gitignore_patterns(tmp_path: Path) -> None:
    make(tmp_path, "keep.txt", "drop.txt", "x.tmp.txt", "build/a.txt", "a/build/b.txt", "a/drop.txt")
    make(tmp_path, "deep/one/two/x.txt", "important.tmp.txt", "имя.txt", "a/top.txt", "top.txt")
    rules = "# comment\n\ndrop.txt\n*.tmp.txt\n!important.tmp.txt\nbuild/\n/top.txt\ndeep/**/x.txt\nим?.txt\r\n"
    make(tmp_path, ".gitignore", text=rules)
    assert found(tmp_path) == ["a/top.txt", "important.tmp.txt", "keep.txt"]
    reasons = skipped(tmp_path)
    assert reasons["build/"] == reasons["a/build/"] == reasons["drop.txt"] == "ignored by .gitignore"


def test_nested_ignore_files(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "sub/a.txt", "sub/b.txt", "sub/deep/a.txt", "sub/deep/b.txt")
    make(tmp_path, ".gitignore", text="a.txt\n")
    make(tmp_path, "sub/.gitignore", text="!a.txt\n/b.txt\n")
    make(tmp_path, "sub/deep/.gitignore", text="a.txt\n")
    assert found(tmp_path) == ["sub/a.txt", "sub/deep/b.txt"]


def test_nothing_comes_back_from_an_ignored_folder(tmp_path: Path) -> None:
    make(tmp_path, "out/a.txt", "keep.txt")
    make(tmp_path, ".gitignore", text="out/\n!out/a.txt\n")
    make(tmp_path, "out/.gitignore", text="!a.txt\n")
    assert found(tmp_path) == ["keep.txt"]


def test_ignore_files_beside_gitignore(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.txt", "c.txt")
    make(tmp_path, ".gitignore", text="a.txt\nb.txt\n")
    make(tmp_path, ".ignore", text="!b.txt\nc.txt\n")
    assert found(tmp_path) == ["b.txt"]
    assert skipped(tmp_path)["c.txt"] == "ignored by .ignore"


def test_odd_ignore_files(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b/c.txt", "d/e.txt")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfa.txt\n!\n\xff\xfe[\n")
    (tmp_path / "b" / ".gitignore").mkdir()
    os.mkfifo(tmp_path / "d" / ".gitignore")
    assert found(tmp_path) == ["b/c.txt", "d/e.txt"]


def test_ignore_files_above_the_root_do_not_count(tmp_path: Path) -> None:
    make(tmp_path, "data/a.txt")
    make(tmp_path, ".gitignore", text="data/\n*.txt\n")
    assert found(tmp_path / "data") == ["a.txt"]


def test_links(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    make(outside, "far.txt")
    make(root, "folder/a.txt")
    (root / "file.txt").symlink_to(outside / "far.txt")
    (root / "gone.txt").symlink_to("nowhere")
    (root / "loop.txt").symlink_to("loop.txt")
    (root / "folder" / "up").symlink_to("..")
    (root / "other").symlink_to(outside)
    (root / "near.txt").symlink_to("folder/a.txt")
    (root / "ignored.tmp").write_text("text")
    (root / "nearer.txt").symlink_to("ignored.tmp")
    follow = FolderOptions(follow_links=True)
    assert found(root) == ["folder/a.txt", "nearer.txt"]
    assert found(root, options=follow) == ["folder/a.txt", "other/far.txt", "nearer.txt"], "each file once, links last"
    assert list(walk(root))[-1].size == 4, "of the file, not of the link"
    reasons = skipped(root, options=follow)
    assert reasons["file.txt"] == "the same file as other/far.txt"
    assert reasons["folder/up"] == "the same folder as ."
    assert skipped(root) == {
        "file.txt": "link out of the folder",
        "gone.txt": "dangling link",
        "loop.txt": "symlink loop",
        "folder/up": "symlink to a directory",
        "other": "symlink to a directory",
        "near.txt": "the same file as folder/a.txt",
        "ignored.tmp": "left out by default",
    }


def test_a_link_out_of_the_folder_by_another_way(tmp_path: Path) -> None:
    """What counts is where the file lies, whatever the names on the way there look like."""
    outside, root = tmp_path / "root-too", tmp_path / "root"
    make(outside, "far.txt")
    make(root, "folder/a.txt", "folder/b.txt")
    (root / "1.txt").symlink_to(root / "folder" / ".." / ".." / "root-too" / "far.txt")
    (root / "2.txt").symlink_to("1.txt")
    (root / "door").symlink_to(outside)
    (root / "3.txt").symlink_to("door/far.txt")
    (root / "4.txt").symlink_to(tmp_path / "root" / "folder" / "a.txt")
    (tmp_path / "alias").symlink_to("root")
    (root / "5.txt").symlink_to("../alias/folder/b.txt")
    for way in (root, tmp_path / "alias"):
        assert found(way) == ["folder/a.txt", "folder/b.txt"]
        assert {name for name, reason in skipped(way).items() if reason.startswith("the same file as")} == {
            "4.txt",
            "5.txt",
        }


def test_the_index_of_another_folder(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "gen-00000001/b.txt", "CURRENT.txt", "c/CURRENT", "c/d.txt")
    sync(tmp_path / "c", tmp_path / "index")
    make(tmp_path, "index/synonyms.txt", "index/e.txt")
    assert found(tmp_path) == ["CURRENT.txt", "a.txt", "c/CURRENT", "c/d.txt", "gen-00000001/b.txt"]
    assert skipped(tmp_path)["index/"] == "an index of naidi"
    noted = {str(tmp_path): {"synced_ns": time.time_ns() + 60 * 10**9}}
    os.utime(tmp_path / "index" / "e.txt", (2e9, 2e9))
    os.utime(tmp_path / "index", (2e9, 2e9))
    assert newer_than_index(noted, exclude=tmp_path / "none") is None, "its commits are no change of the folder"


def test_pipes_and_devices(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "null.txt").symlink_to("/dev/null")
    make(tmp_path, "a.txt")
    assert found(tmp_path) == ["a.txt"]
    assert skipped(tmp_path) == {"pipe.txt": "not a regular file", "null.txt": "not a regular file"}


def test_the_index_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "index/CURRENT.txt", "other/index/b.txt", "c.txt")
    options = {"exclude": [tmp_path / "index", tmp_path / "c.txt", tmp_path / "missing"]}
    assert found(tmp_path, **options) == ["a.txt", "other/index/b.txt"]
    assert skipped(tmp_path, **options) == {"index/": "excluded", "c.txt": "excluded"}


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/secret.txt", "b/open.txt", "c/late.txt")
    scandir = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        if path.endswith("/c"):
            raise OSError(5, "Input/output error", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert found(tmp_path) == ["b/open.txt"]
    assert skipped(tmp_path) == {"a/": "no permission", "c/": "cannot be read: input/output error"}


def test_a_folder_deleted_meanwhile(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b/c.txt")
    reasons: dict[str, str] = {}
    files = walk(tmp_path, skip=reasons.__setitem__)
    next(files)
    (tmp_path / "b" / "c.txt").unlink()
    (tmp_path / "b").rmdir()
    assert list(files) == []
    assert reasons == {"b/": "gone"}


def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xed\xe0\xe9\xe4\xe8.txt"))).write_text("x")
        os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    except OSError:
        pytest.skip("this file system has no such names")
    make(tmp_path, "a.txt")
    assert found(tmp_path) == ["a.txt"]
    reasons = skipped(tmp_path)
    assert set(reasons) == {"\\xed\\xe0\\xe9\\xe4\\xe8.txt", "\\xff/"}
    assert set(reasons.values()) == {"name is not valid UTF-8"}


def test_a_file_as_root(tmp_path: Path) -> None:
    make(tmp_path, ".a.txt", "b.odd")
    assert [(file.relative, file.size) for file in walk(tmp_path / ".a.txt")] == [(".a.txt", 4)]
    assert found(tmp_path / "b.odd") == []
    assert skipped(tmp_path / "b.odd") == {"b.odd": "unsupported format .odd"}


def test_roots_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NaidiError, match=r"missing: no such file or folder; name an existing folder"):
        walk(tmp_path / "missing")
    with pytest.raises(NaidiError, match="neither a folder nor a file"):
        walk(tmp_path / "pipe")

    def forbidden(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", forbidden)
    with pytest.raises(NaidiError, match="cannot be listed: no permission; make it readable"):
        walk(tmp_path)


def test_a_deep_tree(tmp_path: Path) -> None:
    path = str(tmp_path)
    while len(path) < 3500:  # deeper than Python's recursion limit
        path += "/d"
        os.mkdir(path)
    make(Path(path), "a.txt")
    try:
        assert [file.path for file in walk(tmp_path)] == [path + "/a.txt"]
    finally:
        # Whoever clears temporary folders does so by recursion, which cannot reach the bottom.
        os.remove(path + "/a.txt")
        while path != str(tmp_path):
            os.rmdir(path)
            path = os.path.dirname(path)


def test_ten_thousand_files_take_a_moment(tmp_path: Path) -> None:
    for folder in range(100):
        (tmp_path / f"{folder:02}").mkdir()
        for name in range(100):
            os.close(os.open(tmp_path / f"{folder:02}" / f"{name:02}.txt", os.O_CREAT | os.O_WRONLY))
    make(tmp_path, ".gitignore", text="*.log\nbuild/\n!keep.log\n/secret\n*~\n")
    start = time.process_time()
    assert sum(1 for _ in walk(tmp_path)) == 10_000
    assert time.process_time() - start < 1  # 0.1 s on an idle machine


@pytest.mark.parametrize("call", ["stat", "scandir"])
@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO])
def test_an_error_of_the_system_is_told_as_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    real = getattr(os, call)

    def fail(path: Any, *arguments: Any, **options: Any) -> Any:
        if path == str(tmp_path):
            raise OSError(number, os.strerror(number), path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError) as caught:
        walk(tmp_path)
    assert caught.value.errno == number
