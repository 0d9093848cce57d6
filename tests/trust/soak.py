"""Long use: one writer, readers in processes and threads, each answer compared with a model in memory.

Method: state n of the index is a function of n and the seed, so every process can work it out. The writer makes state after
state: it adds, replaces, deletes and commits, at times rolls back, and opens a new Writer. Two reader processes of three
threads each share a Searcher, refresh it, and ask for a word and for the document that names the state, in one query: the
answer must be, document by document, that of the state it names, which never lies before one seen earlier. Other threads open
the index anew, run `verify`, or ask for suggestions. A second writer knocks and must be refused. Memory and descriptors of each
process are taken all along: they must not grow from the second quarter of the time to the last.

Counted: commits and answers.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import naidi
from naidi.indexer.state.generations import open_generation

from . import shim
from .check import Check, run_as_main

_WORDS = [f"слово{number}" for number in range(12)]
_IDS = 60
_GROWTH_MB = 30
_GROWTH_DESCRIPTORS = 40  # three threads of a reader may each be on a state of nine segments


class Model:
    """The states, worked out one after another: id -> (version, words)."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._states: list[dict[str, tuple[int, frozenset[str]]]] = [{}]

    def step(self, number: int) -> tuple[dict[str, tuple[int, frozenset[str]]], list[str]]:
        """(documents added, ids deleted) from state number - 1 to `number`."""
        choice = random.Random(f"{self._seed} {number}")
        added = {
            f"d{choice.randrange(_IDS)}": (number, frozenset(choice.sample(_WORDS, 3)))
            for _ in range(choice.randint(0, 4))
        }
        deleted = [f"d{choice.randrange(_IDS)}" for _ in range(choice.randint(0, 3))]
        return added, [doc_id for doc_id in deleted if doc_id not in added]

    def state(self, number: int) -> dict[str, tuple[int, frozenset[str]]]:
        with self._lock:
            while len(self._states) <= number:
                added, deleted = self.step(len(self._states))
                state = {**self._states[-1], **added}
                for doc_id in deleted:
                    state.pop(doc_id, None)
                self._states.append(state)
            return self._states[number]


def _document(doc_id: str, version: int, words: frozenset[str]) -> naidi.Document:
    return naidi.Document(id=doc_id, text=" ".join(sorted(words)), title=f"v {version}", language="ru")


def _put(writer: naidi.Writer, model: Model, number: int) -> None:
    added, deleted = model.step(number)
    for doc_id, (version, words) in added.items():
        writer.add(_document(doc_id, version, words))
    for doc_id in deleted:
        writer.delete(doc_id)
    writer.add(naidi.Document(id="tick", text="tick", title=f"v {number}", language="en"))


