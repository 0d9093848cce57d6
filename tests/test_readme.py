"""What the README says is so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from commands import ROOT, SEEDS, naidi

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


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
    assert set(commands) == {"index", "search", "similar", "status", "suggest", "verify"}
    assert all(f"naidi {command}" in README for command in commands)
