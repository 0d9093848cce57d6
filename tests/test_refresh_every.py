"""A searcher that looks for newer states by itself: when it does, what others see meanwhile, what happens if it fails."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import Document, InvalidQuery, Searcher, Writer, open_index
from naidi.search import hits as hits_module
from naidi.search import searcher as searcher_module
from naidi.search.segments_state import SegmentsState


def add(index: Path, *names: str) -> None:
    with Writer(index) as writer:
        writer.add_many([Document(id=name, text=f"vaccine {name}") for name in names])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that searchers see, to be set."""
    now = [1000.0]

    class Time:
        perf_counter = staticmethod(time.perf_counter)

        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(searcher_module, "time", Time)
    return now


def test_it_looks_when_it_is_asked_and_no_more_often(index: Path, clock: list[float], monkeypatch: Any) -> None:
    add(index, "a")
    looks = []
    is_newest = Searcher._is_newest
    monkeypatch.setattr(Searcher, "_is_newest", lambda *given: looks.append(clock[0]) or is_newest(*given))
    with open_index(index, refresh_every=10) as searcher:
        add(index, "b")
        assert searcher.search("vaccine").total == 1
        clock[0] += 9.9
        assert searcher.search("vaccine").total == len(searcher) == 1 and not looks
        clock[0] += 0.2
        assert searcher.search("vaccine").total == 2
        add(index, "c")
        assert len(searcher.search_ids("vaccine")) == 2 and looks == [1010.1]
        clock[0] += 5
        assert searcher.refresh() and searcher.search("vaccine").total == 3
        clock[0] += 9  # counted from the last look, whoever asked for it
        add(index, "d")
        assert searcher.search("vaccine").total == 3 and len(looks) == 2
        clock[0] += 2
        assert searcher.search("vaccine").total == 4


@pytest.mark.parametrize(
    "ask",
    [
        lambda searcher: searcher.search("vaccine").total,
        lambda searcher: searcher.search("vaccine", snippets=0).total,
        lambda searcher: len(searcher.search_ids("vaccine")),
        lambda searcher: searcher.similar("a").total + 1,
        lambda searcher: searcher.suggest("vac")[0].doc_freq,
        lambda searcher: searcher.doc_count,
        len,
        lambda searcher: len(list(searcher.ids())),
        lambda searcher: 1 + ("b" in searcher),
        lambda searcher: 2 * (searcher.get("b").id == "b"),
    ],
)
def test_every_question_moves_it_on(index: Path, ask: Any) -> None:
    add(index, "a")
    with open_index(index, refresh_every=0) as searcher:
        add(index, "b")
        assert ask(searcher) == 2


def test_without_it_nothing_moves(index: Path) -> None:
    add(index, "a")
    with open_index(index) as searcher:
        add(index, "b")
        assert searcher.search("vaccine").total == 1


@pytest.mark.parametrize("wrong", [-1, float("nan"), "5", True])
def test_what_is_no_interval_is_refused(index: Path, wrong: Any) -> None:
    add(index, "a")
    with pytest.raises(InvalidQuery, match="refresh_every must be a number of seconds from 0"):
        open_index(index, refresh_every=wrong)


