"""How fast, how small and how frugal is one engine? Measured in processes that do nothing else, one after the other.

    python benchmarks/speed/one_engine.py ENGINE DIRECTORY build|check|ids|hits|shown|shown_one|commit

`speed.py` starts it and is what to run. DIRECTORY holds what preparation.py wrote; the index goes to a folder named after the
engine, the figures to `ENGINE.PHASE.json`. A process that searches has opened the index and done nothing before, and it searches in
one way only: so a query that it is asked for the first time is new to it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers import BUILT_ONLY, JOBS, TimedEngine, timed
from benchmarks.shared.workload import Query
from benchmarks.speed.checks import LIMIT, check
from benchmarks.speed.evidence import RarePhrase
from benchmarks.speed.preparation import WORKLOAD, prepared_records
from benchmarks.speed.process_memory import anonymous_memory, peak_memory, run_watched

ROUNDS = 3
BUDGET_SECONDS = 120.0  # no further round is begun after so long
COMMITS = 6
# One thread for every library that would start more behind our back.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def measure(name: str, directory: Path, *, commits: bool = False) -> dict[str, Any] | None:
    """Everything there is to know about one engine, or None if it failed: it has then said why on standard error.

    commits: also add a document to the finished index, several times over, and look how long that takes.
    """
    measured: dict[str, Any] = {"engine": name}
    by_kind: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for phase in PHASES:
        if (phase != "build" and name in BUILT_ONLY) or (phase == "commit" and not commits):
            continue
        figures = run_phase(name, directory, phase)
        if figures is None:
            print(f"{name} failed ({phase}): it is left out", file=sys.stderr)
            return None
        for kind, times in figures.pop("microseconds", {}).items():
            by_kind[kind] |= times
        measured |= figures
    return measured | ({"microseconds": dict(by_kind)} if by_kind else {})


def run_phase(name: str, directory: Path, phase: str) -> dict[str, Any] | None:
    """The figures of one phase, from a process of its own; of `build` also memory_workers, the peaks of those that it started.

    None if it failed.
    """
    command = [sys.executable, __file__, name, str(directory), phase]
    environment = {**os.environ, **ENVIRONMENT}
    workers: dict[str, Any] = {}
    if phase == "build":
        code, workers["memory_workers"] = run_watched(command, environment)
    else:
        code = subprocess.run(command, env=environment).returncode
    if code:
        return None
    figures: dict[str, Any] = json.loads((directory / f"{name}.{phase}.json").read_text(encoding="utf-8"))
    return figures | workers


def build(name: str, directory: Path) -> dict[str, Any]:
    """Sizes in bytes, times in seconds. The time of reading the documents is taken off, shared among the processes at work."""
    for _ in prepared_records(directory):  # brings the file into memory, for everybody alike
        pass
    started = time.perf_counter()
    for _ in prepared_records(directory):
        pass
    reading = time.perf_counter() - started
    home = directory / name
    home.mkdir()
    engine = timed(name, home)
    before = peak_memory()
    started, started_cpu = time.perf_counter(), _cpu_seconds()
    engine.build(prepared_records(directory))
    building, building_cpu = time.perf_counter() - started, _cpu_seconds() - started_cpu
    after = peak_memory()
    engine.close()
    workload = _workload(directory)
    return {
        "docs": workload["docs"],
        "text_bytes": workload["text_bytes"],
        "build_seconds": building - reading / JOBS.get(name, 1),
        "build_cpu_seconds": building_cpu - reading,
        "index_bytes": sum(path.stat().st_size for path in home.rglob("*") if path.is_file()),
        "memory_before": before,
        "memory_build": after,
    }


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def checked(name: str, directory: Path) -> dict[str, Any]:
    """How many things the engine was asked and answered rightly. Raises AssertionError otherwise."""
    engine, _ = _opened(name, directory)
    workload = _workload(directory)
    phrases = [RarePhrase(doc, tuple(words), rare, documents) for doc, words, rare, documents in workload["phrases"]]
    number = check(name, engine, phrases, workload["counts"], _queries(directory))
    engine.close()
    return {"checked": number}


def search(name: str, directory: Path, part: str) -> dict[str, Any]:
    """Times of queries in microseconds, by kind, when asked for the first time and later; memory in bytes after all of them.

    part: what is asked for, a method `search_*` of the engine. Empty if the engine has none of this name.
    """
    engine, opening = _opened(name, directory)
    function: Callable[[str, int], Any] | None = getattr(engine, f"search_{part}", None)
    if function is None:
        return {}
    anonymous_opened = anonymous_memory()
    asked = [(query.kind, text) for query in _queries(directory) if (text := engine.syntax(query)) is not None]
    by_kind: dict[str, Any] = defaultdict(lambda: defaultdict(list))
    first, later, found = ask(function, [text for _, text in asked])
    for (kind, _), once, again in zip(asked, first, later, strict=True):
        by_kind[kind][f"first_{part}"].append(round(once, 1))
        by_kind[kind][part].append(round(again, 1))
    anonymous = anonymous_memory()
    engine.close()
    return {
        "open_seconds": opening,
        "answered": sum(map(bool, found)) / len(found),
        "memory_anonymous_opened": anonymous_opened,
        "memory_anonymous": anonymous,
        "memory_search": peak_memory(),
        "microseconds": by_kind,
    }


def ask(search: Callable[[str, int], Any], texts: list[str]) -> tuple[list[float], list[float], list[int]]:
    """Microseconds of each query when first asked, and the median of ROUNDS rounds after that; and how many hits it has."""
    first, hits = [], []
    for text in texts:
        started = time.perf_counter_ns()
        found = search(text, LIMIT)
        first.append((time.perf_counter_ns() - started) / 1000)
        hits.append(len(found))
    rounds = []
    began = time.perf_counter()
    for _ in range(ROUNDS):
        times = []
        for text in texts:
            started = time.perf_counter_ns()
            search(text, LIMIT)
            times.append((time.perf_counter_ns() - started) / 1000)
        rounds.append(times)
        if time.perf_counter() - began > BUDGET_SECONDS:
            break
    return first, [statistics.median(of_query) for of_query in zip(*rounds, strict=True)], hits


def commit(name: str, directory: Path) -> dict[str, Any]:
    """Seconds of COMMITS commits of one document each; the first of a process may have dictionaries to load.

    Empty for an engine that can only build anew.
    """
    engine, _ = _opened(name, directory)
    record = next(prepared_records(directory))
    times = []
    try:
        for number in range(COMMITS):
            one = record._replace(id=f"added:{number}")
            started = time.perf_counter()
            engine.add_one(one)
            times.append(time.perf_counter() - started)
    except NotImplementedError:
        return {}
    finally:
        engine.close()
    return {"commit_first_seconds": times[0], "commit_seconds": statistics.median(times[1:])}


def _opened(name: str, directory: Path) -> tuple[TimedEngine, float]:
    """The engine on its index, and the seconds that opening took."""
    engine = timed(name, directory / name)
    started = time.perf_counter()
    engine.open()
    return engine, time.perf_counter() - started


def _workload(directory: Path) -> Any:
    return json.loads((directory / WORKLOAD).read_text(encoding="utf-8"))


def _queries(directory: Path) -> list[Query]:
    return [Query(kind, language, tuple(words)) for kind, language, words in _workload(directory)["queries"]]


# In this order; each in a process of its own.
PHASES: dict[str, Callable[[str, Path], dict[str, Any]]] = {
    "build": build,
    "check": checked,
    **{part: partial(search, part=part) for part in ("ids", "hits", "shown_one", "shown")},
    "commit": commit,
}


def main() -> None:
    name, directory, phase = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    figures = PHASES[phase](name, directory)
    (directory / f"{name}.{phase}.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
