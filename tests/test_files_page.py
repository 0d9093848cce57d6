"""What docs/files.md says of files is what becomes of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from commands import ROOT, called
from naidi import Document, FolderOptions, Writer, open_index, sync
from naidi.indexer.readers.read_file import MAX_FILE_SIZE, MAX_GIVEN_TITLE, too_large
from naidi.indexer.readers.title import MAX_TITLE

PAGE = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
# They need another user, a broken disk, a full memory, a bug, a file that goes meanwhile, or formats other than text.
NOT_TRIED = {
    "no permission", "no such file", "gone", "cannot be read", "needs too much memory", "the reader failed",
    "needs the package …", "no … file",
}  # fmt: skip


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first heading is this."""
    rows = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_the_examples_of_titles_and_dates(tmp_path: Path) -> None:
    rows = table("file")
    assert len(rows) >= 8
    expected = {}
    for name, content, title, date in rows:
        (tmp_path / name.strip("`")).write_text(content.strip("`").replace("\\n", "\n"), encoding="utf-8")
        expected[name.strip("`")] = (title, date)
    assert sync(tmp_path, tmp_path / "index").added == len(rows)
    with open_index(tmp_path / "index") as searcher:
        hits = searcher.search("*", 100).hits
    dates = {hit.id: "file time" if hit.date_source == "mtime" else str(hit.date) for hit in hits}
    assert {Path(str(hit.path)).name: (hit.title, dates[hit.id]) for hit in hits} == expected


def test_a_file_without_an_ending_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("Some words.", encoding="utf-8")
    assert sync(tmp_path, tmp_path / "index").added == 1


def test_the_reasons_are_those_that_are_given(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    (folder / "sub").mkdir(parents=True)
    contents = {
        ".hidden.txt": b"a", ".gitignore": b"ignored.txt", ".ignore": b"left.txt", "ignored.txt": b"a", "left.txt": b"a",
        "a.xyz": b"a", "empty.txt": b" \n", "binary.txt": b"a\0b", "odd.txt": bytes(range(128, 256)) * 30,
        "of-a-program.txt": b"a", "sub/a.txt": b"a", "a.txt~": b"a", "chosen.txt": b"a", "README": b"a",
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with open(folder / "large.txt", "wb") as file:
        file.truncate(MAX_FILE_SIZE + 1)
        file.write(b"a" * 70_000)  # the first bytes are those of a text
    for name, target in (
        ("folder", "sub"),
        ("folder2", "sub"),
        ("out.txt", __file__),
        ("again.txt", "sub/a.txt"),
        ("none.txt", "nothing"),
        ("loop.txt", "loop.txt"),
    ):
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    try:
        (folder / os.fsdecode(b"\xff.txt")).write_bytes(b"a")
    except OSError:
        pytest.skip("this file system has no names that are not UTF-8")
    deep = folder / "/".join(["d" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_bytes(b"a")
    sync(folder / "sub", folder / "other-index")
    with Writer(folder / "index") as writer:
        writer.add(Document(id="seeds/of-a-program.txt", text="a"))

    options = FolderOptions(include=("*.txt", "*.xyz"), exclude=("chosen.txt",))
    given = {reason for _, reason in sync(folder, folder / "index", options=options).skipped}
    given |= {reason for _, reason in sync(folder, folder / "index", options=FolderOptions(follow_links=True)).skipped}
    told = {reason for row in table("reason") for reason in re.findall(r"`([^`]+)`", row[0])}
    too_long = {reason for reason in given if "at most 1024 are allowed" in reason}
    assert len(too_long) == 1 and "An id has at most 1,024 characters" in PAGE
    fits = {reason: re.compile(re.escape(reason).replace("…", ".*")) for reason in told}
    assert not [reason for reason in given - too_long if not any(each.fullmatch(reason) for each in fits.values())]
    never = {reason for reason, each in fits.items() if not any(map(each.fullmatch, given))}
    assert {reason.removesuffix(": …") for reason in never} == NOT_TRIED


def test_numbers() -> None:
    assert f"at most {MAX_GIVEN_TITLE} characters" in PAGE and f"from 3 at most {MAX_TITLE}." in PAGE
    assert f"`{too_large(MAX_FILE_SIZE)}`" in PAGE


def test_what_is_named_on_request(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in (".hidden.txt", "a.txt", *(f"{number}.xyz" for number in range(30))):
        (folder / name).write_text("text")
    assert called("index", folder, "--index", folder / "index").stderr == ""
    named = called("index", folder, "--index", folder / "index", "-v").stderr.splitlines()
    assert len(named) == 32
