"""All documents of a query, told by the core, against those of the modules; and the best of many with equal sort keys."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, RankingParameters, Searcher, Writer, field, fields
from naidi.indexer import core
from naidi.search.answer import answer_to
from naidi.search.collection import Collection
from naidi.search.question import Question
from naidi.search.ranking.core_page import core_words_of
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.top_k import top_k
from naidi.search.segments_state import SegmentsState

needs_core = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
NUMBER = 240
WORDS = ["vaccination", "documents", "лекарства", "лекарство", "казахстан", "казахстанский", "treasury", "bonds", "the"]
QUERIES = [
    "vaccination", "the documents", "the AND documents AND bonds", '"the documents"', '"bonds the"~3', "каз*",
    "лекарство казахстан",
    "the -bonds", "+the bonds", "(the OR bonds) AND documents", "title:the", "=documents", "the^3 bonds", "*", "nowhere",
]  # fmt: skip


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """Three segments, with deleted documents."""
    directory, chance = tmp_path_factory.mktemp("found") / "index", random.Random(7)
    with Writer(directory, schema={"price": fields.Number(), "team": fields.Keyword()}) as writer:
        for part in range(3):
            for number in range(NUMBER // 3):
                text = " ".join(chance.choices(WORDS, k=chance.randrange(1, 9)))
                given = {"price": chance.randrange(9), "team": chance.choice("abc")}
                writer.add(Document(f"{part}-{number}", text, "the title", fields=given))
            writer.commit()
        for number in range(0, NUMBER // 3, 7):
            writer.delete(f"1-{number}")
        writer.commit()
    with Searcher(directory) as found:
        yield found


@needs_core
@pytest.mark.parametrize(
    "options", [{}, {"where": {"team": "a"}}, {"where": field("price") < 5, "mode": "all"}], ids=repr
)
def test_the_core_finds_what_the_modules_find(searcher: Searcher, options: dict[str, Any]) -> None:
    collection, parameters = Collection(searcher.generation), RankingParameters()
    told = 0
    for query in QUERIES:
        answer = answer_to(
            SegmentsState(collection, parameters), Question.of(query, 10, **options), count_all=True, tell=False
        )
        if answer.root is None:
            continue
        evaluation, plain = (Evaluation(collection, answer.root, parameters) for _ in range(2))
        told += evaluation.is_found_by_core
        for number in range(len(collection.views)):
            found = evaluation.found(number)
            docs, scores = plain.segment(number)
            assert np.array_equal([] if found is None else found.docs, docs), query
            assert found is None or found.scores == pytest.approx(scores), query
    assert told >= 7


@needs_core
def test_the_core_refuses_what_makes_no_sense(searcher: Searcher) -> None:
    words = core_words_of(Collection(searcher.generation), RankingParameters())
    assert words is not None
    word = words.core.word(("the",), None)
    masks = tuple(np.ones(NUMBER // 3, bool) for _ in range(3))
    assert len(words.core.found(((word, 1.0),), False, masks)) == len(words.core.found(((word, 1.0),), True)) > 0
    assert words.core.found(((word, 1.0),), False, tuple(np.zeros(NUMBER // 3, bool) for _ in range(3))) == b""
    for slots, allowed in [
        ((), None),
        (((word,),), None),
        (((word, 1.0),), masks[:2]),
        (((word, 1.0),), (masks[0][1:],) * 3),
    ]:
        with pytest.raises((TypeError, ValueError)):
            words.core.found(slots, False, allowed)


def test_pages_by_fields_and_functions_are_those_of_the_modules(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> list[Any]:
        found: list[Any] = []
        for query in QUERIES:
            for options in (
                {"sort": ["-price", "team"]},
                {"only": lambda doc_id: doc_id.endswith("3")},
                {"sort": "price"},
            ):
                results = searcher.search(query, 20, facets=["team", field("price").by(2)], explain=True, **options)
                shown = searcher.search(query, 20, **options)
                assert [(hit.id, hit.snippets) for hit in shown] == [(hit.id, hit.snippets) for hit in results]
                ids = [doc_id for doc_id, _ in searcher.search_ids(query, 20, **options)]
                assert ids == [hit.id for hit in results]
                found.append(([hit.id for hit in results], results.total, results.facets))
        return found

    quick = answers()
    monkeypatch.setattr(core, "is_used", False)
    assert quick == answers()


@settings(max_examples=examples(200))
@given(st.integers(0, 2**30), st.integers(1, 40), st.integers(1, 3_000), st.integers(1, 30))
def test_equal_sort_keys_come_in_the_order_of_ids(seed: int, k: int, count: int, distinct: int) -> None:
    draw = np.random.default_rng(seed)
    keys, ranks = draw.integers(0, distinct, count).astype(np.float64), draw.permutation(count)
    expected = np.lexsort((ranks, -keys))[:k]
    assert np.array_equal(top_k(keys, k, lambda places: ranks[places]), expected)
