"""Links of the documents lead somewhere, and the examples of docs/json.md are what the command prints."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from commands import ROOT, SEEDS, called
from naidi.indexer.analysis.lemmatize.fingerprint import fingerprint

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("**/*.md")), ROOT / "benchmarks" / "DATA.md"]
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
HOME = "/home/me/naidi"
# They differ from run to run, or from version to version.
VARYING = {"took_ms", "seconds", "created", "fingerprint", "bytes", "mtime", "synced"}


def anchors(text: str) -> set[str]:
    """The names under which GitHub offers the headings of a page."""
    headings = re.findall(
        r"^#{1,6} +(.*)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = path.parent / name if name else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text(encoding="utf-8")), target


def test_every_page_is_named_in_the_readme_or_on_the_way_into_the_site() -> None:
    named = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    way_in = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "tutorial.md"]
    assert not [name for name in pages if f"](docs/{name})" not in named and f"]({name})" not in way_in]


def examples() -> list[tuple[str, str]]:
    """(command, what it prints) of each example, in the order of the page."""
    blocks = re.findall(r"^```console\n(.*?)^```$", JSON, re.DOTALL | re.MULTILINE)
    return [each for block in blocks for each in re.findall(r"^\$ naidi (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]


def stable(value: Any, home: str) -> Any:
    """The value without what differs from run to run: of that the type alone, numbers to four places, and HOME for `home`."""
    if isinstance(value, dict):
        return {key: type(each) if key in VARYING else stable(each, home) for key, each in value.items()}
    if isinstance(value, list):
        return [stable(each, home) for each in value]
    if isinstance(value, float):
        return round(value, 4)
    return value.replace(home, HOME) if isinstance(value, str) else value


def test_the_examples_of_json_are_what_the_command_prints(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    assert called("index", cwd=tmp_path).returncode == 0
    shown = examples()
    commands = {"search", "suggest", "status", "folders", "verify", "index", "config"}
    assert {shlex.split(command)[0] for command, _ in shown} == commands
    for command, expected in shown:
        printed = called(*shlex.split(command), cwd=tmp_path).stdout
        assert len(printed.splitlines()) == 1, command
        assert stable(json.loads(printed), str(tmp_path)) == stable(json.loads(expected), HOME), command


def test_the_example_of_a_fingerprint_has_the_rules_of_this_version() -> None:
    assert set(re.findall(r"\brules=\d+", JSON)) == {fingerprint().split()[0]}


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(key for name, each in value.items() if name != "languages" for key in keys_of(each))}
    return {key for each in value for key in keys_of(each)} if isinstance(value, list) else set()


def test_each_key_of_the_examples_is_described() -> None:
    told = re.sub(r"^```.*?^```", "", JSON, flags=re.DOTALL | re.MULTILINE)
    for _, expected in examples():
        assert not [key for key in keys_of(json.loads(expected)) if f"`{key}`" not in told]


def test_the_changelog_has_the_form_that_it_says() -> None:
    """Versions, newest first; in each the groups of Keep a Changelog, each once and in their order, with a list without gaps."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert versions[0].startswith("Unreleased\n")
    order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for version in versions:
        parts = re.split(r"^### (\w+)\n", version, flags=re.MULTILINE)
        headings, lists = parts[1::2], parts[2::2]
        assert headings == [name for name in order if name in headings], version.splitlines()[0]
        for heading, items in zip(headings, lists, strict=True):
            assert all(re.match(r"- \S|  \S", line) for line in items.strip("\n").splitlines()), heading
