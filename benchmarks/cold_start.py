"""How long does one `naidi search WORD` take, from nothing to the answer, beside an interpreter that merely loads two packages?"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

RUNS = 9


def editable() -> bool:
    """Whether naidi is installed in editable mode: its import hook then costs every start of Python some milliseconds."""
    try:
        text = metadata.distribution("naidi").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return False
    return bool(text and json.loads(text).get("dir_info", {}).get("editable"))


def cold_start(index: Path, word: str) -> dict[str, Any]:
    """Medians of RUNS runs each, in turns, in milliseconds, and their ratio. The word must be in the index.

    Raises AssertionError if it is not found.
    """
    script = Path(sys.executable).with_name("naidi")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "search.cli"]
    search = [*command, "search", word]
    bare = [sys.executable, "-c", "import numpy, click"]
    environment = {**os.environ, "NAIDI_INDEX": str(index), "PYTHONIOENCODING": "utf-8"}
    times: dict[str, list[float]] = {"naidi": [], "bare": []}
    for turn in range(RUNS + 1):
        for name, arguments in (("naidi", search), ("bare", bare)):
            started = time.perf_counter()
            run = subprocess.run(arguments, env=environment, capture_output=True, cwd=index)
            elapsed = (time.perf_counter() - started) * 1000
            assert run.returncode == 0, f"{' '.join(arguments)}: {run.stderr.decode(errors='replace')}"
            if turn:  # the first turn fills the page cache
                times[name].append(elapsed)
    naidi, base = statistics.median(times["naidi"]), statistics.median(times["bare"])
    return {"word": word, "naidi_ms": naidi, "bare_ms": base, "ratio": naidi / base, "editable": editable()}


def cold_start_line(figures: dict[str, Any]) -> str:
    """One sentence, and a warning if the figure is worse than it need be."""
    line = (
        f"cold start: naidi search {figures['word']} {figures['naidi_ms']:.0f} ms,"
        f" python -c 'import numpy, click' {figures['bare_ms']:.0f} ms, ratio {figures['ratio']:.2f}"
        f" (medians of {RUNS} runs)"
    )
    if figures["editable"]:
        line += "\nwarning: naidi is installed in editable mode, whose import hook costs time at every start"
    return line
