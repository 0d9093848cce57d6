"""What documents define themselves, and what it costs to look for synonyms.

    python benchmarks/meaning/synonyms.py DATA [--documents N] [--show N]

DATA, or its folder `corpus`, holds `*.jsonl.gz`, a document a line with `id` and `text`. Queries to time look-ups with are those
of DATA/retrieval, where there is one. --show prints so many pairs drawn at random (always the same), to judge them by eye.
Known names are looked up first; a wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from naidi.indexer.analysis.acronyms import definitions, stored
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.search.bridges.builtin_synonyms import KEYS, NAMES, BuiltinTable
from naidi.search.bridges.learnt_synonyms import LearntPair, learnt_table, trusted
from naidi.search.bridges.synonyms import Synonyms, WordKeys

# A query, and the words that it must lead to ("-": nowhere).
KNOWN = """
WHO: ВОЗ, World Health Organization, Всемирная организация здравоохранения
всемирной организации здравоохранения: WHO, ВОЗ, World Health Organization
who: -
воз: -
nato: НАТО
turkey recipes: -
us: -
US: США
казахстана: Kazakhstan
"""
ROUNDS = 7


class Figure(NamedTuple):
    name: str
    value: float
    unit: str


def measure(data: Path, limit: int | None = None) -> tuple[list[Figure], list[LearntPair]]:
    """The figures, and the pairs that are trusted. limit: documents; None for all.

    Raises AssertionError if a known name leads elsewhere, SystemExit where there are no documents.
    """
    texts = list(itertools.islice(_documents(data), limit))
    started = time.thread_time()
    rows = [(name, *stored(found)) for name, text in texts for found in definitions(text)]
    spent = time.thread_time() - started
    size = sum(len(text.encode()) for _, text in texts)
    known = {form: keys(form) for form in {word for _, *pair in rows for word in " ".join(pair).split()}}
    started = time.perf_counter()
    pairs = trusted(rows, known.get)
    trusting = time.perf_counter() - started
    learnt = learnt_table(pairs, known.get)
    ready = time.perf_counter() - started
    synonyms = Synonyms([learnt, BuiltinTable(Path(KEYS[NAMES]).read_text(encoding="utf-8"))])
    check(synonyms)
    cold = statistics.median(_seconds_to_load() for _ in range(ROUNDS))
    queries = [_words(query) for query in _queries(data)] or [_words(line) for line in KNOWN.split("\n") if line]
    met = [query for query in queries if synonyms.of(query)]
    plain = [query for query in queries if not synonyms.of(query)]
    return [
        Figure("documents", len(texts), ""),
        Figure("text", size / 1e6, "MB"),
        Figure("definitions", len(rows), ""),
        Figure("different pairs", len({row[1:] for row in rows}), ""),
        Figure("reading them", size / 1e6 / spent, "MB/s"),
        Figure("trusted pairs", len(pairs), ""),
        Figure("choosing those", trusting * 1e3, "ms"),
        Figure("choosing and making a table", ready * 1e3, "ms"),
        Figure("loading the built-in list", cold * 1e3, "ms"),
        Figure("queries", len(queries), ""),
        Figure("queries with a name", len(met), ""),
        Figure("look-up without a name", _microseconds(synonyms, plain), "us"),
        Figure("words of such a query", statistics.fmean(map(len, plain)) if plain else 0, ""),
        Figure("look-up with a name", _microseconds(synonyms, met), "us"),
    ], pairs


def check(synonyms: Synonyms) -> None:
    """Raises AssertionError if a known name leads elsewhere."""
    for line in KNOWN.strip().splitlines():
        query, _, expected = line.partition(": ")
        found = {other.text for match in synonyms.of(_words(query)) for other in match.alternatives}
        if expected == "-":
            assert not found, f"{query!r} leads to {found}"
        else:
            assert found >= set(expected.split(", ")), f"{query!r} leads to {found}"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--documents", type=int, metavar="N", help="only the first N documents")
    options.add_argument("--show", type=int, default=0, metavar="N", help="print N trusted pairs drawn at random")
    given = options.parse_args()
    figures, pairs = measure(given.data, given.documents)
    for name, value, unit in figures:
        print(f"{name:30} {value:12,.{0 if value == int(value) else 2}f} {unit}".rstrip())
    for pair in random.Random(1).sample(pairs, min(given.show, len(pairs))):
        print(f"{pair.doc_count:5} {pair.acronym:10} {pair.long_form}")


def _microseconds(synonyms: Synonyms, queries: list[list[WordKeys]]) -> float:
    """The mean time of a look-up, median of the rounds."""
    if not queries:
        return 0.0
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for query in queries:
            synonyms.of(query)
        times.append(time.perf_counter() - started)
    return statistics.median(times) / len(queries) * 1e6


def _seconds_to_load() -> float:
    started = time.perf_counter()
    Synonyms([BuiltinTable(Path(KEYS[NAMES]).read_text(encoding="utf-8"))])
    return time.perf_counter() - started


def _words(query: str) -> list[WordKeys]:
    return [WordKeys(form, keys(form)) for form in forms(query)]


def _documents(data: Path) -> Iterator[tuple[str, str]]:
    folder = data / "corpus" if (data / "corpus").is_dir() else data
    shards = sorted(folder.glob("*.jsonl.gz"))
    if not shards:
        raise SystemExit(f"{folder}: no *.jsonl.gz here")
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row["id"], row["text"]


def _queries(data: Path) -> Iterator[str]:
    for path in sorted((data / "retrieval").glob("*/queries.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


if __name__ == "__main__":
    main()
