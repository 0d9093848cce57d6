"""What is told of the help with a query: only what changes something, the surest first."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from naidi import Correction, Document, Searcher, Writer
from naidi.indexer.record import replace
from naidi.indexer.state.generations import open_generation
from naidi.search.answer import answer_to
from naidi.search.bridges.spelling import Suggestion
from naidi.search.bridges.spelling_confidence import LOG_SHARE_OF_TYPO, spelling_confidence
from naidi.search.collection import Collection
from naidi.search.corrections import LIKELY, MOST_SLIPS, SURE_NAME, in_order
from naidi.search.query.analysed import AnalysedNode, Bridged, Combination
from naidi.search.question import Question
from naidi.search.ranking.bm25 import FieldParameters, RankingParameters
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut
from naidi.search.results import Results
from naidi.search.segments_state import SegmentsState

WORDS = """
    WHO ВОЗ World Health Organization USA US США Токаев Tokayev Казахстан казахстанский казахстанец экспорт экспортный
    торговля торговец торговать China Китай китайский economy economist economic вакцина report the
""".split()  # noqa: SIM905
LIMITS = (1, 3, 10)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two segments of documents of few words, so that most have several words that mean the same."""
    place = tmp_path_factory.mktemp("told")
    chance = random.Random(4)
    with Writer(place) as writer:
        for number in range(120):
            words = chance.choices(WORDS, k=chance.randint(1, 12))
            title = " ".join(chance.choices(WORDS, k=chance.randint(0, 2)))
            writer.add(Document(f"{number}", " ".join(words), title))
            if number % 60 == 59:
                writer.commit()
    return place


@pytest.fixture(scope="module")
def collection(directory: Path) -> Collection:
    return Collection(open_generation(directory))


def queries() -> Iterator[str]:
    chance = random.Random(5)
    yield from ("WHO", "World Health Organization", "казахстанский", "Tokaev", "Китай торговля США", "title:США OR ВОЗ")
    for _ in range(150):
        yield " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))


def without_untold(node: AnalysedNode, corrections: tuple[Correction, ...]) -> AnalysedNode:
    """The query without the words that were searched for and are not told."""
    untold = {(one.original, one.replacement.casefold()) for one in corrections if not one.told}
    if isinstance(node, Combination):
        must, should = (
            tuple(without_untold(child, corrections) for child in nodes) for nodes in (node.must, node.should)
        )
        return replace(node, must=must, should=should)
    if isinstance(node, Bridged):
        kept = [
            other
            for other in node.alternatives
            if (node.own.typed_text, other.node.typed_text.casefold()) not in untold
        ]
        own = without_untold(node.own, corrections)
        return Bridged(own, tuple(kept)) if kept else own
    return node


def test_without_what_is_not_told_the_page_is_the_same(collection: Collection) -> None:
    """But for the bonus of neighbours: how rare a pair is, is counted among all that is found."""
    parameters = replace(RankingParameters(), pair=FieldParameters(k1=1.0, b=0.5, weight=0.0))
    told, untold, fewer = 0, 0, 0
    for query in queries():
        for limit in LIMITS:
            answer = answer_to(SegmentsState(collection, parameters), Question(query, limit), count_all=True, tell=True)
            assert answer.root is not None
            root = without_untold(answer.root, answer.corrections)
            page = best_page(collection, Evaluation(collection, root, parameters), PageCut(limit, 0), count_all=True)
            scores = [(number, doc, pytest.approx(score, rel=1e-8)) for number, doc, score in page.found]
            assert [tuple(one) for one in answer.page.found] == scores, (query, limit, answer.corrections)
            told += sum(one.told for one in answer.corrections)
            untold += sum(not one.told for one in answer.corrections)
            fewer += page.total < answer.page.total
    assert min(told, untold, fewer) > 50, "much is told, much is not, and some of that finds documents of other pages"


def test_the_core_knows_the_arms_of_a_page(collection: Collection) -> None:
    """Evaluation is the definition; where the core has found the page, it tells the arms."""
    parameters = RankingParameters()
    compared = 0
    for query in queries():
        answer = answer_to(SegmentsState(collection, parameters), Question(query, 10), count_all=True, tell=True)
        assert answer.root is not None and answer.evaluation is not None
        plain = Evaluation(collection, answer.root, parameters)
        plain.match()
        places = [(number, doc) for number, doc, _ in answer.page.found]
        for bridged in {id(bridged): bridged for bridged, _ in answer.root.bridges()}.values():
            expected = set().union(*(plain.best_arms(bridged, [place]) for place in places))
            assert plain.best_arms(bridged, places) == answer.evaluation.best_arms(bridged, places) == expected
            compared += answer.evaluation.core_words is not None and len(expected) > 1
    assert compared > 30 or answer.evaluation.core_words is None


def test_without_hits_all_is_told_since_their_number_is(directory: Path) -> None:
    with Searcher(directory) as searcher:
        for query in ("WHO", "Китай торговля США"):
            none, some = searcher.search(query, 0), searcher.search(query, 1)
            assert none.corrections and all(one.told for one in none.corrections)
            assert not all(one.told for one in some.corrections)
            behind = searcher.search(query, 10, offset=1000)
            assert not behind.hits and behind.corrections == none.corrections


# -- words that are offered


def told(results: Results) -> list[tuple[str, str, bool]]:
    return [(one.original, one.replacement, one.told) for one in results.corrections if one.action == "offered"]


