"""What does a query of right words pay for the help that it does not need?

    python benchmarks/meaning/right.py DATA [--documents N] [--queries N]

Queries of every kind (see shared/workload.py) are put to an index of the first documents of DATA/corpus with help and without
(`exact=True`), in turn, several times; of each query the least time of each counts, and the median of the ratios is told. What
words cost that are asked for the first time is told beside it, from two searchers that know nothing yet. Time of the thread, not
of the clock. Answers are checked first: where nothing is said to have been searched for beside the words, both must find the same.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.naidi_engine import Naidi
from benchmarks.shared.records import load, sampler_of
from naidi import Searcher, open_index

ROUNDS = 5


class Figure(NamedTuple):
    """ratio: time with help / without, the median over queries. exact, helped: median us; 0 where queries are counted alone."""

    name: str
    asked: int
    ratio: float
    exact: float
    helped: float

    def __str__(self) -> str:
        if not self.exact:
            return f"{self.name:44}{self.asked:6}"
        times = f"{self.exact:7.0f} us without, {self.helped:7.0f} us with help"
        return f"{self.name:44}{self.asked:6} asked  x {self.ratio:5.3f}  {times}"


def timed(ask: Callable[[str], object], queries: list[str]) -> list[float]:
    """us of each query."""
    times = []
    for query in queries:
        started = time.thread_time_ns()
        ask(query)
        times.append((time.thread_time_ns() - started) / 1000)
    return times


def check(searcher: Searcher, queries: list[str]) -> int:
    """How many queries got help. Raises AssertionError if one without finds something else than what was typed."""
    helped = 0
    for query in queries:
        results = searcher.search(query, snippets=0)
        if any(correction.action != "offered" for correction in results.corrections):
            helped += 1
            continue
        plain = searcher.search(query, snippets=0, exact=True)
        found, expected = ([(hit.id, round(hit.score, 9)) for hit in one.hits] for one in (results, plain))
        assert found == expected and results.total == plain.total, f"{query}: help that nothing is said of"
    return helped


def measure(data: Path, *, documents: int = 10_000, queries: int = 40) -> list[Figure]:
    """The figures. queries: of each kind and language."""
    records = load(data / "corpus", documents)
    with tempfile.TemporaryDirectory(prefix="naidi-right-") as place:
        engine = Naidi(Path(place))
        asked = [engine.syntax(query) for query in sampler_of(records, 1).queries(queries)]
        engine.build(records)
        engine.close()
        with open_index(place) as searcher:
            helped = check(searcher, asked)
        del records
        gc.collect()
        gc.freeze()  # what indexing left behind is no business of a search
        figures = [Figure("queries that more was searched for", helped, 1.0, 0.0, 0.0)]
        for name, method in (("ids only", "search_ids"), ("with snippets", "search")):
            exact, full = open_index(place), open_index(place)
            full.search("the", snippets=0)  # the built-in list is read once
            asks = [partial(getattr(exact, method), exact=True), getattr(full, method)]
            first = [timed(ask, asked) for ask in asks]
            rounds = [[timed(ask, asked) for ask in asks] for _ in range(ROUNDS)]
            again = [[min(times) for times in zip(*(one[side] for one in rounds), strict=True)] for side in (0, 1)]
            figures += [_figure(f"{name}, asked again", again), _figure(f"{name}, words asked for first", first)]
        return figures


def _figure(name: str, times: list[list[float]]) -> Figure:
    ratios = [helped / exact for exact, helped in zip(*times, strict=True)]
    exact, helped = map(statistics.median, times)
    return Figure(name, len(ratios), statistics.median(ratios), exact, helped)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--documents", type=int, default=10_000, help="documents of the index (default: 10,000)")
    options.add_argument("--queries", type=int, default=40, help="of each kind and language (default: 40)")
    given = options.parse_args()
    for figure in measure(given.data, documents=given.documents, queries=given.queries):
        print(figure)


if __name__ == "__main__":
    main()
