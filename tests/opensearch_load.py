"""Threads that ask again and again, and a note of each answer: what do users see while nodes are killed?

with Load(question, threads=4) as load:
    load.wait_for(500)
    cluster.kill(1)
    load.wait_for(500)
print(load.summary())
assert load.summary().bad == 0
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Answer(NamedTuple):
    """started: by time.monotonic(). seconds: how long it took. what: "ok", "wrong", or the error in one line."""

    started: float
    seconds: float
    what: str


class Summary(NamedTuple):
    """Of the answers of some time. Milliseconds are those of all answers, good and bad.

    errors: how often each error was seen.
    longest_gap: the most seconds in which no right answer came, over all threads.
    """

    answers: int
    wrong: int
    errors: dict[str, int]
    median_ms: float
    p99_ms: float
    slowest_ms: float
    longest_gap: float

    @property
    def bad(self) -> int:
        return self.wrong + sum(self.errors.values())

    def __str__(self) -> str:
        failed = "".join(f"\n  {count} x {error}" for error, count in self.errors.items())
        return (
            f"{self.answers} answers, {self.wrong} wrong, {sum(self.errors.values())} failed; "
            f"median {self.median_ms:.1f}, p99 {self.p99_ms:.0f}, slowest {self.slowest_ms:.0f} ms; "
            f"longest time without a right answer {self.longest_gap:.2f} s{failed}"
        )


class Load:
    """Asks from `threads` threads between `with` and its end.

    question: is called with a number that grows, another for each call; says whether the answer is right. An exception is an error
    that a user would have seen.
    pause: seconds that a thread waits between two questions.
    """

    def __init__(self, question: Callable[[int], bool], threads: int = 2, pause: float = 0.0) -> None:
        self._question, self._pause = question, pause
        self._numbers = iter(range(10**12))  # next() of a range is one step, which threads cannot share
        self._answers: list[Answer] = []
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(threads)]

    @property
    def answers(self) -> list[Answer]:
        """All so far, in the order in which they came."""
        return self._answers[:]

    def wait_for(self, count: int, seconds: float = 120) -> None:
        """Returns when `count` more answers have come. Raises TimeoutError after `seconds`."""
        wanted, end = len(self._answers) + count, time.monotonic() + seconds
        while len(self._answers) < wanted:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"{wanted - len(self._answers)} of {count} answers are missing after {seconds:.0f} s"
                )
            time.sleep(0.01)

    def summary(self, since: float = float("-inf")) -> Summary:
        """Of the answers that came at or after `since`, by time.monotonic(). Raises ValueError if there are none."""
        return summarise([each for each in self.answers if each.started + each.seconds >= since])

    def _ask(self) -> None:
        while not self._ends.is_set():
            number, started = next(self._numbers), time.monotonic()
            try:
                what = "ok" if self._question(number) else "wrong"
            except Exception as error:
                what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._answers.append(Answer(started, time.monotonic() - started, what))
            self._ends.wait(self._pause)

    def __enter__(self) -> Load:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for each in self._threads:
            each.join()


def summarise(answers: Sequence[Answer]) -> Summary:
    """Raises ValueError if there are none: nothing asked is no success."""
    if not answers:
        raise ValueError("nothing was asked")
    spent = sorted(1000 * each.seconds for each in answers)
    what = Counter(each.what for each in answers)
    right = sorted(each.started + each.seconds for each in answers if each.what == "ok")
    ends = [min(each.started for each in answers), *right, max(each.started + each.seconds for each in answers)]
    return Summary(
        answers=len(answers),
        wrong=what.pop("wrong", 0),
        errors={error: count for error, count in what.most_common() if error != "ok"},
        median_ms=statistics.median(spent),
        p99_ms=spent[min(int(len(spent) * 0.99), len(spent) - 1)],
        slowest_ms=spent[-1],
        longest_gap=max(later - earlier for earlier, later in itertools.pairwise(ends)),
    )