@pytest.fixture
def slips(tmp_path: Path) -> Iterator[Searcher]:
    with Writer(tmp_path) as writer:
        for number in range(400):
            writer.add(Document(f"right-{number}", f"vaccination program {'pushing' if number < 300 else ''}"))
        for number in range(MOST_SLIPS):
            writer.add(Document(f"slip-{number}", "vaccinaton report"))
        for number in range(MOST_SLIPS + 1):
            writer.add(Document(f"more-{number}", "progrem report"))
            writer.add(Document(f"both-{number}", "pushin пушкин стихи"))
        for number in range(3):
            writer.add(Document(f"poet-{number}", "Стихи: Пушкин, поэма"))
        writer.commit()
    with Searcher(tmp_path) as searcher:
        yield searcher


def test_a_word_of_more_documents_is_no_slip(slips: Searcher) -> None:
    assert told(slips.search("vaccinaton")) == [("vaccinaton", "vaccination", True)]
    assert told(slips.search("progrem")) == [("progrem", "program", False)]


def test_a_name_of_the_other_alphabet_was_meant(slips: Searcher) -> None:
    found = slips.search("Pushkin")
    (name,) = [one for one in found.corrections if one.kind == "romanisation"]
    assert (name.replacement, name.action, name.told) == ("пушкин", "instead", True)
    assert name.confidence >= SURE_NAME
    offered = [one for one in found.corrections if one.action == "offered"]
    assert [(one.replacement, one.told) for one in offered] == [("pushing", False)]
    assert offered[0].confidence >= LIKELY, "it is not told because of the name alone"


def test_what_would_show_the_same_documents_is_not_offered(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        for number in range(3):
            writer.add(Document(f"both-{number}", "measles outbreak " * (number + 1)))
        writer.add(Document("other", "measles report"))
        writer.commit()
    with Searcher(tmp_path) as searcher:
        assert told(searcher.search("outbreak mesLes", 3)) == [("mesLes", "measles", False)]
        assert told(searcher.search("outbreak mesLes", 4)) == [("mesLes", "measles", True)]
        assert told(searcher.search("report mesLes")) == [("mesLes", "measles", True)]
        assert told(searcher.search("outbreak mesLes", 0)) == [("mesLes", "measles", True)]


# -- order and confidence


def correction(original: str, replacement: str, action: str, confidence: float, told: bool = True) -> Correction:
    return Correction(original, replacement, "romanisation", "", action, confidence, told)  # type: ignore[arg-type]


def test_what_matters_most_comes_first() -> None:
    given = [
        correction("a", "beside", "as well", 1.0),
        correction("b", "unsure", "instead", 0.6),
        correction("c", "offered", "offered", 0.9),
        correction("b", "sure", "instead", 0.8),
        correction("d", "less", "as well", 0.3, told=False),
    ]
    assert [one.replacement for one in in_order(given)] == ["sure", "unsure", "offered", "beside", "less"]
    assert in_order(given) == in_order(reversed(given))
    assert in_order([]) == ()


def test_words_that_differ_in_capitals_are_one() -> None:
    upper = correction("NATO", "НАТО", "as well", 1.0, told=False)
    assert in_order([upper, correction("NATO", "нато", "as well", 0.9)]) == (replace(upper, told=True),)
    assert len(in_order([upper, correction("Nato", "нато", "as well", 0.9)])) == 2


def test_of_a_word_that_was_replaced_something_is_told() -> None:
    unseen = [correction("b", word, "instead", share, told=False) for word, share in (("c", 0.6), ("d", 0.8))]
    assert [(one.replacement, one.told) for one in in_order(unseen)] == [("d", True), ("c", False)]
    assert [one.told for one in in_order(unseen[:1])] == [True]


def test_a_word_that_was_replaced_is_offered_likely_words_alone() -> None:
    replaced = correction("b", "x", "instead", 0.4)
    for share, is_told in ((LIKELY - 0.01, False), (LIKELY, True)):
        offered = correction("b", "y", "offered", share)
        assert [one.told for one in in_order([replaced, offered])] == [True, is_told]
        assert [one.told for one in in_order([offered])] == [True]


def test_confidence_in_a_spelling(collection: Collection) -> None:
    meant = Suggestion("word", 1.0, 50)
    assert spelling_confidence(collection, meant, []) == 1.0
    assert spelling_confidence(collection, meant, [Suggestion("ward", 1.0, 50)]) == pytest.approx(0.5)
    dearer = spelling_confidence(collection, meant, [Suggestion("ward", 2.0, 50)])
    assert dearer == pytest.approx(1 / (1 + 2.718281828**-LOG_SHARE_OF_TYPO)) and LOG_SHARE_OF_TYPO == 2.0
    assert 0.5 < spelling_confidence(collection, meant, [Suggestion("ward", 1.0, 5)]) < dearer
    three = [Suggestion("ward", 1.0, 50), Suggestion("wood", 1.0, 50)]
    assert spelling_confidence(collection, meant, three) == pytest.approx(1 / 3)


def test_confidence_by_kind(directory: Path, slips: Searcher) -> None:
    with Searcher(directory) as searcher:
        kinds = {one.kind: one.confidence for query in queries() for one in searcher.search(query).corrections}
        assert kinds["synonym"] == 1.0 and 0.0 < kinds["derivation"] < 1.0 and 0.0 < kinds["romanisation"] < 1.0
        (layout,) = searcher.search("dfrwbyf").corrections
        assert (layout.kind, layout.confidence) == ("layout", 1.0)
    (known,) = slips.search("vaccinaton").corrections
    (unknown,) = slips.search("vaccinetion").corrections
    assert known.confidence < unknown.confidence, "a word of the index may have been typed as it was meant"
