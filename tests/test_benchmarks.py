"""Every program of benchmarks/ starts as the documents say, and each folder knows only those that it may."""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT

MODULES = sorted((ROOT / "benchmarks").rglob("*.py"))
PROGRAMS = [str(path.relative_to(ROOT)) for path in MODULES if "\ndef main() -> None:" in path.read_text("utf-8")]
# Started by speed.py; its arguments are positions.
PROGRAMS.remove("benchmarks/speed/one_engine.py")
# What a folder may import of benchmarks/, beside itself.
KNOWS = {
    "shared": set(),
    "peers": {"shared"},
    "speed": {"shared", "peers"},
    "quality": {"shared", "peers"},
    "finds_russian": {"shared", "peers"},
    "data": set(),
    "meaning": {"shared", "peers", "quality"},
    "formats": set(),
    "cluster.py": {"shared", "speed"},
    "web.py": set(),
    "agents.py": {"shared"},
    "answers_shown.py": {"shared"},
}
WORDS = [
    "oil",
    "price",
    "bank",
    "trade",
    "market",
    "bond",
    "wheat",
    "court",
    "school",
    "river",
    "train",
    "music",
    "paper",
]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def started(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    run = [sys.executable, *command, "--help"]
    return subprocess.run(run, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=60)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_starts_from_the_root(program: str) -> None:
    run = started(program)
    assert run.stdout.startswith(f"usage: {Path(program).name} "), run.stderr
    head = ast.get_docstring(ast.parse((ROOT / program).read_text("utf-8"))) or ""
    assert f"python {program} " in head, "the head of the program says how to call it"


@pytest.mark.parametrize("place", ["quality.quality", "speed.speed"])
def test_a_program_starts_from_elsewhere_and_as_a_module(place: str, tmp_path: Path) -> None:
    program = ROOT.joinpath("benchmarks", *place.split(".")).with_suffix(".py")
    assert started(str(program), cwd=tmp_path).returncode == 0
    assert started("-m", f"benchmarks.{place}").returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_knows_only_those_below_it(path: Path) -> None:
    folder, *_ = path.relative_to(ROOT / "benchmarks").parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base, *inner = (node.module or "").split(".")
            assert not node.level, "a program that is started as a file has no relative imports"
            if base == "benchmarks":
                assert inner and inner[0] in KNOWS[folder] | {folder}, f"{path} imports {node.module}"


def test_the_documents_name_programs_that_there_are() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"benchmarks/[\w/]+\.py", path.read_text("utf-8"))}
    assert named >= {f"benchmarks/{name}/{name}.py" for name in ("meaning", "quality", "speed")}
    assert not [name for name in sorted(named) if not (ROOT / name).is_file()]


def test_the_benchmark_of_fields_runs_on_few_documents(tmp_path: Path) -> None:
    """It checks its answers before it times anything."""
    pytest.importorskip("tantivy")
    with gzip.open(tmp_path / "corpus-00.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(120):
            words = " ".join(WORDS[number * step % len(WORDS)] for step in range(1, 12))
            document = {"id": f"news:{number}", "title": "", "text": f"The {words} word{number} here. {words}"}
            described = {"source": f"s{number % 3}", "lang": "en", "date": f"20{number % 30:02}-05-17"}
            lines.write(json.dumps(document | described) + "\n")
    command = [sys.executable, "benchmarks/speed/fields.py", str(tmp_path), "--queries", "1", "--rounds", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stderr
    for told in ("120 documents", "keyword of 1 %", "by a number", "three fields", "1,000 updates", "bytes a value"):
        assert told in run.stdout
