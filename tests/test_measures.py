"""The measures of benchmarks/quality/quality.py against values worked out by hand."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shared import measures

GRADED = {"best": 3, "good": 2, "fair": 1, "bad": 0, "worse": -1}


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        # The ideal DCG is 3/1 + 2/1.58496 + 1/2 = 4.76186 (log2 of 2, 3 and 4).
        (["best", "good", "fair"], 1.0),
        (["good", "unknown", "best"], (2 + 3 / 2) / 4.76186),
        (["bad", "fair"], (1 / 1.58496) / 4.76186),
        (["worse", "best"], (3 / 1.58496) / 4.76186),
        (["unknown"] + [f"u{n}" for n in range(8)] + ["best"], (3 / 3.45943) / 4.76186),  # rank 10: log2 of 11
        (["unknown"] + [f"u{n}" for n in range(9)] + ["best"], 0.0),  # rank 11 is too deep
        ([], 0.0),
    ],
)
def test_ndcg(ranking: list[str], expected: float) -> None:
    assert measures.ndcg(ranking, GRADED) == pytest.approx(expected, abs=1e-5)


def test_ideal_ranking_of_many_relevant_documents_is_cut_too() -> None:
    judgements = {f"d{n}": 1 for n in range(30)}
    assert measures.ndcg([f"d{n}" for n in range(10)], judgements) == pytest.approx(1.0)
    # Only the first of ten places is filled: 1 / (1 + 1/log2(3) + ... + 1/log2(11)), the sum being 4.54356.
    assert measures.ndcg(["d0"], judgements) == pytest.approx(1 / 4.54356, abs=1e-5)


def test_reciprocal_rank() -> None:
    nothing = [f"u{n}" for n in range(10)]
    assert measures.reciprocal_rank(["unknown", "bad", "fair", "best"], GRADED) == pytest.approx(1 / 3)
    assert measures.reciprocal_rank([*nothing[:9], "best"], GRADED) == pytest.approx(1 / 10)
    assert measures.reciprocal_rank([*nothing, "best"], GRADED) == 0
    assert measures.reciprocal_rank(["worse", "bad"], GRADED) == 0


def test_recall() -> None:
    nothing = [f"u{n}" for n in range(99)]
    assert measures.recall(["good", "bad", "best"], GRADED) == pytest.approx(2 / 3)
    assert measures.recall([*nothing, "best"], GRADED) == pytest.approx(1 / 3)
    assert measures.recall([*nothing, "bad", "best"], GRADED) == 0


def test_means_count_every_judged_query_and_no_other() -> None:
    judgements = {"found": {"a": 1}, "second": {"a": 2}, "unanswered": {"a": 1}, "nothing relevant": {"a": 0}}
    rankings = {"found": ["a"], "second": ["b", "a"], "nothing relevant": ["a"], "without judgements": ["a"]}
    assert measures.quality(rankings, judgements) == pytest.approx(((1 + 1 / log2(3)) / 3, 1.5 / 3, 2 / 3, 3))


def test_no_judged_query_is_an_error() -> None:
    with pytest.raises(ValueError, match="no query"):
        measures.quality({"q": ["a"]}, {"q": {"a": 0}})


@pytest.mark.parametrize("name", ["ndcg", "reciprocal_rank", "recall"])
def test_a_document_ranked_twice_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        getattr(measures, name)(["best", "bad", "best"], GRADED)


_IDS = [f"d{n}" for n in range(15)]


@given(st.permutations(_IDS), st.dictionaries(st.sampled_from(_IDS), st.integers(-1, 4), min_size=1))
def test_bounds_and_the_ideal_order(ranking: list[str], judgements: dict[str, int]) -> None:
    ideal = sorted(_IDS, key=lambda doc: -judgements.get(doc, 0))
    best = measures.ndcg(ideal, judgements)
    assert best == pytest.approx(1.0 if max(judgements.values()) > 0 else 0.0)
    assert 0 <= measures.ndcg(ranking, judgements) <= best + 1e-12
    assert measures.recall(ranking, judgements) in (0.0, 1.0)  # all documents are ranked
