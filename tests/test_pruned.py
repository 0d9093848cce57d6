"""The best documents of optional words, by leaving out what cannot be among them, against looking at all."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from naidi import Document, Writer, open_index
from naidi.search.collection import Collection
from naidi.search.ranking import pruned, word_lists
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.pruned import Bounded, WeightedLists, at_least, split_by_bound
from naidi.search.searcher import Searcher

pytestmark = pytest.mark.usefixtures("without_core")  # which has other ways

WORDS = ["the", "of", "вакцина", "вакцины", "вакцинация", "search", "searches", "engine", "and", "мир", "миры", "rare"]


@contextmanager
def eager(fewest_saved: int = -(10**9), sample: int = 16) -> Iterator[None]:
    """Words are left out of queries as small as those of these tests, where it does not pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_lists, "FEWEST_POSTINGS", 1)
        patch.setattr(pruned, "_FEWEST_SAVED", fewest_saved)
        patch.setattr(pruned, "_POSTINGS_A_LOOKUP", 0)
        patch.setattr(pruned, "_MANY", 4 * sample)
        patch.setattr(pruned, "_SAMPLE", sample)
        yield


def without_nearness() -> RankingParameters:
    """With it the best hundred are wanted, not the best few."""
    parameters = RankingParameters()
    return replace(parameters, pair=replace(parameters.pair, weight=0.0))


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
    return Searcher(directory, parameters=without_nearness())


@pytest.mark.parametrize("fewest_saved", [-(10**9), 0, 4096])
@pytest.mark.parametrize("limit", [1, 10, 150, 2000])
def test_ids_are_those_of_a_search(searcher: Searcher, fewest_saved: int, limit: int) -> None:
    chance = random.Random(limit)
    with eager(fewest_saved):
        for _ in range(8):
            query = " ".join(chance.sample(WORDS, chance.randint(1, 5)))
            whole = searcher.search(query, limit, snippets=0)
            quick = searcher.search(query, limit, snippets=0, count_all=False)
            expected = [(hit.id, pytest.approx(hit.score, rel=1e-9)) for hit in whole.hits]
            assert searcher.search_ids(query, limit) == expected, query
            assert [(hit.id, hit.score) for hit in quick.hits] == expected
            assert whole.total_is_exact and quick.total <= whole.total
            assert quick.total >= min(len(whole.hits), 1)


@contextmanager
def noted_bounds() -> Iterator[list[tuple[Sequence[Bounded], int, int]]]:
    """Whenever words are split into those that are scored first and the rest: what is known of them, how many documents are wanted,
    and how many words are the rest."""
    noted: list[tuple[Sequence[Bounded], int, int]] = []

    def note(terms: Sequence[Bounded], k: int) -> tuple[list[WeightedLists], list[WeightedLists], float]:
        first, rest, more = split_by_bound(terms, k)
        noted.append((terms, k, len(rest)))
        return first, rest, more

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_lists, "split_by_bound", note)
        yield noted


@pytest.mark.parametrize("searcher", ["no nearness"], indirect=True)
def test_common_words_are_left_out(searcher: Searcher) -> None:
    """That it pays is for benchmarks; that it happens at all is for this test."""
    with eager(), noted_bounds() as noted:
        for query in ("engine the", "миры of the", "search and the"):
            searcher.search_ids(query, 3)
    assert any(left_out for _, _, left_out in noted)


bodies = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
boosted_words = st.tuples(st.sampled_from(WORDS), st.sampled_from([1.0, 1.0, 0.25, 4.0]))


@settings(max_examples=40)
@given(
    st.lists(bodies, min_size=3, max_size=25),
    st.lists(boosted_words, min_size=2, max_size=4, unique_by=lambda word: word[0]),
    st.integers(1, 6),
)
@example(["search", "search and search", "engine and", "engine"], [("search", 0.25), ("engine", 4.0), ("and", 1.0)], 2)
@example(["the", "the the", "the the the of"], [("the", 1.0), ("of", 1.0), ("вакцина", 1.0)], 2)
def test_no_document_scores_above_the_bound_of_a_word(texts: list[str], query: list[tuple[str, float]], k: int) -> None:
    """And as many as are wanted score no less than the word says; both when it is asked for the first time and when it is known."""
    words = [f"{word}^{boost}" for word, boost in query]
    with tempfile.TemporaryDirectory() as directory:
        with Writer(directory) as writer:
            writer.add_many(Document(id=f"{n:02}", text=text, language="en") for n, text in enumerate(texts))
        with Searcher(directory, parameters=without_nearness()) as searcher, eager(), noted_bounds() as noted:
            asked = searcher.search(" ".join(words), len(texts), exact=True, snippets=0)
            best = [(hit.id, pytest.approx(hit.score, rel=1e-9)) for hit in asked.hits[:k]]
            scores = [[hit.score for hit in searcher.search(word, 100, exact=True, snippets=0).hits] for word in words]
            for _ in range(3):
                assert searcher.search_ids(" ".join(words), k, exact=True) == best
    assert len(noted) == (3 if asked.hits else 0)
    for bounds, wanted, _ in noted:
        assert (len(bounds), wanted) == (len(words), k)
        for bound, of_word in zip(bounds, scores, strict=True):
            assert max(of_word, default=0.0) <= bound.most * (1 + 1e-9)
            assert not bound.kth or sum(score >= bound.kth * (1 - 1e-9) for score in of_word) >= k
    # From the second time on the bound of a word is the best score that there is.
    for bound, of_word in zip(noted[-1][0] if noted else (), scores if noted else (), strict=True):
        assert bound.most == pytest.approx(max(of_word, default=0.0))


@given(st.lists(st.integers(0, 50), max_size=400), st.integers(1, 60), st.integers(1, 16))
@settings(max_examples=100)
def test_at_least(values: list[int], count: int, sample: int) -> None:
    with eager(sample=sample):
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
        patch.setattr("naidi.search.segments_state.best_page", stop_half_way)
        with pytest.raises(IndexError, match="out of bounds"):
            searcher.search_ids("engine rare", 50)
    assert searcher.search_ids("engine rare", 50) == expected
