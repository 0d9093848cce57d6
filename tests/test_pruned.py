"""The best documents of optional words, by leaving out what cannot be among them, against looking at all."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi import Document, Writer, open_index
from naidi.search.collection import Collection
from naidi.search.ranking import pruned
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.pruned import at_least
from naidi.search.searcher import Searcher

WORDS = ["the", "of", "вакцина", "вакцины", "вакцинация", "search", "searches", "engine", "and", "мир", "миры", "rare"]


@pytest.fixture(scope="module", params=["nearness", "no nearness"])
def searcher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """Two segments with deleted documents and one without; common words are in most documents."""
    directory: Path = tmp_path_factory.mktemp("index")
    chance = random.Random(7)
    weights = [60, 40, 9, 9, 3, 20, 5, 8, 50, 4, 4, 1]
    for part in range(3):
        with Writer(directory, flush_tokens=1_000_000) as writer:
            for number in range(300):
                words = chance.choices(WORDS, weights, k=chance.randint(1, 40))
                title = " ".join(words[:2]) if chance.random() < 0.3 else ""
                writer.add(Document(id=f"{part}-{number:03}", title=title, text=" ".join(words), language="en"))
            for number in range(0, 300, 9 if part else 1000):
                writer.delete(f"{part - 1}-{number:03}")
    if request.param == "nearness":
        return open_index(directory)
    # Without it the best few are wanted, not the best hundred.
    parameters = RankingParameters()
    return Searcher(directory, parameters=replace(parameters, pair=replace(parameters.pair, weight=0.0)))


@pytest.mark.parametrize("fewest_saved", [-(10**9), 0, 4096])
@pytest.mark.parametrize("limit", [1, 10, 150, 2000])
def test_ids_are_those_of_a_search(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch, fewest_saved: int, limit: int
) -> None:
    monkeypatch.setattr(pruned, "_FEWEST_SAVED", fewest_saved)
    monkeypatch.setattr("naidi.search.ranking.word_lists.FEWEST_POSTINGS", 0)
    monkeypatch.setattr(pruned, "_POSTINGS_A_LOOKUP", 0)
    monkeypatch.setattr(pruned, "_MANY", 64)
    monkeypatch.setattr(pruned, "_SAMPLE", 16)
    chance = random.Random(limit)
    for _ in range(40):
        query = " ".join(chance.sample(WORDS, chance.randint(1, 5)))
        whole = searcher.search(query, limit, snippets=0)
        quick = searcher.search(query, limit, snippets=0, count_all=False)
        expected = [(hit.id, pytest.approx(hit.score, rel=1e-9)) for hit in whole.hits]
        assert searcher.search_ids(query, limit) == expected, query
        assert [(hit.id, hit.score) for hit in quick.hits] == expected
        assert whole.total_is_exact and quick.total <= whole.total
        assert quick.total >= min(len(whole.hits), 1)


@pytest.mark.parametrize("searcher", ["no nearness"], indirect=True)
def test_common_words_are_left_out(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """That it pays is for benchmarks; that it happens at all is for this test."""
    monkeypatch.setattr(pruned, "_FEWEST_SAVED", -(10**9))
    monkeypatch.setattr("naidi.search.ranking.word_lists.FEWEST_POSTINGS", 0)
    left_out = []
    real = pruned.add_scores
    monkeypatch.setattr(
        "naidi.search.ranking.word_lists.add_scores",
        lambda docs, scores, rest: (left_out.append(len(rest)), real(docs, scores, rest))[1],
    )
    for query in ("engine the", "миры of the", "search and the"):
        searcher.search_ids(query, 3)
    assert any(left_out)


@given(st.lists(st.integers(0, 50), max_size=400), st.integers(1, 60), st.integers(4, 64))
@settings(max_examples=200)
def test_at_least(values: list[int], count: int, sample: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruned, "_MANY", sample)
        patch.setattr(pruned, "_SAMPLE", sample)
        places = at_least(np.array(values, np.float64), count).tolist()
    assert places == sorted(set(places))
    kept = sorted((values[place] for place in places), reverse=True)
    assert kept[:count] == sorted(values, reverse=True)[:count]
    left = set(range(len(values))) - set(places)
    assert not left or len(places) >= count
    assert all(values[place] <= kept[count - 1] for place in left)


@pytest.mark.parametrize("searcher", ["no nearness"], indirect=True)
def test_a_search_that_fails_leaves_nothing_behind_and_is_no_damage(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches of a thread share arrays of zeros; one that stops half-way must not change the scores of the next.

    A bug is told as the bug that it is: the files are as they were written."""
    expected = searcher.search_ids("engine rare", 50)

    def stop_half_way(collection: Collection, *_: object, **__: object) -> None:
        for view in collection.views:
            view.scratch()[:] = 7.0
            view.marks()[:] = True
        raise IndexError("out of bounds")

    with monkeypatch.context() as patch:
        patch.setattr("naidi.search.answer.best_page", stop_half_way)
        with pytest.raises(IndexError, match="out of bounds"):
            searcher.search_ids("engine rare", 50)
    assert searcher.search_ids("engine rare", 50) == expected
