"""Does a query take over the words of its best documents, with the weights of a plain loop, and stay what was asked for?"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from indexes import build, documents
from naidi import Document
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection
from naidi.search.query.analysed import Alternative, AnalysedNode, Bridged, Combination, NearPhrase, NoDocument, Term
from naidi.search.query.nodes import DateRange
from naidi.search.query.parser import parse
from naidi.search.query.rewrite import Rewriter
from naidi.search.ranking import feedback
from naidi.search.ranking.bm25 import RankingParameters, idf
from naidi.search.ranking.document_words import DocumentWord, document_words
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.feedback import DOCUMENTS, TERMS, WEIGHT, expanded
from naidi.search.ranking.found_page import FoundDocument
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut

TEXTS = [
    "вакцина укол прививка врач",
    "вакцина укол прививка больница",
    "вакцина прививка больница врач",
    "прививка укол детям",
    "погода дождь снег",
    "погода ветер снег",
    "дети и погода",
]
PARAMETERS = RankingParameters()


def opened(directory: Path) -> Collection:
    return Collection(open_generation(directory))


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    build(tmp_path, documents(*TEXTS))
    return opened(tmp_path)


def analysed(collection: Collection, query: str) -> AnalysedNode:
    tree = parse(query).tree
    assert tree is not None
    return Rewriter(collection).rewrite(tree)


def best_of(collection: Collection, root: AnalysedNode) -> list[FoundDocument]:
    return best_page(collection, Evaluation(collection, root, PARAMETERS), PageCut(100, 0)).found


def with_feedback(collection: Collection, query: str) -> AnalysedNode:
    root = analysed(collection, query)
    return expanded(collection, root, best_of(collection, root))


def ids(collection: Collection, root: AnalysedNode) -> list[str]:
    page = best_page(collection, Evaluation(collection, root, PARAMETERS, NoDocument()), PageCut(100, 0))
    return [collection.segments[number].doc_id(doc) for number, doc, _ in page.found]


def boosts(root: AnalysedNode) -> dict[str, float]:
    """text -> boost of every term; each may be there once."""
    terms = [leaf for leaf, _ in root.terms() if isinstance(leaf, Term)]
    found = {term.text: term.boost for term in terms}
    assert len(found) == len(terms), "a word has two leaves"
    return found


def test_documents_without_the_word_are_found(collection: Collection) -> None:
    assert sorted(ids(collection, analysed(collection, "вакцина"))) == ["0", "1", "2"]
    found = ids(collection, with_feedback(collection, "вакцина"))
    assert sorted(found[:3]) == ["0", "1", "2"]
    assert found[3] == "3", "it has two of the words that documents about vaccines have"
    assert "4" not in found


def test_words_of_the_query_get_more_weight_and_no_second_leaf(collection: Collection) -> None:
    found = boosts(with_feedback(collection, "вакцины уколы"))
    assert found["вакцины"] > 1 and found["уколы"] > 1
    assert {"вакцина", "укол"}.isdisjoint(found)
    assert 0 < found["прививка"] <= WEIGHT


def test_a_boost_of_the_query_is_multiplied(collection: Collection) -> None:
    plain, heavier = boosts(with_feedback(collection, "вакцина")), boosts(with_feedback(collection, "вакцина^3"))
    assert heavier["вакцина"] == pytest.approx(3 * plain["вакцина"])


@pytest.mark.parametrize(
    "query",
    ["+вакцина +врач", "вакцина AND врач", '"вакцина укол"', "=вакцина", "вакц*", "body:вакцина", "вакцина -врач"],
)
def test_what_must_be_there_or_must_not_stays_so(collection: Collection, query: str) -> None:
    before = ids(collection, analysed(collection, query))
    root = with_feedback(collection, query)
    after = ids(collection, root)
    assert before and boosts(root)
    if "-" in query:
        excluded = [leaf.text for leaf, excluded in root.terms() if excluded and isinstance(leaf, Term)]
        assert excluded == ["врач"], "no word that is not wanted comes back"
        assert not set(after) & {"0", "2"}
    else:
        assert sorted(after) == sorted(before)
        assert len(list(root.terms())) > len(list(analysed(collection, query).terms()))


def test_filters_stay_around(tmp_path: Path) -> None:
    day = datetime.date(2021, 5, 29)
    dated = [Document(id=str(n), text=text, date=day if n % 2 else None) for n, text in enumerate(TEXTS)]
    build(tmp_path, dated)
    collection = opened(tmp_path)
    root = Combination(must=(analysed(collection, "вакцина"), DateRange(day, day)))
    found = ids(collection, expanded(collection, root, best_of(collection, root)))
    assert sorted(ids(collection, root)) == ["1"]
    assert sorted(found) == ["1", "3"]


@pytest.mark.parametrize("query", ["*", "lang:ru", "неведомое"])
def test_without_words_or_documents_nothing_changes(collection: Collection, query: str) -> None:
    root = analysed(collection, query)
    assert expanded(collection, root, best_of(collection, root)) is root


def test_what_comes_in_no_order_has_no_neighbours(collection: Collection) -> None:
    root = analysed(collection, "вакцина укол")
    more = expanded(collection, root, best_of(collection, root))
    pairs = Evaluation(collection, more, PARAMETERS, root).pairs
    assert [(left.text, right.text) for left, right in pairs] == [("вакцина", "укол")]


def test_what_else_may_be_meant_is_neither_raised_nor_added(collection: Collection) -> None:
    typed, meant = analysed(collection, "вакцина"), analysed(collection, "прививка")
    root = Bridged(typed, (Alternative(meant, "synonym", 0.5),))
    more = expanded(collection, root, best_of(collection, root))
    found = boosts(more)
    assert found["вакцина"] > 1 and found["прививка"] == 1
    assert isinstance(more, Combination) and isinstance(more.should[0], Bridged)
    assert sorted(ids(collection, more)[:4]) == ["0", "1", "2", "3"]


def test_compound_words_are_left_alone(tmp_path: Path) -> None:
    build(tmp_path, documents("real-gas flow", "real gas pressure", "gas flow pressure", "flow"))
    collection = opened(tmp_path)
    root = with_feedback(collection, "real-gas flow")
    phrases = [leaf for leaf, _ in root.terms() if isinstance(leaf, NearPhrase)]
    assert len(phrases) == 1
    assert {"real", "gas"}.isdisjoint(boosts(root))


def test_weights_are_those_of_a_plain_loop(collection: Collection) -> None:
    root = analysed(collection, "прививка")
    best = best_of(collection, root)
    order = [int(collection.segments[number].doc_id(doc)) for number, doc, _ in best][:DOCUMENTS]
    words = [[keys(form)[0] for form in forms(text)] for text in TEXTS]
    relevance: Counter[str] = Counter()
    for rank, number in enumerate(order, 1):
        for key, freq in Counter(words[number]).items():
            relevance[key] += freq / len(words[number]) / rank  # type: ignore[assignment]
    idf = {}
    for key in relevance:
        doc_freq = sum(key in own for own in words)
        idf[key] = math.log(1 + (len(TEXTS) - doc_freq + 0.5) / (doc_freq + 0.5))
        assert doc_freq > 1, "or the word would be left out"
    weights = {key: relevance[key] * idf[key] ** (1 - PARAMETERS.idf_power) for key in relevance}
    expected = {key: WEIGHT * weight / max(weights.values()) for key, weight in weights.items()}
    expected["прививка"] = 1 + expected["прививка"]
    assert boosts(expanded(collection, root, best)) == pytest.approx(expected)


def test_the_number_of_documents_and_words_is_bounded(tmp_path: Path) -> None:
    every = [f"query {' '.join(f'w{number}x{place}' for place in range(60))}" for number in range(15)]
    build(tmp_path, documents(*every, *every))
    collection = opened(tmp_path)
    root = analysed(collection, "query")
    more = boosts(expanded(collection, root, best_of(collection, root)))
    assert len(more) == TERMS + 1 or len(more) == TERMS
    best = [collection.segments[number].doc_id(doc) for number, doc, _ in best_of(collection, root)][:DOCUMENTS]
    assert {text.split("x")[0] for text in more if text != "query"} <= {f"w{int(each) % 15}" for each in best}


# -- only where it promises something

TEN = "вакцина укол прививка врач больница погода дождь ветер снег детям"


def found(*scores: float) -> list[FoundDocument]:
    return [FoundDocument(0, 0, score) for score in scores]


@pytest.mark.parametrize(
    ("query", "scores", "enough"),
    [
        (TEN, (25.0, 23.0, *[5.0] * 8), True),
        (TEN, (25.0, 23.01, *[5.0] * 8), False),  # two are nearly as good
        (TEN, (25.0, 23.0, *[5.0] * 7), False),  # fewer than ten
        (TEN.rpartition(" ")[0], (25.0, 23.0, *[5.0] * 8), False),  # nine words
        (TEN.rpartition(" ")[0] + " укол", (25.0, 23.0, *[5.0] * 8), False),  # one of them twice
        (TEN.replace(" детям", " -детям"), (25.0, 23.0, *[5.0] * 8), False),  # one of them excluded
        (f'"{TEN}"', (25.0, 23.0, *[5.0] * 8), False),  # words of a phrase describe nothing
    ],
)
@pytest.mark.parametrize(
    ("agreement", "covered", "promises"), [(0.08, 0.4, True), (0.079, 0.4, False), (0.08, 0.401, False)]
)
def test_a_careful_expansion_needs_a_description_that_documents_about_its_subject_lack(
    collection: Collection,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    scores: tuple[float, ...],
    enough: bool,
    agreement: float,
    covered: float,
    promises: bool,
) -> None:
    monkeypatch.setattr(feedback, "_agreement", lambda *_: agreement)
    monkeypatch.setattr(feedback, "_covered", lambda *_: covered)
    root = analysed(collection, query)
    more = expanded(collection, root, found(*scores), careful=True)
    assert (more is not root) == (enough and promises)
    assert expanded(collection, root, found(*scores)) is not root


def test_covered_are_the_words_of_the_first_document_by_their_idf(collection: Collection) -> None:
    read = [document_words(collection, 0, doc) for doc in range(4)]
    root = analysed(collection, "вакцины укол укол погода снег -врач")
    weights = [idf(7, freq) for freq in (3, 3, 0, 0)]  # none of these documents tells how many have погода and снег
    assert feedback._covered(root, read, 7) == pytest.approx(sum(weights[:2]) / sum(weights))
    assert feedback._covered(analysed(collection, '"вакцина укол"'), read, 7) == 1.0


def test_agreement_is_the_mean_cosine_of_all_pairs(collection: Collection) -> None:
    read = [document_words(collection, 0, doc) for doc in range(4)]

    def vector(words: list[DocumentWord]) -> dict[str, float]:
        return {word.key: (1 + math.log(word.freq)) * idf(collection.doc_count, word.doc_freq) for word in words}

    def cosine(left: dict[str, float], right: dict[str, float]) -> float:
        both = sum(weight * right.get(key, 0) for key, weight in left.items())
        return both / math.hypot(*left.values()) / math.hypot(*right.values())

    pairs = [cosine(vector(one), vector(other)) for one, other in combinations(read, 2)]
    agreement = feedback._agreement(read, collection.doc_count)
    assert agreement == pytest.approx(sum(pairs) / len(pairs)) and agreement > 0.1
    assert feedback._agreement(read[:1], collection.doc_count) == 0.0
    assert feedback._agreement([read[0], []], collection.doc_count) == 0.0
