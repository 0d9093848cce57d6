"""A small, seeded part of the checks in tests/trust. The whole of them: `python -m tests.trust --minutes 60`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trust.__main__ import SHARES
from trust.check import CANNOT_RUN

ROOT = Path(__file__).parents[1]

# Check -> its arguments: two or three seconds each. Together they play every scenario.
SHORT = {
    "crash_points": ["--every", "53", "--only", "first-build,merge,sync-rebuild,upgrade"],
    "power_loss": ["--every", "61", "--only", "first-build,update,first-sync"],
    "injected_errors": ["--every", "103", "--only", "add,first-sync,search"],
    "byte_flips": ["--every", "997"],
    "hostile_index": ["--every", "193"],
    "limits": ["--every", "23", "--only", "add,delete"],
    "descriptors": ["--every", "40"],
    "soak": ["--seconds", "2"],
    "fuzz": ["--every", "100"],
}


def test_every_check_has_a_short_run() -> None:
    modules = {
        path.stem for path in (ROOT / "tests" / "trust").glob("*.py") if "run_as_main(" in path.read_text("utf-8")
    }
    assert modules - {"check"} == SHORT.keys() == SHARES.keys()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the checks fork")
@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_found(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.trust.{name}", *SHORT[name]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode == CANNOT_RUN:
        pytest.skip(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
