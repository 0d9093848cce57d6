"""How many queries a second does `naidi search -` answer, which keeps running and answers line by line?

    taskset -c 0 python benchmarks/speed/query_stream.py CORPUS [--docs N] [--queries N]

CORPUS is a folder of `corpus-*.jsonl.gz`. The command itself is started on an index of its first 10,000 documents, in a fresh
process for each way of asking. It gets the words, ORs, ANDs and phrases of shared/workload.py on standard input, all at once, as a
program sends them that has many; then one at a time, each when the answer to the last is there.

    first          each query for the first time in the process, with all that is loaded then
    words known    the same words again, for a page of another size, so that no answer can be the one that was kept
    again          the same lines again

The second and third are medians of ROUNDS rounds. Rates are given twice: by the clock, and by the processor time of the process
that answers, which is what one core gives if nobody else has it. Before that, each answer must have the documents and scores
that `Searcher.search` finds. `pace` is the time of a fixed loop of plain Python in the same minutes, least and median: figures of
two runs can be compared if it is the same.

Exit status 1 if the same lines are answered more slowly than TARGET a second with the options that the command has by itself.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.naidi_engine import Naidi
from benchmarks.shared.records import load, sampler_of
from benchmarks.shared.workload import percentile
from naidi import open_index

ROUNDS = 5
TARGET = 2000
KINDS = ("word", "or", "and", "phrase")
WAYS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "--snippets 1": ("--snippets", "1"),
    "--snippets 3": ("--snippets", "3"),
}


class Stream:
    """`naidi search -` at work."""

    def __init__(self, index: Path, options: Sequence[str]) -> None:
        command = [sys.executable, "-m", "naidi", "search", "--index", str(index), *options, "-"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout

    def ask(self, line: bytes) -> bytes:
        """The answer to one line. Nothing else is sent before it is there."""
        self._to.write(line)
        self._to.flush()
        return self._from.readline()

    def ask_all(self, lines: Sequence[bytes]) -> tuple[list[bytes], float, float]:
        """(answers; seconds; seconds of the processor) of lines that are sent without waiting."""
        sent = Thread(target=self._send, args=(b"".join(lines),))
        used, started = self._used(), time.perf_counter()
        sent.start()
        answers = [self._from.readline() for _ in lines]
        elapsed = time.perf_counter() - started
        used = self._used() - used
        sent.join()
        return answers, elapsed, used

    def _send(self, data: bytes) -> None:
        self._to.write(data)
        self._to.flush()

    def _used(self) -> float:
        """Seconds of the processor that the process has used: clock_getcpuclockid(3) as Linux computes it."""
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def end(self) -> None:
        """Raises AssertionError if the command does not end well."""
        self._to.close()
        assert not self._from.read() and self._process.wait(60) == 0


def check(index: Path, queries: Sequence[str], answers: Sequence[bytes]) -> None:
    """Raises AssertionError unless the answers are those of `Searcher.search`, one for each query, in order."""
    assert len(answers) == len(queries)
    with open_index(index) as searcher:
        for query, line in zip(queries, answers, strict=True):
            answer, results = json.loads(line), searcher.search(query, snippets=0)
            found = [(hit["id"], hit["score"]) for hit in answer["hits"]]
            assert (answer["query"], answer["total"]) == (query, results.total), f"{query!r}: {line[:200]!r}"
            assert found == [(hit.id, hit.score) for hit in results.hits], f"{query!r}: {found}"
            assert all(hit["title"] is not None for hit in answer["hits"])
    empty = sum(not json.loads(line)["hits"] for line in answers)
    assert empty * 10 < len(answers), f"{empty} of {len(answers)} queries find nothing"


def pace() -> float:
    """Microseconds of a fixed loop."""
    started, total = time.thread_time_ns(), 0
    for number in range(2000):
        total += number * number
    return (time.thread_time_ns() - started) / 1000


def measure(index: Path, queries: Sequence[str], options: Sequence[str]) -> dict[str, Any]:
    """Queries a second by what was asked, and microseconds of queries that are asked one at a time."""
    stream = Stream(index, options)
    stream.ask(b"\n")  # the command has started
    lines = [f"{query}\n".encode() for query in queries]
    paces = [pace() for _ in range(20)]
    answers, *first = stream.ask_all(lines)
    check(index, queries, answers)
    known, again = [], []
    for turn in range(ROUNDS):
        others = [f"{json.dumps({'query': query, 'limit': 9 - turn})}\n".encode() for query in queries]
        known.append(stream.ask_all(others)[1:])
        again.append(stream.ask_all(lines)[1:])
        paces += [pace() for _ in range(20)]
    waited = []
    for query in queries:
        line = f"{json.dumps({'query': query, 'limit': 11})}\n".encode()
        started = time.perf_counter_ns()
        stream.ask(line)
        waited.append((time.perf_counter_ns() - started) / 1000)
    stream.end()
    rates = {}
    for name, rounds in (("first", [first]), ("words known", known), ("again", again)):
        rates[name] = [len(queries) / statistics.median(times) for times in zip(*rounds, strict=True)]
    return {
        "rates": rates,
        "one_at_a_time": (percentile(waited, 50), percentile(waited, 95)),
        "bytes": statistics.mean(map(len, answers)),
        "pace": (min(paces), statistics.median(paces)),
    }


def report(way: str, figures: dict[str, Any]) -> str:
    """A line of the table."""
    rates = "".join(f"{by_clock:9,.0f} /{by_processor:6,.0f}" for by_clock, by_processor in figures["rates"].values())
    p50, p95 = figures["one_at_a_time"]
    fastest, usual = figures["pace"]
    return f"{way:14}{rates}{p50:9,.0f} /{p95:7,.0f}{figures['bytes']:8,.0f}{fastest:7.0f} /{usual:4.0f}"


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--docs", type=int, default=10_000, metavar="N", help="the first N documents (10,000)")
    options.add_argument("--queries", type=int, default=40, metavar="N", help="of each kind in each language (40)")
    given = options.parse_args()
    records = load(given.corpus, given.docs)
    drawn = [query for query in sampler_of(records, 1).queries(given.queries) if query.kind in KINDS]
    with tempfile.TemporaryDirectory(prefix="naidi-stream-") as place:
        index = Path(place) / "index"
        engine = Naidi(index)
        engine.build(records)
        queries = [engine.syntax(query) for query in drawn]
        engine.close()
        print(f"{len(records):,} documents, {len(queries)} queries; a second: by the clock / by the processor's time")
        print(f"{'':14}{'first':>17}{'words known':>17}{'again':>17}{'µs p50 /p95':>18}{'bytes':>8}{'pace µs':>12}")
        rate = 0.0
        for way, chosen in WAYS.items():
            figures = measure(index, queries, chosen)
            print(report(way, figures), flush=True)
            rate = rate or figures["rates"]["again"][1]
    return 0 if rate >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
