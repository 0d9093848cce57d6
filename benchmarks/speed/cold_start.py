"""How long does one `naidi search WORD` take, from nothing to the answer, beside an interpreter that does nothing?

Both run in an environment made for this: the packages of naidi copied as a wheel would put them, compiled, and a console script as
pip writes it. So no hook of an editable install, which costs some 20 ms, slows the start; dependencies come from where this runs.
"""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
import time
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

RUNS = 31
_SCRIPT = """#!{python}
import sys
from naidi.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""


def install(place: Path) -> tuple[Path, list[str]]:
    """An environment in `place`: its interpreter, and the command `naidi` in it."""
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True).stdout.strip())
    spec = find_spec("naidi")
    assert spec is not None and spec.submodule_search_locations
    shutil.copytree(spec.submodule_search_locations[0], site / "naidi", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(site, quiet=2)
    # Paths in such a file are searched, but the hooks in them are not run.
    dependencies = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "dependencies.pth").write_text("\n".join(dependencies) + "\n", encoding="utf-8")
    script = python.with_name("naidi")
    script.write_text(_SCRIPT.format(python=python), encoding="utf-8")
    script.chmod(0o755)
    return python, [str(python), str(script)] if os.name == "nt" else [str(script)]


def cold_start(index: Path, word: str) -> dict[str, Any]:
    """Medians of RUNS runs each, in turns, in milliseconds, and their ratio. The word must be in the index.

    Raises AssertionError if it is not found.
    """
    with tempfile.TemporaryDirectory(prefix="naidi-installed-") as name:
        python, command = install(Path(name))
        search = [*command, "search", word]
        bare = [str(python), "-c", "pass"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"NAIDI_INDEX": str(index), "PYTHONIOENCODING": "utf-8"}
        times: dict[str, list[float]] = {"naidi": [], "bare": []}
        for turn in range(RUNS + 1):
            for measured, arguments in (("naidi", search), ("bare", bare)):
                started = time.perf_counter()
                run = subprocess.run(arguments, env=environment, capture_output=True, cwd=index)
                elapsed = (time.perf_counter() - started) * 1000
                assert run.returncode == 0, f"{' '.join(arguments)}: {run.stderr.decode(errors='replace')}"
                if turn:  # the first turn fills the page cache
                    times[measured].append(elapsed)
    naidi, base = statistics.median(times["naidi"]), statistics.median(times["bare"])
    line = (
        f"cold start: naidi search {word} {naidi:.0f} ms, python -c pass {base:.0f} ms,"
        f" ratio {naidi / base:.2f} (medians of {RUNS} runs, in an environment with a copy of the packages: no editable install)"
    )
    return {"word": word, "naidi_ms": naidi, "bare_ms": base, "ratio": naidi / base, "line": line}