def test_others_go_on_while_one_refreshes(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(index, "a")
    searcher = open_index(index, refresh_every=0)
    assert searcher.search("vaccine").total == 1
    add(index, "b")
    opening, may_go = threading.Event(), threading.Event()
    opened = Searcher._open

    def slowly(self: Searcher, before: Any) -> Any:
        opening.set()
        assert may_go.wait(30)
        return opened(self, before)

    monkeypatch.setattr(Searcher, "_open", slowly)
    found: list[int] = []
    first = threading.Thread(target=lambda: found.append(searcher.search("vaccine").total))
    first.start()
    assert opening.wait(30)
    others = [threading.Thread(target=lambda: found.append(len(searcher.search_ids("vaccine")))) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join(30)
    assert found == [1, 1, 1, 1], "they are answered from the old state, and do not wait"
    may_go.set()
    first.join(30)
    assert found[-1] == 2
    searcher.close()


def test_a_refresh_that_fails_is_logged_and_fails_no_search(
    index: Path, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    add(index, "a")
    with open_index(index, refresh_every=10) as searcher:
        assert searcher.search("vaccine").total == 1
        os.rename(index, index.with_name("away"))
        clock[0] += 11
        with caplog.at_level(logging.WARNING, logger="naidi"):
            assert searcher.search("vaccine").total == 1
            assert searcher.search("vaccine").total == 1
        (record,) = caplog.records
        assert record.name == "naidi.search" and "goes on to answer" in record.getMessage()
        assert "IndexMissing" in record.getMessage() and str(index) in record.getMessage() and record.exc_info is None
        os.rename(index.with_name("away"), index)
        add(index, "b")
        clock[0] += 11
        assert searcher.search("vaccine").total == 2


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")
def test_old_states_are_let_go_at_once(
    index: Path,
    no_collector: None,
    clock: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def held() -> int:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        numbers = os.listdir("/proc/self/fd")
        opened = [
            os.path.realpath(f"/proc/self/fd/{number}") for number in numbers
        ]  # tables of words are opened once, too
        return sum(str(index) in line for line in (*maps, *opened))

    add(index, "a")
    before = held()
    searcher = open_index(index, refresh_every=10)
    one = held() - before
    for number in range(5):
        with Writer(index, rebuild=True) as writer:
            writer.add(Document(id="a", text=f"vaccine {number}"))
        clock[0] += 11
        assert searcher.search("vaccine").hits[0].snippets[0].text.endswith(str(number))
        assert held() - before == one
    with Writer(index, rebuild=True) as writer:
        writer.add(Document(id="a", text="vaccine"))
    monkeypatch.setattr(SegmentsState, "prepare", lambda *_: 1 / 0)
    monkeypatch.setattr(Searcher, "_tell", lambda *_: 1 / 0)  # the newer state is open, and then something goes wrong
    clock[0] += 11
    searcher.search("vaccine")
    assert caplog.records
    searcher.close()
    assert held() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.skipif(sys.version_info >= (3, 12) and threading.active_count() > 1, reason="fork warns beside threads")
def test_a_forked_child_follows_by_itself(index: Path) -> None:
    add(index, "a")
    with open_index(index, refresh_every=0) as searcher:
        assert searcher.search("vaccine").total == 1
        add(index, "b")
        with searcher._changing():  # as while another thread refreshes
            child = os.fork()
            if not child:
                signal.alarm(30)
                os._exit(0 if searcher.search("vaccine").total == 2 else 1)
            assert searcher.search("vaccine").total == 1
        assert os.waitpid(child, 0)[1] == 0
        assert searcher.search("vaccine").total == 2


# -- queries that warm a state


def test_a_state_is_warmed_before_it_is_taken(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(index, "a")
    with open_index(index) as searcher:
        asked: list[tuple[str, int, int]] = []
        search = Searcher.search

        def noted(self: Searcher, query: str, *given: Any, **named: Any) -> Any:
            asked.append((query, len(self), len(searcher)))
            return search(self, query, *given, **named)

        monkeypatch.setattr(Searcher, "search", noted)
        assert not searcher.refresh(warm=["vaccine"]) and not asked, "there is no newer state"
        add(index, "b")
        assert searcher.refresh(warm=(query for query in ("vaccine", "вакцина")))
        assert asked == [("vaccine", 2, 1), ("вакцина", 2, 1)]
        assert searcher.search("vaccine").total == 2


def test_warm_queries_are_checked_first(index: Path) -> None:
    add(index, "a")
    with open_index(index) as searcher:
        add(index, "b")
        for wrong in ("vaccine", [5]):
            with pytest.raises(InvalidQuery, match="warm must be a list of queries"):
                searcher.refresh(warm=wrong)  # type: ignore[arg-type]
        assert searcher.doc_count == 1


def test_a_state_that_cannot_answer_is_not_taken(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(index, "a")
    with open_index(index) as searcher:
        add(index, "b")
        monkeypatch.setattr(hits_module, "hits_of", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            searcher.refresh(warm=["vaccine"])
        monkeypatch.undo()
        assert searcher.search("vaccine").total == 1 and searcher.refresh() and searcher.search("vaccine").total == 2
