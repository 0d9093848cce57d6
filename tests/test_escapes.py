"""Whatever files and folders are called, and whatever an index says: no command writes a character that controls a terminal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT, called
from indexes import live_directory, replace_file
from naidi import Document, Writer
from naidi.indexer import status
from naidi.indexer.cli.status import status_command
from naidi.search.cli import main

# A line end is the one control character that a line has: its last.
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
EVIL = "\x1b]0;owned\x07\x1b[31m\r\x08\x7f\x9b\u0085\u2028\u202e\u2066"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files and folders with names that would do harm; two words in each text: вакцина and its own number."""
    root = tmp_path_factory.mktemp("evil") / f"root{EVIL}"
    (root / f"folder{EVIL}").mkdir(parents=True)
    names = [f"a{EVIL}.txt", f"line\nfeed{EVIL}.txt", f"folder{EVIL}/b.txt", f"folder{EVIL}/tab\tname.md"]
    for number, name in enumerate(names):
        (root / name).write_text(
            f"Вакцина {EVIL} слово{number}. WHO{EVIL} vaccine\n" + "Plain text. " * 80, encoding="utf-8"
        )
    (root / f"binary{EVIL}.txt").write_bytes(b"\0\1\2")
    (root / f"empty{EVIL}.txt").write_bytes(b"")
    (root / f"damaged{EVIL}.txt").write_bytes("Почти вся вакцина цела".encode() + b" \xff\xfe " + "и дальше".encode())
    for number in range(3):
        (root / f"x.ext{number}{EVIL}").write_bytes(b"x")
    (root / f"link{EVIL}.txt").symlink_to(f"nowhere{EVIL}")
    (root / f"out{EVIL}.txt").symlink_to("/etc/hostname")
    os.mkfifo(root / f"pipe{EVIL}.txt")
    (root / ".gitignore").write_text(f"{EVIL}\n[z-a]\n")
    with contextlib.suppress(OSError):  # some file systems have no such names
        (root / os.fsdecode(b"\xff\x1b]0;x\x07.txt")).write_bytes(b"x")
    return root


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index") / f"index{EVIL}"
    check(called("index", folder, index=directory))
    return directory


def check(run: subprocess.CompletedProcess[str], expected: int | None = 0) -> None:
    assert expected is None or run.returncode == expected, run.stderr
    for name, stream in (("stdout", run.stdout), ("stderr", run.stderr)):
        found = HARMFUL.search(stream)
        assert found is None, (name, stream[max(0, found.start() - 80) : found.end() + 20])


def test_index(folder: Path, tmp_path: Path) -> None:
    for arguments in ((), (), ("-v",), ("--json",), ("--rebuild", "-v"), ("--rebuild", "--json"), ("--dry-run", "-v")):
        check(called("index", folder, *arguments, index=tmp_path / f"i{EVIL}"))


@pytest.mark.parametrize("json_or_text", [(), ("--json",)])
def test_status_and_verify(folder: Path, index: Path, json_or_text: tuple[str, ...]) -> None:
    check(called("status", *json_or_text, index=index))
    check(called("status", "--skipped", *json_or_text, index=index))
    check(called("folders", *json_or_text, index=index))
    check(called("config", *json_or_text, index=index))
    check(called("verify", *json_or_text, index=index))
    (folder / f"new{EVIL}.txt").write_text("text")
    os.utime(folder / f"new{EVIL}.txt", (4e9, 4e9))
    try:
        run = called("status", *json_or_text, index=index)
        check(run)
        assert "changed since" in run.stdout or "root" in json.loads(run.stdout)["roots"][0]["newer"]
    finally:
        (folder / f"new{EVIL}.txt").unlink()


QUERIES = (
    "вакцина",
    "who",
    "vaccinne",
    f"вакцина {EVIL}",
    f'title:{EVIL} "вак',
    f"date:{EVIL}",
    f"lang:{EVIL} вакцина",
)


