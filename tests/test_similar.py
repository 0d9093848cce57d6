"""Does the query made of a document find documents like it, with the weights that a plain loop gives its words?"""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import pytest

from indexes import build, documents
from naidi import Document, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection
from naidi.search.query.analysed import Combination, NoDocument, Term
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.document_words import PIECES, DocumentWord, document_words
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.like_documents import similar_query
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut

SPACE = """
    ракета спутник орбита космонавт станция запуск двигатель топливо экипаж полёт
"""
KITCHEN = """
    суп хлеб масло соль перец кастрюля нож рецепт тесто мука
"""
COMMON = """
    новый день человек время говорить большой
"""


def opened(directory: Path) -> Collection:
    return Collection(open_generation(directory))


def found_by(collection: Collection, query: Combination, limit: int = 20) -> list[str]:
    evaluation = Evaluation(collection, query, RankingParameters(), NoDocument())
    found = best_page(collection, evaluation, PageCut(limit, 0)).found
    return [collection.segments[number].doc_id(doc) for number, doc, _ in found]


def place_of(collection: Collection, doc_id: str) -> tuple[int, int]:
    return next(
        (number, doc) for number, segment in enumerate(collection.segments) if (doc := segment.doc_of_id(doc_id)) >= 0
    )


def texts(seed: int) -> list[Document]:
    choice = random.Random(seed)
    made = []
    for number in range(40):
        name, subject = choice.choice([("space", SPACE), ("kitchen", KITCHEN)])
        words = choice.choices(subject.split(), k=12) + choice.choices(COMMON.split(), k=12)
        choice.shuffle(words)
        made.append(Document(id=f"{name}{number}", title=" ".join(words[:3]), text=" ".join(words[3:])))
    return made


@pytest.mark.parametrize("seed", range(3))
def test_documents_of_the_same_subject_are_found_first(tmp_path: Path, seed: int) -> None:
    every = texts(seed)
    with Writer(tmp_path) as writer:
        for start in range(0, 40, 15):
            writer.add_many(every[start : start + 15])
            writer.commit()
    collection = opened(tmp_path)
    for each in every:
        subject = each.id.rstrip("0123456789")
        same = sum(other.id.startswith(subject) for other in every)
        ranking = found_by(collection, similar_query(collection, *place_of(collection, each.id)), same)
        assert each.id in ranking
        assert sum(doc_id.startswith(subject) for doc_id in ranking) > 0.9 * same


def plain_words(document: Document, every: list[Document]) -> dict[str, tuple[int, int]]:
    """key -> (how often in the document, documents that have it)."""
    counts = Counter(keys(form)[0] for text in (document.title, document.text) for form in forms(text))
    having = {
        each.id: {key for text in (each.title, each.text) for form in forms(text) for key in keys(form)}
        for each in every
    }
    return {key: (freq, sum(key in has for has in having.values())) for key, freq in counts.items()}


def test_words_and_weights_are_those_of_a_plain_loop(tmp_path: Path) -> None:
    every = texts(7)
    with Writer(tmp_path) as writer:
        writer.add_many(every[:25])
        writer.commit()
        writer.add_many(every[25:])
    collection = opened(tmp_path)
    for each in every:
        place = place_of(collection, each.id)
        expected = plain_words(each, every)
        words = document_words(collection, *place)
        assert {word.key: (word.freq, word.doc_freq) for word in words} == expected
        assert all(keys(word.form)[0] == word.key and word.form in forms(f"{each.title} {each.text}") for word in words)

        def weight(key: str, expected: dict[str, tuple[int, int]] = expected) -> float:
            freq, doc_freq = expected[key]
            return math.sqrt(freq) * math.log(1 + (len(every) - doc_freq + 0.5) / (doc_freq + 0.5))

        best = sorted((key for key in expected if expected[key][1] > 1), key=lambda key: (-weight(key), key))[:5]
        terms = [term for term in similar_query(collection, *place, terms=5).should if isinstance(term, Term)]
        assert [term.text for term in terms] == best
        assert [term.boost for term in terms] == [math.sqrt(expected[key][0]) for key in best]


def test_forms_of_a_word_count_together(tmp_path: Path) -> None:
    build(
        tmp_path,
        [Document(id="a", title="Вакцина", text="Вакцины, вакцины, вакциной. ВОЗ!"), *documents("вакцина воз", "ВОЗ")],
    )
    collection = opened(tmp_path)
    assert document_words(collection, *place_of(collection, "a")) == [
        DocumentWord("ВОЗ", "ВОЗ", 1, 2),
        DocumentWord("вакцина", "вакцины", 4, 2),
    ]


def test_a_document_without_words_in_common_finds_nothing(tmp_path: Path) -> None:
    build(tmp_path, documents("единственный", "", "другой"))
    collection = opened(tmp_path)
    for doc_id in "01":
        query = similar_query(collection, *place_of(collection, doc_id))
        assert query.should == (NoDocument(),)
        assert found_by(collection, query) == []


def test_so_many_words_at_most(tmp_path: Path) -> None:
    text = " ".join(f"word{number}" for number in range(100))
    build(tmp_path, documents(text, text))
    collection = opened(tmp_path)
    assert len(similar_query(collection, 0, 0).should) == 25
    assert len(similar_query(collection, 0, 0, terms=3).should) == 3


def test_of_a_book_all_parts_are_looked_at(tmp_path: Path) -> None:
    chapters = [f"chapter{number} " + "the common text of this book\n" * 600 for number in range(12)]
    build(tmp_path, documents("\n".join(chapters), "chapter1"))
    collection = opened(tmp_path)
    segment = collection.segments[0]
    doc = segment.doc_of_id("0")
    ends = segment.piece_ends(doc)
    assert ends is not None and len(ends) > PIECES, "or the test looks at nothing"
    words = {word.key for word in document_words(collection, 0, doc)}
    assert {"chapter0", "book"} <= words
    assert 3 <= sum(f"chapter{number}" in words for number in range(12)) < 12
    assert {word.key for word in document_words(collection, 0, doc, 9)} == {"chapter0"}


def test_words_of_a_query_without_order_are_no_neighbours(tmp_path: Path) -> None:
    build(tmp_path, documents("ракета спутник", "спутник и ракета", "ракета спутник орбита"))
    collection = opened(tmp_path)
    query, parameters = similar_query(collection, 0, 0), RankingParameters()
    assert Evaluation(collection, query, parameters).rescored
    assert not Evaluation(collection, query, parameters, NoDocument()).rescored
    assert Evaluation(collection, query, parameters, query).pairs == Evaluation(collection, query, parameters).pairs