class _Gauge:
    """Memory and descriptors of this process over time."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._seen: list[tuple[float, float, int]] = []

    def look(self) -> None:
        now = time.monotonic() - self._started
        if sys.platform.startswith("linux") and (not self._seen or now > self._seen[-1][0] + 0.2):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self._seen.append((now, pages * 4096 / 1e6, len(os.listdir("/proc/self/fd"))))

    def growth(self) -> list[float]:
        """[MB, descriptors]: the largest of the last quarter minus that of the second one."""
        whole = self._seen[-1][0] if self._seen else 0.0
        parts = [
            [row for row in self._seen if low <= row[0] / (whole or 1) <= high]
            for low, high in ((0.25, 0.5), (0.75, 1.0))
        ]
        if not all(parts):
            return [0.0, 0.0]
        return [max(row[place] for row in parts[1]) - max(row[place] for row in parts[0]) for place in (1, 2)]


def _read(index: Path, seed: int, until: float, number: int) -> object:
    """A reader process: [answers, failures, growth]."""
    model, gauge, failures, answers = Model(seed), _Gauge(), [], [0]
    searcher = naidi.open_index(index)

    def check_answer(choice: random.Random, asked: naidi.Searcher, seen: int) -> int:
        word = choice.choice(_WORDS)
        results = asked.search(
            f"{word} OR tick", limit=1_000, snippets=choice.choice((0, 0, 1)), exact=choice.random() < 0.5
        )
        found = {hit.id: int(hit.title.split()[-1]) for hit in results.hits}
        state = found.pop("tick")
        expected = {doc_id: version for doc_id, (version, words) in model.state(state).items() if word in words}
        if found != expected:
            failures.append(f"state {state}, {word}: {found} instead of {expected}")
        if state < seen:
            failures.append(f"back from state {seen} to {state}")
        if results.warnings:
            failures.append(f"state {state}: {results.warnings}")
        answers[0] += 1
        return state

    def follow(thread: int) -> None:
        choice, seen = random.Random(f"{seed} {number} {thread}"), 0
        while time.time() < until and len(failures) < 5:
            searcher.refresh()
            seen = check_answer(choice, searcher, seen)
            searcher.suggest("слов")
            gauge.look()

    def look_anew() -> None:
        choice, seen = random.Random(f"{seed} {number} new"), 0
        while time.time() < until and len(failures) < 5:
            with naidi.open_index(index) as opened:
                seen = check_answer(choice, opened, seen)
            generation = open_generation(index)
            if generation.damage is not None:
                failures.append(f"damage told: {generation.damage}")
            generation.verify()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(f"{type(error).__name__}: {error}")

        return run

    threads = [threading.Thread(target=guarded(work)) for work in (lambda: follow(1), lambda: follow(2), look_anew)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[0], failures[:5], gauge.growth()]


def _write(index: Path, model: Model, until: float, choice: random.Random, check: Check, gauge: _Gauge) -> None:
    number = 1
    while time.time() < until:
        writer = naidi.Writer(index)
        try:
            for _ in range(choice.randint(1, 20)):
                if choice.random() < 0.1:
                    _put(writer, model, number + choice.randint(1, 9))
                    writer.rollback()
                if choice.random() < 0.05:
                    try:
                        naidi.Writer(index, lock_timeout=0).close()
                        check.bad("a second writer is let in", f"state {number}")
                    except naidi.IndexLocked:
                        check.counts["second writers refused"] += 1
                number += 1
                _put(writer, model, number)
                writer.commit()
                check.counts["commits"] += 1
                gauge.look()
        finally:
            writer.close()


def run(check: Check) -> None:
    index = check.space / "index"
    seconds = min(check.seconds, 600.0)
    with naidi.Writer(index) as writer:
        model = Model(check.seed)
        _put(writer, model, 1)
    until = time.time() + seconds
    outcomes: list[shim.Outcome] = []
    gauge = _Gauge()

    def reader(number: int) -> Callable[[Callable[[], None]], object]:
        return lambda done: _read(index, check.seed, until, number)

    # Forked before this process has threads.
    children = [shim.start_child(reader(number), seconds=int(seconds) + 120) for number in range(2)]
    try:
        _write(index, model, until, random.Random(check.seed), check, gauge)
    except Exception as error:
        check.bad(f"the writer: {type(error).__name__}", str(error))
    finally:
        outcomes += [shim.end_child(child) for child in children]
    growths = [gauge.growth()]
    for outcome in outcomes:
        if outcome.error or outcome.signal or outcome.killed:
            check.bad("a reader process", str(outcome))
            continue
        answers, failures, growth = outcome.value  # type: ignore[misc]
        check.counts["tried"] += answers
        growths.append(growth)
        for failure in failures:
            check.bad(f"an answer: {failure.split(':')[0].split()[0]}", failure)
    for megabytes, descriptors in growths:
        if seconds >= 60 and megabytes > _GROWTH_MB:
            check.bad("memory grows", f"{megabytes:.0f} MB more in the last quarter than in the second")
        if descriptors > _GROWTH_DESCRIPTORS:
            check.bad("descriptors grow", f"{descriptors:.0f} more in the last quarter than in the second")
    check.counts["MB more at most"] = max(0, round(max(growth[0] for growth in growths)))
    with contextlib.suppress(naidi.IndexMissing):
        open_generation(index).verify()


if __name__ == "__main__":
    run_as_main("soak", run)
