"""Runs the tests of haystack's Whoosh backend against naidi's backend.

    python .ci/haystack/run.py [FOLDER_OF_AN_UNPACKED_SDIST]

The Python that runs this must have naidi with the extra [haystack]. The tests are in the sdist of django-haystack, in the version
that is installed; pip fetches it, and it is unpacked into a temporary folder. Exit status 1 if a test fails that is not named in
exceptions.txt, or one passes that is named there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
_THEIRS = "haystack.backends.whoosh_backend.WhooshEngine"
_OURS = "peek.Engine"


def exceptions() -> dict[str, str]:
    """The tests that fail, with the reasons."""
    lines = (HERE / "exceptions.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(":", 1) for line in lines if line.strip() and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, reason in pairs}


def unpacked(work: Path) -> Path:
    """The sdist, fetched and unpacked."""
    wanted = f"django-haystack=={version('django-haystack')}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--dest",
        str(work),
        wanted,
    ]
    subprocess.run(command, check=True)
    (archive,) = work.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        if hasattr(tarfile, "data_filter"):
            file.extractall(work, filter="data")
        else:
            file.extractall(work)
    (folder,) = (path for path in work.iterdir() if path.is_dir())
    return folder


def outcomes(folder: Path) -> dict[str, str]:
    """What becomes of each test, by the names of its class and its method."""
    for name in ("settings.py", "whoosh_tests/testcases.py"):
        path = folder / "test_haystack" / name
        path.write_text(path.read_text(encoding="utf-8").replace(_THEIRS, _OURS), encoding="utf-8")
    with (folder / "test_haystack/settings.py").open(
        "a", encoding="utf-8"
    ) as file:  # engines that are not installed here
        file.write('\nfor name in ("solr", "elasticsearch"):\n    HAYSTACK_CONNECTIONS.pop(name, None)\n')
    for name in ("peek.py", "outcomes.py"):
        shutil.copy(HERE / name, folder)
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    run = subprocess.run([sys.executable, "outcomes.py"], cwd=folder, env=environment, capture_output=True, text=True)
    sys.stderr.write(run.stderr)
    run.check_returncode()
    found = json.loads(run.stdout.splitlines()[-1])
    return {".".join(name.split(".")[-2:]): outcome for name, outcome in found.items()}


def main() -> int:
    with tempfile.TemporaryDirectory() as work:
        given = sys.argv[1] if len(sys.argv) > 1 else unpacked(Path(work))
        found = outcomes(Path(shutil.copytree(given, Path(work) / "tests")))
    excepted = exceptions()
    failed = {name for name, outcome in found.items() if outcome == "failed"}
    wrong = [f"{name}: fails" for name in sorted(failed - excepted.keys())]
    wrong += [
        f"{name}: is in exceptions.txt and {found.get(name, 'is no test')}" for name in sorted(excepted.keys() - failed)
    ]
    counts = {outcome: list(found.values()).count(outcome) for outcome in sorted(set(found.values()))}
    print(f"{len(found)} tests: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    for name in sorted(failed & excepted.keys()):
        print(f"  {name}: {excepted[name]}")
    print("\n".join(wrong) if wrong else "as expected")
    return int(bool(wrong) or not found)


if __name__ == "__main__":
    raise SystemExit(main())