@pytest.mark.parametrize(
    "mode", [(), ("--json",), ("--jsonl",), ("--count",), ("--explain", "--score"), ("--expand",), ("--expand-auto",)]
)
@pytest.mark.parametrize("query", QUERIES)
def test_search(index: Path, mode: tuple[str, ...], query: str) -> None:
    (index / "synonyms.txt").write_text(f"who{EVIL} = вакцина\n{EVIL}\n=\n", encoding="utf-8")
    check(called("search", *mode, "--color", "never", "--", query, index=index), None)


def test_similar_and_suggest(folder: Path, index: Path) -> None:
    for mode in ((), ("--json",), ("--explain",)):
        check(called("similar", folder / f"folder{EVIL}" / "b.txt", *mode, index=index), None)
        check(called("similar", f"none{EVIL}", *mode, index=index), 2)
    for text in ("ва", "сло", f"ва{EVIL}", EVIL):
        check(called("suggest", text, index=index), None)
        check(called("suggest", "--json", "--", text, index=index), None)


WRONG = [
    ("index", f"none{EVIL}"),
    ("index", f"--{EVIL}"),
    ("index", "a", EVIL),
    ("index", "a", "--max-size", EVIL),
    ("index", "a", "--jobs", EVIL),
    ("search", "x", "--since", EVIL),
    ("search", "x", "-n", EVIL),
    ("search", "x", "--sort", EVIL),
    ("search", "x", f"--{EVIL}"),
    ("search", "x", "--index", f"none{EVIL}"),
    ("search", "x", "--index", __file__ + EVIL),
    ("search", "x", "--lang", EVIL),
    ("status", "--index", f"none{EVIL}"),
    ("status", EVIL),
    ("verify", "--index", f"none{EVIL}"),
    (EVIL,),
    (f"--{EVIL}",),
]


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_calls(arguments: tuple[str, ...], tmp_path: Path) -> None:
    check(called(*arguments, cwd=tmp_path), None)


OPTIONS = ("--where", "--sort", "--collapse", "--facets=", "--fields=")


@pytest.mark.parametrize(
    "value", [EVIL, f"{EVIL}:{EVIL}", f"lang:{EVIL}", f"(date:2021{EVIL}", f"{{fields.a{EVIL}}}", f"a:{EVIL}"]
)
def test_values_of_options_about_fields(index: Path, value: str) -> None:
    for option in OPTIONS:
        given = (f"{option}{value}",) if option.endswith("=") else (option, value)
        check(called("search", "вакцина", *given, index=index), None)
    check(called("suggest", "вак", "--where", value, index=index), None)
    check(called("similar", "a", "--where", value, index=index), 2)


