"""Runs the reading half of whoosh3's own tests over indexes of naidi, and says what passes and why the rest cannot.

    python .ci/whoosh_suite.py [--sdist FILE]

The tests come from the sdist of whoosh3, fetched by pip into a temporary folder; none of it is kept. How a test of Whoosh comes to
read an index of naidi: see whoosh_over_naidi.py. The table in docs/from-whoosh.md is what is printed here. Exit status 1 if a
test fails that is not among those named in FAILING.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

RELEASE = "3.54.0"
FILES = ["searching", "queries", "results", "spans", "sorting", "collector", "highlighting", "spelling", "matching"]
# Test -> why it cannot pass.
FAILING = {
    "test_buffered_refresh": "searches what a BufferedWriter of Whoosh has in memory",
    "test_span_characters": "places of characters in postings (`TEXT(chars=True)`): ours are places of words",
    "test_pinpoint": "places of characters in postings (`TEXT(chars=True)`): ours are places of words",
}


def fetch(place: Path) -> Path:
    """The sdist. Raises CalledProcessError if pip has not got it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, f"whoosh3=={RELEASE}", "--dest", str(place)], check=True)
    return next(place.glob("whoosh3-*.tar.gz"))


def run(tests: Path, file: str, place: Path) -> list[dict[str, str]]:
    """What has become of each test of a file."""
    told = place / f"{file}.jsonl"
    told.touch()
    here = Path(__file__).resolve().parent
    path = os.pathsep.join([str(here), str(here.parent / "src"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "WHOOSH_SUITE": str(told)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "whoosh_over_naidi",
        "-p",
        "no:cacheprovider",
        f"test_{file}.py",
    ]
    subprocess.run(command, cwd=tests, env=environment, capture_output=True, timeout=600, check=False)
    return [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sdist", type=Path)
    arguments = parser.parse_args()
    unknown = []
    reasons: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="whoosh-suite-") as folder:
        place = Path(folder)
        with tarfile.open(arguments.sdist or fetch(place)) as archive:
            archive.extractall(place, filter="data")
        (tests,) = place.glob("whoosh3-*/tests")
        print("| tests of | pass | no index is read | cannot | fail |\n|---|---|---|---|---|")
        for file in FILES:
            found = run(tests, file, place)
            counts = Counter(each["state"] for each in found)
            row = [counts["passed"], counts["no index"] + counts["skipped"], counts["cannot"], counts["failed"]]
            print(f"| {file} | " + " | ".join(map(str, row)) + " |", flush=True)
            for each in found:
                name = each["test"].rpartition("::")[2]
                if each["state"] == "cannot":
                    reasons[each["why"]].append(name)
                elif each["state"] == "failed":
                    if name not in FAILING:
                        unknown.append(f"{each['test']}: {each['why']}")
                    reasons[FAILING.get(name, f"unknown: {each['why']}")].append(name)
    print("\nWhy tests cannot pass:\n\n| why | tests |\n|---|---|")
    for why, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"| {why} | {len(names)}: {', '.join(sorted(names))} |")
    if unknown:
        print("\nfailed:", *unknown, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
