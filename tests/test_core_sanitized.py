"""The tests of the compiled core once more, with a core that watches its own memory and arithmetic."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from commands import ROOT
from fewer_examples import FEWER

SANITIZERS = "-fsanitize=address,undefined"
LIBRARIES = ("libasan.so", "libubsan.so")
TESTS = (
    "tests/test_core.py",
    "tests/test_core_snippets.py",
    "tests/test_core_memory.py",
    "tests/test_plain_queries.py",
    "tests/test_plain_filters.py",
    "tests/test_found_documents.py",
    "tests/test_numbering.py",
    "tests/test_packed.py",
    "tests/test_inversion.py",
    "tests/test_language.py",
    "tests/test_same_bytes.py",
    "tests/test_lemmas_in_core.py",
    "tests/test_lines.py",
)


def _library(name: str) -> str | None:
    """Where gcc has a library; None if there is no gcc, or it has none."""
    if sys.platform != "linux" or shutil.which("gcc") is None:
        return None
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    return found if os.path.isabs(found) else None


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(None in map(_library, LIBRARIES), reason="gcc has no sanitizers here"),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder to import naidi from, with such a core."""
    command = [sys.executable, "setup.py", "-q", "build_ext"]
    flags = f"{SANITIZERS} -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1"
    run = subprocess.run(
        [*command, "--build-lib", tmp_path / "built", "--build-temp", tmp_path / "temp"],
        cwd=ROOT,
        env={**os.environ, "CC": "gcc", "LDSHARED": "gcc -shared", "CFLAGS": flags, "LDFLAGS": SANITIZERS},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    package = tmp_path / "src" / "naidi"
    package.mkdir(parents=True)
    for path in (ROOT / "src" / "naidi").iterdir():
        if path.suffix not in (".so", ".pyc") and path.name != "__pycache__":
            (package / path.name).symlink_to(path.resolve())
    name = f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"
    shutil.copy(tmp_path / "built" / "naidi" / name, package / name)
    return package.parent


def test_nothing_is_found(source: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "NAIDI_PURE": "0",
        FEWER: "8",  # each takes ten times as long
        "LD_PRELOAD": " ".join(filter(None, map(_library, LIBRARIES))),
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",  # the interpreter itself leaks
        "PYTHONMALLOC": "malloc",
    }
    where = subprocess.run(
        [sys.executable, "-c", "import naidi._core as core; print(core.__file__)"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(source)), where.stderr
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
