"""How fast, how small and how frugal is one engine? Measured in this process, which does nothing else.

    python benchmarks/one_engine.py ENGINE DIRECTORY

`speed.py` starts it and is what to run. DIRECTORY holds `documents.jsonl` and `workload.json`; the index goes to a folder named
after the engine, the figures to `ENGINE.result.json`. Nothing is timed before the engine has passed its checks.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from peers import Record, TimedEngine, timed
from workload import Query, RarePhrase

LIMIT = 10
LIMIT_WITHOUT_PHRASES = 10**9  # whatever has the stem: some rare word always shares it with a frequent one
ROUNDS = 3
BUDGET_SECONDS = 120.0  # no further round is begun after so long
MUST_BE_FOUND = 0.9


def records(path: Path) -> Iterator[Record]:
    """The documents of a file of JSON arrays, read one by one."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Record(*json.loads(line))


def peak_memory() -> int:
    """The most memory in bytes that this process had resident so far."""
    try:
        # Not ru_maxrss: that begins with what the parent had.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def check(name: str, engine: TimedEngine, phrases: list[RarePhrase], counts: dict[str, int]) -> int:
    """Whether the engine was set up rightly: a wrong answer is quick. Returns how many things were looked at.

    Raises AssertionError if a document is not found by its own rare phrase, or shown without it, or if a word is not in as
    many documents as it should be.
    """
    for phrase in phrases:
        text, limit = engine.syntax(Query("phrase", "", tuple(phrase.words))), LIMIT
        if text is None:  # an engine without phrases; as it stems, a rare word is not as rare to it
            text, limit = engine.syntax(Query("word", "", (phrase.rare,))) or "", LIMIT_WITHOUT_PHRASES
        found = engine.search_ids(text, limit)
        assert phrase.id in found, f"{name}: {text!r} does not find {phrase.id}, but {found[:LIMIT]}"
        shown = {hit.id: hit for hit in engine.search_shown(text, limit)}
        assert set(found) == set(shown), f"{name}: {text!r} finds {found[:LIMIT]}, but shows {list(shown)[:LIMIT]}"
        snippet = shown[phrase.id].snippet
        if name != "bm25s":
            # Engines choose passages in their own way; but some word of the phrase, in some form, must be in it.
            about = any(word[:3] in snippet.casefold() for word in phrase.words)
            assert about, f"{name}: no word of {text!r} is in {snippet!r}"
    wrong = {}
    for word, expected in counts.items():
        count = engine.count(word)
        if count is not None and count != expected:
            wrong[word] = (count, expected)
    assert not wrong, f"{name}: documents that have the word, found and expected: {wrong}"
    return len(phrases) + (len(counts) if counts and engine.count(next(iter(counts))) is not None else 0)


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


def measure(name: str, directory: Path) -> dict[str, Any]:
    """Everything there is to know about one engine, as plain values for JSON; times of queries are in microseconds."""
    workload = json.loads((directory / "workload.json").read_text(encoding="utf-8"))
    documents = directory / "documents.jsonl"
    text_bytes = docs = 0
    for record in records(documents):  # also brings the file into memory, for everybody alike
        text_bytes += len(record.title.encode()) + len(record.text.encode())
        docs += 1
    started = time.perf_counter()
    for _ in records(documents):
        pass
    reading = time.perf_counter() - started
    home = directory / name
    home.mkdir()
    engine = timed(name, home)
    before = peak_memory()
    started, started_cpu = time.perf_counter(), time.process_time()
    engine.build(records(documents))
    building, building_cpu = time.perf_counter() - started, time.process_time() - started_cpu
    after_build = peak_memory()
    checked = check(name, engine, [RarePhrase(*row) for row in workload["phrases"]], workload["counts"])
    kinds, texts = [], []
    for kind, language, words in workload["queries"]:
        text = engine.syntax(Query(kind, language, tuple(words)))
        if text is not None:
            kinds.append(kind)
            texts.append(text)
    first_ids, ids, hits = ask(engine.search_ids, texts)
    first_shown, shown, _ = ask(engine.search_shown, texts)
    answered = sum(map(bool, hits)) / len(hits)
    assert answered >= MUST_BE_FOUND, f"{name}: only {answered:.0%} of the queries find anything"
    by_kind: dict[str, Any] = defaultdict(lambda: {"first_ids": [], "ids": [], "first_shown": [], "shown": []})
    for kind, *times in zip(kinds, first_ids, ids, first_shown, shown, strict=True):
        for measured, value in zip(("first_ids", "ids", "first_shown", "shown"), times, strict=True):
            by_kind[kind][measured].append(round(value, 1))
    engine.close()
    return {
        "engine": name,
        "docs": docs,
        "text_bytes": text_bytes,
        "read_seconds": reading,
        "build_seconds": building - reading,
        "build_cpu_seconds": building_cpu - reading,
        "index_bytes": sum(path.stat().st_size for path in home.rglob("*") if path.is_file()),
        "memory_before": before,
        "memory_build": after_build,
        "memory_peak": peak_memory(),
        "checked": checked,
        "answered": answered,
        "microseconds": dict(by_kind),
    }


def main() -> None:
    name, directory = sys.argv[1], Path(sys.argv[2])
    figures = measure(name, directory)
    (directory / f"{name}.result.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
