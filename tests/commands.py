"""Runs the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"


def naidi(
    *arguments: str | Path,
    index: Path | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """What `naidi ARGUMENTS` does; stdout and stderr as text."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NAIDI", "NO_COLOR"))}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **(env or {})}
    if index is not None:
        environment["NAIDI_INDEX"] = str(index)
    return subprocess.run(
        [sys.executable, "-m", "naidi", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        cwd=cwd or ROOT,
        env=environment,
        timeout=seconds,
    )