def test_a_bug_and_an_error_of_the_system(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (RuntimeError(EVIL), OSError(5, EVIL, EVIL), ValueError(f"a\n{EVIL}")):

        def fail(*arguments: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(status_command, "callback", fail)
        check(called("status", index=index), 2)


def test_a_forged_index(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest may say anything under a right checksum."""
    live = live_directory(index)
    current = (index / "CURRENT").read_bytes()
    manifest = (live / "manifest.json").read_bytes()
    value = json.loads(manifest)
    value["created"] = f"2026{EVIL}"
    value["roots"] = {f"/root{EVIL}": {"prefix": EVIL, "synced_ns": 1}}
    forged = json.dumps(value).encode()
    try:
        replace_file(live / "manifest.json", forged)
        digest = hashlib.blake2b(forged, digest_size=32).hexdigest()
        replace_file(index / "CURRENT", f"{live.name} {digest}\n".encode())
        for mode in ((), ("--json",)):
            run = called("status", *mode, index=index)
            check(run)
            assert "2026" in run.stdout
            check(called("verify", *mode, index=index), None)
    finally:
        replace_file(live / "manifest.json", manifest)
        replace_file(index / "CURRENT", current)
    real = status.index_status

    def lie(directory: Path) -> dict[str, object]:
        return {**real(directory), "languages": {EVIL: 1}, "fingerprint": EVIL, "damage": EVIL, "outdated": True}

    monkeypatch.setattr(status, "index_status", lie)
    check(called("status", index=index))
    check(called("status", "--json", index=index))


def bytes_of(*arguments: str | Path, index: Path) -> bytes:
    """What a process prints, with every line end as it is."""
    command = [sys.executable, "-m", "naidi", *arguments, "--index", index]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, env=env, timeout=60, check=False).stdout


@pytest.mark.parametrize("mode", [(), ("--color", "always"), ("--explain",)])
def test_letters_that_the_terminal_lacks(index: Path, mode: tuple[str, ...]) -> None:
    """They are shown by their numbers."""
    command = [sys.executable, "-m", "naidi", "search", "вакцина", *mode, "--index", index]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "latin-1"}
    run = subprocess.run(command, capture_output=True, env=env, timeout=60, check=False)
    assert (run.returncode, b"a bug" in run.stderr) == (0, False), run.stderr
    assert "акцин".encode("ascii", "backslashreplace") in run.stdout


def test_paths_for_other_programs(folder: Path, index: Path) -> None:
    """They are the names as they are. Only a NUL can stand between names that may hold anything."""
    (index / "synonyms.txt").unlink(missing_ok=True)
    files = {os.fsencode(path) for path in folder.rglob("*") if is_text(path)}
    assert len(files) == 4
    for arguments in (("search", "-0", "слово0 слово1 слово2 слово3"), ("search", "-l", "--null", "вакцина -цела")):
        printed = bytes_of(*arguments, index=index)
        assert printed.endswith(b"\0") and set(printed[:-1].split(b"\0")) == files
    printed = bytes_of("similar", "-0", folder / f"folder{EVIL}" / "b.txt", index=index)
    assert all(os.path.exists(path) for path in printed[:-1].split(b"\0")) and printed.endswith(b"\0")
    assert bytes_of("search", "-l", "слово1", index=index) == os.fsencode(folder / f"line\nfeed{EVIL}.txt") + b"\n"
    assert bytes_of("search", "-0", "nosuchword", index=index) == b""
    run = called("search", "-0", "--json", "слово1", index=index)
    assert run.returncode == 2 and "-0 separates paths; --json prints none" in run.stderr


def is_text(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and b" vaccine" in path.read_bytes()


def test_a_word_that_looks_like_the_option(index: Path) -> None:
    assert called("search", "вакцина", "-007", index=index).returncode == 0


def test_dictionaries(tmp_path: Path) -> None:
    """Neither their files nor their entries are told raw."""
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("a", "слово"))
    for name in (f"x{EVIL}", "x"):
        (tmp_path / f"{name}.index").write_text(f"word{EVIL}\tA\tE\nword\tA\tE\n", encoding="utf-8")
        (tmp_path / f"{name}.dict").write_bytes("да\x1b[".encode()[:4])
        for _ in range(2):
            check(called("dictionary", "add", tmp_path / f"{name}.index", index=tmp_path / "index"), None)
    check(called("dictionary", "remove", f"x{EVIL}", index=tmp_path / "index"), 2)
    check(called("dictionary", "list", index=tmp_path / "index"), None)
    check(called("dictionary", "list", "--json", index=tmp_path / "index"), None)


def test_a_server_that_cannot_be(tmp_path: Path) -> None:
    """Neither the index, nor the address, nor the file of the token is told raw. What it serves, test_web.py looks at."""
    check(called("serve", "--port", "0", index=tmp_path / f"x{EVIL}"), 2)
    check(called("serve", "--port", "0", "--host", f"x{EVIL}", index=tmp_path), 2)
    check(called("serve", "--port", "0", "--token-file", tmp_path / f"x{EVIL}", index=tmp_path), 2)


def test_every_command_is_looked_at_here() -> None:
    looked_at = {"index", "folders", "status", "verify", "config", "search", "similar", "suggest", "dictionary"}
    looked_at |= {"serve", "screen", "mcp"}  # the last two by test_screen.py and test_agents.py
    assert set(main.commands) == looked_at | {"formats", "completion", "man"}, "those print nothing of a folder"
