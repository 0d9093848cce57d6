"""What the README says is so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import ROOT, SEEDS, called, naidi
from naidi import Searcher, open_index

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    index = tmp_path_factory.mktemp("readme") / "index"
    assert called("index", SEEDS, "--index", index).returncode == 0
    with open_index(index) as searcher:
        yield searcher


def test_each_word_at_the_head_finds_in_the_seeds_what_stands_beside_it(seeds: Searcher) -> None:
    """Each line is a word, "finds", the words that it finds, and perhaps blanks and a remark. Not every form is in the seeds."""
    head = README.split("## Start")[0]
    lines = re.findall(r"^    (\S+) +finds (\S.*?)(?:  .*)?$", head, re.MULTILINE)
    assert len(lines) >= 8
    for query, what in lines:
        results = seeds.search(query, snippets=10)
        assert results.total, query
        if ", " not in what and " " in what:
            continue  # told in words
        texts = [(snippet.text, snippet.marks) for hit in results for snippet in hit.snippets]
        texts += [(hit.title, hit.title_marks) for hit in results]
        marked = {text[start:end].casefold() for text, marks in texts for start, end in marks}
        assert marked & {word.strip("«»").casefold() for word in re.split(r",? ", what)}, query


def test_a_corrected_word_at_the_head_is_said_to_be_corrected(seeds: Searcher) -> None:
    for kind, remark in (("layout", "a wrong keyboard layout"), ("spelling", "typos")):
        (query, found) = re.findall(rf"^    (\S+) +finds (\S+) +{remark}$", README, re.MULTILINE)[0]
        (correction,) = seeds.search(query).corrections
        assert (correction.kind, correction.action, correction.replacement) == (kind, "instead", found)


def test_the_program_in_the_readme_runs(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    (program,) = blocks("python")
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stderr == ""
    assert "<mark>вакцинами</mark>" in run.stdout and "<mark>Всемирной</mark>" in run.stdout
    (said,) = re.findall(r"print\(results.*# (.*)", program)
    assert run.stdout.splitlines()[-1] == said


def test_the_transcript_is_what_the_command_prints(tmp_path: Path) -> None:
    """Each `$ naidi ...` line of the README, run over seeds/, gives the lines under it. Times differ."""
    index = tmp_path / "index"
    commands = 0
    for block in blocks("console"):
        for command, expected in re.findall(r"^\$ (naidi .*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            run = subprocess.run(
                ["bash", "-c", command.replace("naidi", f"{sys.executable} -m naidi", 1) + " 2>&1"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(index), "COLUMNS": "80"},
                capture_output=True,
                encoding="utf-8",
                timeout=60,
            )
            assert without_times(run.stdout) == without_times(expected)
            commands += 1
    assert commands >= 3


def without_times(text: str) -> list[str]:
    return [re.sub(r"[\d.]+ (ms|s)\b", r"T \1", line).rstrip() for line in text.strip().splitlines()]


def test_every_command_of_the_help_is_in_the_readme() -> None:
    commands = re.findall(r"^  (\w+)  ", naidi("--help").stdout.split("Commands:")[1], re.MULTILINE)
    assert set(commands) == {
        "completion", "config", "dictionary", "folders", "formats", "index", "man", "mcp", "screen", "search", "serve", "similar",
        "status", "suggest", "verify",
    }  # fmt: skip
    assert all(f"naidi {command}" in README for command in commands)


def test_arguments_have_one_name() -> None:
    """The README, the list of commands and the usage of a command call its argument the same."""
    named = re.findall(r"naidi (\w+) ([A-Z]+)\b", README + called("--help").stdout)
    assert {command for command, _ in named} == {"index", "search", "similar", "suggest"}
    for command, argument in named:
        usage = called(command, "--help").stdout.splitlines()[0]
        assert argument in re.findall(r"[A-Z]+", usage.replace("[OPTIONS]", "")), usage


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150
