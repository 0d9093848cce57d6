"""What the core passes over because it cannot be among the best: the answer is the one of a search that counts every document."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from naidi import FieldParameters, RankingParameters, Searcher
from naidi.indexer import core
from naidi.search.ranking.core_page import CoreWords, core_words_of
from test_core import WEIGHTS, WORDS, made

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

_FEW = replace(RankingParameters(), rescored=5)
PARAMETERS = {
    "as they are": RankingParameters(),
    "few": _FEW,
    "uneven": replace(
        _FEW, lemma_weight=0.9, stem_weight=0.2, shared_lemmas=0.6, idf_power=1.0, text=FieldParameters(0.7, 0.3, 1.5)
    ),
    "no lengths": replace(_FEW, text=FieldParameters(1.2, 0.0, 1.0), title=FieldParameters(0.0, 1.0, 0.7)),
    "lengths alone": replace(_FEW, text=FieldParameters(1.2, 1.0, 1.0)),
    "no text": replace(_FEW, text=FieldParameters(1.2, 0.7, 0.0)),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More documents than several windows have; some deleted."""
    return made(tmp_path_factory.mktemp("index"), 3, (6000, 16000))


@pytest.fixture(params=PARAMETERS)
def words(index: Path, request: pytest.FixtureRequest) -> Iterator[CoreWords]:
    parameters = PARAMETERS[request.param]
    with Searcher(index, parameters=parameters) as searcher:
        found = core_words_of(searcher._opened().collection, parameters)
        assert found is not None
        yield found


def test_the_best_are_the_same(words: CoreWords) -> None:
    chance = random.Random(1)
    core_words = words.core
    own = [core_words.word((word,), word if chance.random() < 0.7 else None) for word in WORDS for _ in range(2)]
    own += [core_words.word(tuple(chance.sample(WORDS, 3)), None) for _ in range(10)]
    own += [core_words.beginning((word[:2],)) for word in WORDS]
    weights = [*(2 * weight for weight in WEIGHTS for _ in range(2)), *([20] * (len(own) - 2 * len(WORDS)))]
    passed_over = 0
    for number in range(600):
        slots = []
        for word in chance.choices(own, weights, k=chance.choice([1, 1, 2, 3, 5, 20])):
            others = chance.choices(own, weights, k=chance.choice([0, 0, 0, 2]))
            slots.append(
                (
                    word,
                    chance.choice([1.0, 1.0, 3.0, 0.0]),
                    *(part for other in others for part in (other, chance.random())),
                )
            )
        asked = tuple(slots)
        k, rescored = chance.choice([1, 3, 10, 200]), chance.choice([0, 5, 100])
        total, expected = core_words.best(asked, False, k, rescored)
        for fewest in (0, 10**9):
            core_words.fewest_bounded = fewest
            found_any, found = core_words.best_ids(asked, False, k, rescored)
            assert [score for _, score in found] == [score for _, _, score in expected], number
            segments = words._collection.segments
            assert [doc_id for doc_id, _ in found] == [segments[part].doc_id(doc) for part, doc, _ in expected], number
            assert bool(found_any) == bool(total)
            if fewest == 0:
                passed_over += found_any < total
    assert passed_over > 100


def test_the_bound_is_one_of_postings(words: CoreWords) -> None:
    """Below it all documents are looked at."""
    the = words.core.word(("the",), None)
    total, _ = words.core.best(((the, 1.0),), False, 3, 0)
    for fewest, is_whole in ((the.postings, False), (the.postings + 1, True)):
        words.core.fewest_bounded = fewest
        found_any, _ = words.core.best_ids(((the, 1.0),), False, 3, 0)
        assert (found_any == total) == is_whole, (fewest, found_any, total)


def test_the_best_of_a_phrase_are_the_same(words: CoreWords) -> None:
    """Of a phrase more documents are candidates than are gathered at once."""
    core_words = words.core
    the, of, others = (core_words.word((word,), None) for word in ("the", "of", "all"))
    segments = words._collection.segments
    for parts, slop in (((the, of), 0), ((of, the), 3), ((the, of, the), 0), ((the, others), 5), ((others, of), 30)):
        phrase = core_words.phrase(parts, slop)
        for k in (1, 10, 50):
            total, expected = core_words.best(((phrase, 1.0),), False, k, 0)
            found_any, found = core_words.best_phrase_ids(parts, slop, k)
            assert [doc_id for doc_id, _ in found] == [segments[part].doc_id(doc) for part, doc, _ in expected], (
                slop,
                k,
            )
            assert [score for _, score in found] == pytest.approx([score for _, _, score in expected], abs=1e-9)
            assert 0 < found_any <= total
