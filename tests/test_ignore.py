"""Ignore files: git's own answer is the definition, and no pattern takes long."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from naidi.indexer.folder import ignore
from naidi.indexer.folder.ignore import ignored_by, read_rules
from naidi.indexer.folder.ignore_patterns import IgnorePatterns
from naidi.indexer.folder.sync import sync

# git

with_git = pytest.mark.skipif(
    shutil.which("git") is None or os.name == "nt", reason="needs git, and names that Windows forbids"
)
AS_ON_LINUX = ("-c", "core.ignoreCase=false", "-c", f"core.excludesFile={os.devnull}")
FILES = """
a|b|ab|aab|a.b|a b|#a|b!|[|a]|\\|A|0|d/a|d/b|d/a.b|d/d/a|d/d/b|d/d/d/a|d/d/d/b|d/ab/a|ab.d/a|ab.d/b/a|a .d/a|]d/a|-/a|-/-|ёж.d/ёж|ёж
""".strip().split("|")
ATOMS = """
a|b|d|ab|*|**|***|?|/|/|.|-|!|#| |]|[|[]|[ab]|[!a]|[^b]|[a-d]|[z-a]|[]a]|[!]a]|[a/b]|[a-]|[-a]|[--0]|[\\]]|[\\a-\\d]|[[:alpha:]]
|[[:punct:]-]|[[:x:]]|[[:]|[[a:]|[:|[a|\\|\\\\|\\*|\\/|\\ |**/|/**|/**/|ёж|\r|\t
""".strip().replace("\n", "").split("|")  # fmt: skip
LINES = st.lists(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=7).map("".join), min_size=1, max_size=4)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    make_files(root)
    return root


def make_files(root: Path) -> None:
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


@lru_cache
def paths_of_files() -> list[str]:
    """Files and folders, the latter with "/" at their end."""
    folders = {name[: at + 1] for name in FILES for at, letter in enumerate(name) if letter == "/"}
    return [*FILES, *sorted(folders)]


def checked_paths(lines: list[str]) -> list[str]:
    """The paths for which these lines mean the same to git and to us."""
    wildcards = any(letter in line for line in lines for letter in "?[")  # with them, git compares bytes
    return [path for path in paths_of_files() if path.isascii() or not wildcards]


def ignored_by_git(root: Path, paths: list[str]) -> set[str]:
    asked = "\0".join(path.removesuffix("/") for path in paths).encode()
    run = subprocess.run(
        ["git", *AS_ON_LINUX, "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=root,
        input=asked,
        capture_output=True,
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    return set(run.stdout.decode().split("\0")) - {""}


def ignored_by_us(root: Path, paths: list[str]) -> set[str]:
    rules = read_rules(str(root), "", [".gitignore"])
    found = set()
    for path in paths:
        parts = path.removesuffix("/").split("/")
        above = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]
        if any(ignored_by(each, rules) for each in (*above, path)):
            found.add(path.removesuffix("/"))
    return found


def check(root: Path, lines: list[str]) -> None:
    (root / ".gitignore").write_bytes("\n".join(lines).encode())
    paths = checked_paths(lines)
    assert ignored_by_us(root, paths) == ignored_by_git(root, paths), lines


ODD_LINES = """
[z-a]|[|a[|\\|a\\|!|/|//|\\!a|\\#a|#a|!#a|a\\ |a\\  |a \\|**|/**|**/|/**/|/*|/*/|**/a|**/**/a|d/**|d/**/a|d/**/**/a|d**/a|/d**/a|d/*
|d/*/a|*/a|*/*/*|a**b|/a**b|a/**b|d/d|/d/|d\\/a|\\/a|**\\/a|d/**\\/a|[d]/a|[/]a|d[/]a|d/[!x]|[a-]|[]-a]|[[:alpha:]]|[[:alpha:]|[[:nothing:]]|[[:]|*\\*|*.b
|*[|[*]|\ufeffa|a\r|ёж|ё*|*ж|ёж.d/*|***|d/***|d/***/a|?|d/?/a|]d|[\\]]d
""".strip().replace("\n", "").split("|")  # fmt: skip


@with_git
def test_a_line_means_what_it_means_to_git(tmp_path: Path) -> None:
    """Each line has a folder of its own: git is asked once."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    ours, paths = set(), []
    for number, line in enumerate(ODD_LINES):
        for kind, lines in enumerate(([line], ["*", "!*/", f"!{line}"], [line, f"!{line}/"])):
            root = tmp_path / f"{number}-{kind}"
            make_files(root)
            (root / ".gitignore").write_bytes("\n".join(lines).encode())
            found = checked_paths(lines)
            ours |= {f"{root.name}/{path}" for path in ignored_by_us(root, found)}
            paths += [f"{root.name}/{path}" for path in found]
    assert ours == ignored_by_git(tmp_path, paths)


@with_git
@settings(max_examples=40)
@given(LINES)
@example(["a", "!a", "d/", "!d"])
def test_any_lines_mean_what_they_mean_to_git(repository: Path, lines: list[str]) -> None:
    check(repository, lines)


@with_git
@pytest.mark.slow
@settings(max_examples=5_000)
@given(LINES)
def test_many_lines_mean_what_they_mean_to_git(repository: Path, lines: list[str]) -> None:
    check(repository, lines)


def test_a_question_mark_and_a_set_stand_for_a_character() -> None:
    """For git they stand for a byte."""
    for line in ("им?", "[и-н]м[!а]", "?мя"):
        assert IgnorePatterns([line]).verdict("имя") is True, line


def test_the_last_line_that_fits_decides() -> None:
    patterns = IgnorePatterns(["a", "!a*", "*b", "!ab/", "ab"])
    verdicts = {path: patterns.verdict(path) for path in ("a", "ax", "b", "ab", "ab/", "c")}
    assert verdicts == {"a": False, "ax": False, "b": True, "ab": True, "ab/": True, "c": None}
    assert IgnorePatterns(["ab", "!ab/"]).verdict("ab/") is False


# Time


def steps(call: Callable[[], Any]) -> int:
    """How many lines of Python run, and how many functions they call."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += 1
        return trace

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    before, profiled = sys.gettrace(), sys.getprofile()
    sys.settrace(trace)
    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.settrace(before)
        sys.setprofile(profiled)
    return count


def evil(piece: str, end: str) -> Callable[[int], str]:
    return lambda size: piece * size + end


EVIL = {
    "stars": (evil("*a", "b"), evil("a", "")),
    "question marks": (evil("?*", "b"), evil("a", "")),
    "sets": (evil("[a-z]*", "9"), evil("a", "")),
    "stars behind letters": (evil("a*", "c"), evil("a", "")),
    "long pieces": (evil("*a?a", "b"), evil("aaa", "")),
    "a long piece": (lambda size: "*" + "?" * (size // 2) + "b*", evil("a", "")),
    "folders": (evil("**/a/", "b"), evil("a/", "a")),
    "folders and names": (evil("**/*a*/", "b"), evil("aa/", "a")),
    "a run of folders": (lambda size: "**/" + "*/" * (size // 2) + "x/**/y", evil("a/", "a")),
    "folders in a row": (evil("**/", "b"), evil("a/", "a")),
    "stars in a row": (lambda size: "*" * size + "b", evil("a", "")),
    "stars in a row in a path": (lambda size: "/" + "*" * size + "b", evil("a", "")),
    "a large set": (lambda size: "*[" + "".join(f"{chr(256 + 2 * n)}" for n in range(size)) + "]b", evil("a", "")),
    "closed brackets": (evil("*[]]", "b"), evil("]", "")),
    "open brackets": (evil("[[:", ""), evil("a", "")),
    "backslashes": (evil("*\\\\", "b"), evil("\\", "")),
    "spaces": (evil("\\ ", "   b"), evil(" ", "")),
}


@pytest.mark.parametrize("kind", EVIL)
def test_no_pattern_takes_more_steps_than_it_has_characters_times_those_of_the_path(kind: str) -> None:
    pattern, path = EVIL[kind]
    for size in (16, 64):
        line, name = pattern(size), path(size)
        taken = steps(lambda line=line, name=name: IgnorePatterns([line]).verdict(name))  # type: ignore[misc]
        assert taken < 200 + 40 * (len(line) + len(name)) + 6 * len(line) * len(name), (size, taken)


def test_thousands_of_names_take_one_look() -> None:
    patterns = IgnorePatterns([f"name{number}" for number in range(10_000)])
    assert patterns.verdict("a/name77") is True
    assert steps(lambda: patterns.verdict("a/name77")) < 30


def test_an_evil_ignore_file_stops_nobody(tmp_path: Path, index: Path) -> None:
    """The patterns that once hung a sync or ended it."""
    lines = ["[z-a]", "*a" * 8 + "b", "?*" * 20 + "b", "[a-z]*" * 20 + "9", "a*" * 20 + "c", "**/*a*/" * 10 + "b"]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("text")
    (folder / ("a" * 200 + ".txt")).write_text("text")
    (folder / ".gitignore").write_text("\n".join(lines))
    assert sync(folder, index).added == 2


def test_only_the_beginning_of_a_huge_ignore_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignore, "MAX_BYTES", 10)
    (tmp_path / ".gitignore").write_text("first\nsecond\n")
    rules = read_rules(str(tmp_path), "", [".gitignore"])
    assert ignored_by("first", rules) and not ignored_by("second", rules) and not ignored_by("seco", rules)


def test_an_ignore_file_without_end(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").symlink_to("/dev/zero")
    (tmp_path / ".ignore").symlink_to(".ignore")
    assert all(rule.patterns.verdict("a") is None for rule in read_rules(str(tmp_path), "", [".gitignore", ".ignore"]))
