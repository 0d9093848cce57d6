"""The load that tests of failover make: it must not take a failure for a success."""

from __future__ import annotations

import threading
import time

import pytest

from tests.opensearch_load import Answer, Load, summarise


def test_each_answer_is_noted() -> None:
    asked = []

    def question(number: int) -> bool:
        asked.append(number)
        if number % 10 == 3:
            raise OSError("no\nconnection")
        return number % 10 != 4

    with Load(question, threads=3, pause=0.001) as load:
        load.wait_for(100)
    answers = load.answers
    assert len(answers) >= 100 and sorted(asked) == list(range(len(answers)))
    summary = load.summary()
    assert summary.answers == len(answers)
    assert summary.wrong == sum(number % 10 == 4 for number in asked)
    assert summary.errors == {"OSError: no": sum(number % 10 == 3 for number in asked)}
    assert summary.bad == summary.wrong + summary.errors["OSError: no"]
    assert not [each for each in threading.enumerate() if each.name.endswith("(_ask)")]


def test_threads_ask_at_once() -> None:
    both = threading.Barrier(2)

    def question(number: int) -> bool:
        both.wait(10)  # breaks if one asks after the other
        return True

    with Load(question, threads=2) as load:
        load.wait_for(2)
        both.abort()
    assert load.answers[0].what == load.answers[1].what == "ok"


def test_only_what_came_since() -> None:
    state = ["before"]
    with Load(lambda number: state[0] == "after", threads=1, pause=0.001) as load:
        load.wait_for(5)
        state[0] = "after"
        time.sleep(0.05)
        since = time.monotonic()
        load.wait_for(5)
    assert load.summary().wrong >= 5 and load.summary(since).wrong == 0
    assert load.summary(since).answers < load.summary().answers
    with pytest.raises(ValueError, match="nothing was asked"):
        load.summary(time.monotonic() + 1)


def test_a_question_that_never_ends_is_told() -> None:
    go_on = threading.Event()
    with Load(lambda number: go_on.wait(), threads=1) as load:
        with pytest.raises(TimeoutError, match="1 of 1 answers are missing"):
            load.wait_for(1, seconds=0.1)
        go_on.set()


def test_a_summary() -> None:
    summary = summarise(
        [Answer(0, 0.010, "ok"), Answer(1, 0.020, "wrong"), Answer(2, 0.050, "ok"), Answer(3, 1, "OSError: x")]
    )
    assert (summary.answers, summary.wrong, summary.errors, summary.bad) == (4, 1, {"OSError: x": 1}, 2)
    assert (summary.median_ms, summary.slowest_ms) == (35, 1000)
    assert summary.longest_gap == pytest.approx(2.04)
    assert str(summary) == (
        "4 answers, 1 wrong, 1 failed; median 35.0, p99 1000, slowest 1000 ms; "
        "longest time without a right answer 2.04 s\n  1 x OSError: x"
    )
